"""Labelled sets of others as annotated documents with a schema of their own.

An adapter turns the rows of one file into documents, marks and folds; the training
itself does not know which set it works on.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from framing.annotations import AnnotatedDocument, Mark, text_hash
from framing.errors import AnnotationError
from framing.pieces import Lexicon
from framing.schema import Label, Schema
from framing.text import Ints, read

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """A piece of a document that a set says yes or no of: code points [start, end)."""

    document: int
    start: int
    end: int
    truth: bool


@dataclass(frozen=True, slots=True, eq=False)
class Benchmark:
    """A labelled set.

    Attributes
    ----------
    name : str
    schema : Schema
        The label that rows are measured by comes first; spans are measured all together.
    documents : tuple of AnnotatedDocument
    rows : tuple of Row
        What is judged; empty where the spans themselves are.
    measure : str
        `macro-F1` or `F1` of rows, or `span F1`.
    digest : str
        SHA-256 of the file.
    given : array of int64, shape (n_documents,), optional
        Folds that the set's own protocol names.
    groups : str
        What its folds keep together.
    """

    name: str
    schema: Schema
    documents: tuple[AnnotatedDocument, ...]
    rows: tuple[Row, ...]
    measure: str
    digest: str
    given: Ints | None = None
    groups: str = "article"


@dataclass(frozen=True, slots=True)
class _Made:
    """What an adapter makes of the records of a file."""

    documents: list[AnnotatedDocument]
    rows: list[Row]
    given: Ints | None = None


# --- from records to documents ------------------------------------------------------------


def _document(identity: str, text: str, marks: Iterable[Mark], group: object) -> AnnotatedDocument:
    meta = {"group": str(group)}
    return AnnotatedDocument(
        identity, text, tuple(sorted(marks)), meta, text_hash(text), len(text), identity
    )


def _alone(records: Sequence[Record], label: str, group: Callable[[Record], object]) -> _Made:
    """Each record a document of its own, marked from end to end where its label is 1."""
    documents: list[AnnotatedDocument] = []
    rows: list[Row] = []
    for record in records:
        text = record["text"]
        marks = [Mark(0, len(text), label)] if record["label"] else []
        rows.append(Row(len(documents), 0, len(text), bool(record["label"])))
        documents.append(_document(record["id"], text, marks, group(record)))
    return _Made(documents, rows)


def _pages(records: Sequence[Record], label: str, order: Callable[[Record], int]) -> _Made:
    """The records of one `doc` as one document, a line each, in order."""
    pages: dict[str, list[Record]] = {}
    for record in records:
        pages.setdefault(record["doc"], []).append(record)
    documents: list[AnnotatedDocument] = []
    rows: list[Row] = []
    for name, page in pages.items():
        lines, marks, reached = [], [], 0
        for record in sorted(page, key=order):
            end = reached + len(record["text"])
            if record["label"]:
                marks.append(Mark(reached, end, label))
            rows.append(Row(len(documents), reached, end, bool(record["label"])))
            lines.append(record["text"])
            reached = end + 1
        documents.append(_document(name, "\n".join(lines), marks, name))
    return _Made(documents, rows)


def _number(record: Record) -> int:
    """The number that a record's id ends with: its place in the set."""
    return int(str(record["id"]).rsplit("-", 1)[1])


def _babe(records: Sequence[Record]) -> _Made:
    made = _alone(records, "biased", lambda record: record["url"] or record["id"])
    documents = []
    for record, document in zip(records, made.documents, strict=True):
        words = [Mark(span["start"], span["end"], "biased_word") for span in record["spans"]]
        marks = [*document.marks, *words]
        documents.append(_document(document.id, record["text"], marks, document.group))
    return _Made(documents, made.rows, np.array([record["fold"] for record in records], np.int64))


def _checkthat(records: Sequence[Record]) -> _Made:
    return _alone(records, "subjective", lambda record: record["text"])


def _weasel(records: Sequence[Record]) -> _Made:
    return _alone(records, "uncertain", lambda record: record["text"])


def _nsdc(records: Sequence[Record]) -> _Made:
    clear = [record for record in records if record["label"] is not None]
    return _pages(clear, "subjective", _number)


def _promo_blocks(records: Sequence[Record]) -> _Made:
    return _pages(records, "no_part", lambda record: int(record["pos"]))


def joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans that overlap or touch, made one."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found


