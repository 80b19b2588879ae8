"""Parquet, one row a document: for pandas, Polars, DuckDB, Spark."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from framing.output import DEFAULTS, ModelInfo, Options
from framing.output.characters import valid
from framing.output.jsonl import text_sha256
from framing.output.stream import unfinished
from framing.schema import Label

if TYPE_CHECKING:
    from framing.explain import Explanation
    from framing.prediction import Prediction

ROWS = 1024
"""Documents in a row group, at most."""
SPANS = 1 << 16
"""Spans in a row group, about."""


class ParquetWriter:
    """A file written beside its place in row groups, and renamed into it at the end.

    Parameters
    ----------
    path : Path
        Of the file; what stands there is replaced when all is written.
    labels : sequence of Label
    model : ModelInfo
        Kept in the file's metadata, with the unit of the offsets.
    options : Options
    """

    def __init__(
        self, path: Path, labels: Sequence[Label], model: ModelInfo, options: Options = DEFAULTS
    ) -> None:
        self.path = Path(path).resolve()
        self.names = [label.name for label in labels]
        self.model = model
        self.options = options
        self._part = unfinished(self.path)
        self._writer: Any = None
        self._rows: list[dict[str, Any]] = []
        self._spans = 0

    def begin(self) -> None:
        """Open the file."""
        from pyarrow.parquet import ParquetWriter as Parquet

        self._writer = Parquet(self._part, self._schema(), compression="zstd")

    def add(
        self,
        path: str,
        text: str,
        prediction: Prediction,
        explanations: Sequence[Explanation] | None = None,
    ) -> None:
        """Write one row; lone surrogates are U+FFFD."""
        plain = prediction.to_dict()
        profile = plain["profile"]
        rates = {f"rate_{name}": profile["rates"].get(name, 0.0) for name in self.names}
        self._rows.append(
            {
                "path": valid(path),
                "sha256": text_sha256(text),
                "spans": [span | {"text": valid(span["text"])} for span in plain["spans"]],
                "words": profile["words"],
                "sentences": profile["sentences"],
                **rates,
            }
        )
        self._spans += len(prediction)
        if len(self._rows) >= ROWS or self._spans >= SPANS:
            self._flush()

    def end(self) -> None:
        """Write the last rows and put the file in its place."""
        if self._rows:
            self._flush()
        self._writer.close()
        self._part.replace(self.path)

    def abort(self) -> None:
        """Take the unfinished file away."""
        if self._writer is not None:
            self._writer.close()
        self._part.unlink(missing_ok=True)

    def _flush(self) -> None:
        from pyarrow import Table

        self._writer.write_table(Table.from_pylist(self._rows, schema=self._schema()))
        self._rows, self._spans = [], 0

    def _schema(self) -> Any:
        import pyarrow as pa

        span = pa.struct(
            {
                "start": pa.int64(),
                "end": pa.int64(),
                "label": pa.string(),
                "score": pa.float64(),
                "text": pa.string(),
                "quoted": pa.bool_(),
            }
        )
        fields: dict[str, Any] = {
            "path": pa.string(),
            "sha256": pa.string(),
            "spans": pa.list_(span),
            "words": pa.int64(),
            "sentences": pa.int64(),
            **{f"rate_{name}": pa.float64() for name in self.names},
        }
        known = {f"framing.model.{key}": str(value) for key, value in self.model.items()}
        return pa.schema(fields, metadata=known | {"framing.offset_unit": "code_point"})
