"""Scoring Arrow tables, and so the tables of every engine that speaks Arrow.

A `Scorer` is what engines are given: it holds no model, only its name and hash, so that it
is quickly sent to a worker, which loads the model when the first batch comes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from framing.errors import InputError, ModelError
from framing.predictor import DEFAULT, Framing
from framing.storage import SHIPPED, find_model

SPANS = "spans"
RATE = "rate_"
ROWS = 1024
"""Texts in a batch that a table is scored by."""
_WANTED = "a pyarrow table, record batch or stream of these is wanted here, not {}"


# --- what is called -----------------------------------------------------------------------


def score_table(
    table: pa.Table,
    text: str = "text",
    *,
    model: str | Path = DEFAULT,
    include_quoted: bool = False,
) -> pa.Table:
    """Score the texts of a table.

    Parameters
    ----------
    table : pyarrow.Table
    text : str
        The column with the texts.
    model : str or Path
        As for `Framing`.
    include_quoted : bool
        As for `Framing`.

    Returns
    -------
    pyarrow.Table
        The same rows with the columns that `schema` adds.

    Raises
    ------
    InputError
        If there is no such column, it holds no strings, or columns have names that are
        added.
    ModelError
        If the model cannot be loaded.
    """
    return Scorer(model, text, include_quoted=include_quoted)(table)


def score_batches(
    batches: Iterable[pa.RecordBatch],
    text: str = "text",
    *,
    model: str | Path = DEFAULT,
    include_quoted: bool = False,
) -> Iterator[pa.RecordBatch]:
    """Score a stream of record batches, one at a time: what Spark's `mapInArrow` takes.

    Parameters and errors are those of `score_table`.

    Yields
    ------
    pyarrow.RecordBatch
        One for each that came, with the columns that `schema` adds.
    """
    return Scorer(model, text, include_quoted=include_quoted)(batches)


def schema(
    given: pa.Schema,
    text: str = "text",
    *,
    model: str | Path = DEFAULT,
    include_quoted: bool = False,
) -> pa.Schema:
    """What a scored table looks like: the given columns and those of the result.

    Parameters
    ----------
    given : pyarrow.Schema
        Of the table with the texts; the other parameters are those of `score_table`.

    Returns
    -------
    pyarrow.Schema
        The given columns, then `spans`, a list of structs of `start`, `end`, `label` and
        `score`, and `rate_<device>` for each device of the model. With `include_quoted`
        the structs have `quoted` as well. The metadata names the model.

    Raises
    ------
    InputError, ModelError
        As `score_table`.
    """
    return Scorer(model, text, include_quoted=include_quoted).schema(given)


@dataclass(frozen=True)
class Scorer:
    """A function that engines can send to their workers: scores tables and batches.

    Called with a `pyarrow.Table` or `RecordBatch` it gives back the same; called with an
    iterable of record batches, an iterator. It pickles to a few hundred bytes. Each worker
    loads the model once, when its first batch comes.

    Attributes
    ----------
    model : str
        `"boosted"` (the default), `"linear"`, or the path of a model, which is made
        absolute: workers must find the same file there.
    text : str
        The column with the texts.
    include_quoted : bool
        Also report devices inside direct quotation, each with `quoted` set.
    sha256 : str
        Of the model's file when the scorer was made. A worker that finds another file
        refuses to work, and a cache that goes by the pickled function notices new models.

    Raises
    ------
    ModelError
        If there is no such model.
    """

    model: str | Path = DEFAULT
    text: str = "text"
    include_quoted: bool = field(default=False, kw_only=True)
    sha256: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        path = find_model(self.model)
        name = str(self.model) if self.model in SHIPPED else str(path.resolve())
        object.__setattr__(self, "model", name)
        object.__setattr__(self, "sha256", _digest(path))

    def __call__(self, data: Any) -> Any:
        """Score a table, a record batch, or a stream of record batches.

        Raises
        ------
        InputError
            As `score_table`; says the row of a text that is not UTF-8.
        ModelError
            If the model cannot be loaded, or is not the one that the scorer was made for.
        """
        if isinstance(data, pa.Table):
            wanted = self.schema(data.schema)
            if not data.num_rows:
                return wanted.empty_table()
            return pa.Table.from_batches(self._each(data.to_batches(ROWS)), wanted)
        if isinstance(data, pa.RecordBatch):
            return next(self._each([data]))
        if not isinstance(data, Iterable):
            raise InputError(_WANTED.format(type(data).__name__))
        return self._each(data)

    def schema(self, given: pa.Schema) -> pa.Schema:
        """What a scored table looks like; see `framing.arrow.schema`."""
        _check_text(given, self.text)
        framing = self._framing()
        added = [pa.field(SPANS, pa.list_(_span_type(quoted=self.include_quoted)))]
        added += [pa.field(RATE + name, pa.float64()) for name in framing.labels]
        taken = [each.name for each in added if each.name in given.names]
        if taken:
            raise InputError(f"the table has a column {taken[0]!r} already; rename or drop it")
        return pa.schema([*given, *added], (given.metadata or {}) | _metadata(framing, self.sha256))

    def _framing(self) -> Framing:
        return _load(self.model, self.sha256, include_quoted=self.include_quoted)

    def _each(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        first = 0
        for batch in batches:
            if not isinstance(batch, pa.RecordBatch):
                raise InputError(_WANTED.format(type(batch).__name__))
            wanted = self.schema(batch.schema)
            column = batch.column(batch.schema.get_field_index(self.text))
            texts = _texts(column, self.text, first)
            added = _added(self._framing(), texts, wanted.field(SPANS).type.value_type)
            yield pa.RecordBatch.from_arrays([*batch.columns, *added], schema=wanted)
            first += batch.num_rows


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror or error}") from error


@lru_cache(maxsize=4)
def _load(model: str, sha256: str, *, include_quoted: bool) -> Framing:
    """The model, once in a process; the last few are kept."""
    framing = Framing(model, include_quoted=include_quoted)
    if framing.model.meta["sha256"] != sha256:
        raise ModelError(f"{model}: not the file that the scorer was made for; make a new scorer")
    return framing


# --- columns in ---------------------------------------------------------------------------


def _check_text(given: pa.Schema, name: str) -> None:
    found = [each.type for each in given if each.name == name]
    if len(found) != 1:
        there = ", ".join(given.names) or "none"
        reason = f"{len(found)} columns {name!r}" if found else f"no column {name!r}"
        raise InputError(f"{reason}; the columns are: {there}")
    kind = found[0]
    if pa.types.is_dictionary(kind) or pa.types.is_run_end_encoded(kind):
        kind = kind.value_type
    tests = (
        pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view, pa.types.is_null,
    )  # fmt: skip
    if not any(test(kind) for test in tests):
        raise InputError(f"column {name!r} is {found[0]}, not string")


def _texts(column: pa.Array, name: str, first: int) -> Iterator[str | None]:
    """Texts of a column one by one; None where there is none."""
    for row, value in enumerate(column, first):
        try:
            yield value.as_py()
        except UnicodeDecodeError as error:
            raise InputError(f"column {name!r}, row {row}: not UTF-8 ({error.reason})") from error


# --- columns out --------------------------------------------------------------------------


def _span_type(*, quoted: bool) -> pa.DataType:
    fields = {"start": pa.int64(), "end": pa.int64(), "label": pa.string(), "score": pa.float64()}
    return pa.struct(fields | ({"quoted": pa.bool_()} if quoted else {}))


def _metadata(framing: Framing, sha256: str) -> dict[bytes, bytes]:
    from framing import __version__

    kept = {"model.name": framing.model.kind, "model.sha256": sha256, "model.version": __version__,
            "offset_unit": "code_point"}  # fmt: skip
    return {f"framing.{key}".encode(): value.encode() for key, value in kept.items()}


def _added(
    framing: Framing, texts: Iterator[str | None], span_type: pa.StructType
) -> list[pa.Array]:
    """Spans and rates of the texts, column by column: `schema` says which."""
    missing: list[bool] = []
    counts: list[int] = []
    rates: list[float] = []
    values: dict[str, list[Any]] = {each.name: [] for each in span_type}
    for prediction in framing.predict_many(_present(texts, missing)):
        counts.append(len(prediction))
        rates += prediction.profile.rates.values()
        for name, column in values.items():
            column += [getattr(span, name) for span in prediction]
    absent = np.array(missing, bool)
    return [_lists(values, counts, absent, span_type), *_rates(rates, absent, len(framing.labels))]


def _present(texts: Iterator[str | None], missing: list[bool]) -> Iterator[str]:
    """The texts that there are; notes for every row whether there is none."""
    for text in texts:
        missing.append(text is None)
        if text is not None:
            yield text


def _lists(
    values: dict[str, list[Any]], counts: list[int], absent: NDArray[np.bool_], kind: pa.StructType
) -> pa.ListArray:
    """Spans of every row: flat columns, and the offsets at which each row's begin."""
    lengths = np.zeros(len(absent), np.int32)
    lengths[~absent] = counts
    offsets = np.concatenate(([0], np.cumsum(lengths))).astype(np.int32)
    columns = [pa.array(values[each.name], each.type) for each in kind]
    structs = pa.StructArray.from_arrays(columns, fields=list(kind))
    return pa.ListArray.from_arrays(offsets, structs)


def _rates(rates: list[float], absent: NDArray[np.bool_], n_labels: int) -> Iterator[pa.Array]:
    """One column a device, null where there is no text."""
    every = np.zeros((len(absent), n_labels))
    every[~absent] = np.reshape(rates, (-1, n_labels))
    for column in every.T:
        yield pa.array(column, mask=absent)