_WORDS = {"Loaded_Language", "Name_Calling,Labeling", "Repetition", "Slogans", "Flag-Waving"}
"""Techniques that are a matter of single words; the others take a clause."""


def _ptc(records: Sequence[Record]) -> _Made:
    """Techniques by their unit; it is measured whether a span of any is there."""
    documents = []
    for record in records:
        marks = []
        for name in ("words", "move"):
            spans = joined(
                (span["start"], span["end"])
                for span in record["spans"]
                if (span["label"] in _WORDS) == (name == "words")
            )
            marks += [Mark(start, end, name) for start, end in spans]
        documents.append(_document(record["id"], record["text"], marks, record["id"]))
    return _Made(documents, [])


def _polnear(records: Sequence[Record]) -> _Made:
    """Sentences that hold a part of an attribution; sources and cues teach them."""
    documents: list[AnnotatedDocument] = []
    rows: list[Row] = []
    for record in records:
        text, spans = record["text"], record["spans"]
        parts = joined((span["start"], span["end"]) for span in spans if span["label"] in _PARTS)
        marks = [
            Mark(start, end, name)
            for name in ("source", "cue")
            for start, end in joined((s["start"], s["end"]) for s in spans if s["label"] == name)
        ]
        batch = read([text], Lexicon())
        for first, stop in zip(batch.sentence_start[:-1], batch.sentence_start[1:], strict=True):
            start, end = int(batch.start[first]), int(batch.end[stop - 1])
            truth = any(begin < end and start < finish for begin, finish in parts)
            rows.append(Row(len(documents), start, end, truth))
            marks += [Mark(start, end, "attributed")] * truth
        documents.append(_document(record["id"], text, marks, record["id"]))
    return _Made(documents, rows)


_PARTS = ("source", "cue", "content")


# --- the sets -----------------------------------------------------------------------------


def _schema(*, speech: bool = False, **units: str) -> Schema:
    return Schema(
        tuple(
            Label(name, name.replace("_", " "), unit, speech=speech) for name, unit in units.items()
        )
    )


@dataclass(frozen=True, slots=True)
class _Adapter:
    make: Callable[[Sequence[Record]], _Made]
    schema: Schema
    measure: str
    groups: str = "article"


ADAPTERS = {
    "babe": _Adapter(_babe, _schema(biased="clause", biased_word="phrase"), "macro-F1"),
    "ptc": _Adapter(_ptc, _schema(words="phrase", move="clause", speech=True), "span F1"),
    "nsdc": _Adapter(_nsdc, _schema(subjective="clause", speech=True), "macro-F1"),
    "checkthat": _Adapter(_checkthat, _schema(subjective="clause"), "macro-F1", groups="text"),
    "weasel": _Adapter(_weasel, _schema(uncertain="clause", speech=True), "F1", groups="text"),
    "promo_blocks": _Adapter(_promo_blocks, _schema(no_part="insert"), "F1", groups="page"),
    "polnear": _Adapter(
        _polnear,
        _schema(attributed="clause", source="phrase", cue="phrase", speech=True),
        "macro-F1",
    ),
}
"""Adapter of each set. PTC marks techniques in speech, NSDC calls quoted opinions subjective,
and sentences of an encyclopaedia and attributions are meant whoever speaks."""


def read_records(path: Path) -> list[Record]:
    """Records of a JSON Lines file.

    Raises
    ------
    AnnotationError
        If a line is no JSON object; names file and line.
    """
    records = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            record = json.loads(line)
        except ValueError as error:
            raise AnnotationError(f"{path}:{number}: no JSON: {error}") from error
        if not isinstance(record, dict):
            raise AnnotationError(f"{path}:{number}: no JSON object")
        records.append(record)
    return records


def read_set(name: str, folder: Path) -> Benchmark:
    """Read one set from its file in the folder.

    Raises
    ------
    AnnotationError
        If the file is broken or a record lacks what the set has; names the file.
    """
    adapter, path = ADAPTERS[name], folder / f"{name}.jsonl"
    records = read_records(path)
    try:
        made = adapter.make(records)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise AnnotationError(f"{path}: not in the format of {name}: {error!r}") from error
    return Benchmark(
        name, adapter.schema, tuple(made.documents), tuple(made.rows), adapter.measure,
        hashlib.sha256(path.read_bytes()).hexdigest(), made.given, adapter.groups,
    )  # fmt: skip
