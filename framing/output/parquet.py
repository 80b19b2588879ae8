"""Parquet, one row a document: for pandas, Polars, DuckDB, Spark.

A Parquet file cannot be read before its last byte is written. So rows are first written as
an Arrow stream, which can be read and continued wherever it was cut off between two record
batches, and turned into Parquet at the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from framing.output import DEFAULTS, ModelInfo, Options
from framing.output.characters import valid
from framing.output.jsonl import text_sha256
from framing.output.stream import Sink
from framing.schema import Label

if TYPE_CHECKING:
    from framing.explain import Explanation
    from framing.prediction import Prediction, Profile, Span

    Row = tuple[str, str, tuple[Span, ...], Profile]

ROWS = 1024
"""Documents in a row group, about."""
SPANS = 1 << 16
"""Spans in a row group, about."""


class ParquetWriter:
    """Rows as an Arrow stream; `to_parquet` makes Parquet of it.

    Parameters
    ----------
    stream : Sink
    labels : sequence of Label
    model : ModelInfo
        Kept in the file's metadata, with the unit of the offsets.
    options : Options
    """

    def __init__(
        self, stream: Sink, labels: Sequence[Label], model: ModelInfo, options: Options = DEFAULTS
    ) -> None:
        self.stream = stream
        self.names = [label.name for label in labels]
        self.model = model
        self.options = options

    def begin(self) -> None:
        """Write the schema."""
        self.stream.write(self._schema().serialize().to_pybytes())

    def render(
        self,
        path: str,
        text: str,
        prediction: Prediction,
        explanations: Sequence[Explanation] | None = None,
    ) -> Row:
        """What its row holds."""
        return valid(path), text_sha256(text), prediction.spans, prediction.profile

    def pack(self, rendered: Iterable[Row]) -> bytes:
        """A record batch of rows; lone surrogates are U+FFFD."""
        import pyarrow as pa

        rows = list(rendered)
        if not rows:
            return b""
        schema = self._schema()
        paths, digests, spans_of, profiles = zip(*rows, strict=True)
        spans = list(chain.from_iterable(spans_of))
        struct = schema.field("spans").type.value_type
        columns = [pa.array(_column(spans, each.name), each.type) for each in struct]
        edges = [0, *accumulate(map(len, spans_of))]
        lists = pa.ListArray.from_arrays(
            pa.array(edges, pa.int32()),
            pa.StructArray.from_arrays(columns, fields=list(struct)),
            type=schema.field("spans").type,
        )
        counts = [[each.words for each in profiles], [each.sentences for each in profiles]]
        rates = [[each.rates.get(name, 0.0) for each in profiles] for name in self.names]
        batch = pa.record_batch([paths, digests, lists, *counts, *rates], schema=schema)
        packed: bytes = batch.serialize().to_pybytes()
        return packed

    def put(self, packed: bytes) -> None:
        """Write a record batch."""
        self.stream.write(packed)

    def end(self) -> None:
        """Nothing comes after the last row."""

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


def _column(spans: Sequence[Span], name: str) -> list[Any]:
    if name == "text":
        return [valid(span.text) for span in spans]
    return [getattr(span, name) for span in spans]


def to_parquet(stream: Path, place: Path) -> Path:
    """Turn an Arrow stream into a Parquet file beside its place, a row group at a time."""
    from pyarrow import Table, ipc
    from pyarrow.parquet import ParquetWriter as Parquet

    made = place.with_name(f"{place.name}.merging")
    try:
        with (
            stream.open("rb") as source,
            ipc.open_stream(source) as batches,
            Parquet(made, batches.schema, compression="zstd") as parquet,
        ):
            for group in _groups(batches):
                parquet.write_table(Table.from_batches(group), row_group_size=1 << 30)
    except BaseException:
        made.unlink(missing_ok=True)
        raise
    return made


def _groups(batches: Iterable[Any]) -> Iterator[list[Any]]:
    """Record batches, as many as make a row group."""
    group: list[Any] = []
    rows = spans = 0
    for batch in batches:
        group.append(batch)
        rows += batch.num_rows
        spans += len(batch.column("spans").values)
        if rows >= ROWS or spans >= SPANS:
            yield group
            group, rows, spans = [], 0, 0
    if group:
        yield group
