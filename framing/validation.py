"""What is wrong with annotated documents: each problem with its file, line and document."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from framing.annotations import (
    AnnotatedDocument,
    Mark,
    annotation_files,
    find_texts,
    parse_line,
    text_hash,
)
from framing.pieces import Lexicon
from framing.schema import Schema
from framing.targets import marked_tokens
from framing.text import read
from framing.voice import listen

GENRES = ("news", "analysis", "opinion", "feature", "other")
NEEDED = ("genre", "license", "group")
"""Keys that the `meta` of every document has."""

KINDS = {
    "line": "a line or file that is no document",
    "label": "a label outside the schema",
    "offset": "a span outside the text",
    "white space": "a span that begins or ends with white space",
    "word": "a span that cuts a word",
    "overlap": "two spans of one label that overlap",
    "quotation": "a span that stands mostly inside direct quotation",
    "duplicate id": "an id that another document has",
    "duplicate text": "a text that another document has",
    "hash": "a text that does not match its sha256, or no SHA-256",
    "chars": "a text that does not match its number of characters",
    "text": "a stand-off text that was not found",
    "meta": "a key of meta that is missing or no string",
    "genre": "a genre that is none of the five",
    "group": "a group that stands in both splits",
}
"""Kinds of problem, and what each is."""
WARNINGS = frozenset({"quotation", "text"})
"""Kinds that may be right all the same; the others are errors."""

Finding = tuple[str, str]
"""Kind and message of a problem, before it is known whose."""

_SHA256 = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with one document.

    Attributes
    ----------
    where : str
        File and line, `file:line`; empty for a document that was read from no file.
    document : str
        Its id; empty where no document could be read.
    kind : str
        One of `KINDS`.
    message : str
        One line.
    """

    where: str
    document: str
    kind: str
    message: str

    @property
    def severity(self) -> str:
        """`warning` or `error`."""
        return "warning" if self.kind in WARNINGS else "error"

    def __str__(self) -> str:
        place = [_plain(part) for part in (self.where, self.document) if part]
        return ": ".join([*place, f"{self.severity}: {self.message} [{self.kind}]"])

    def to_dict(self) -> dict[str, str]:
        """Plain data."""
        return asdict(self) | {"severity": self.severity}


def validate(documents: Sequence[AnnotatedDocument], schema: Schema) -> list[Problem]:
    """Find what is wrong with documents.

    Parameters
    ----------
    documents : sequence of AnnotatedDocument
        Stand-off documents without text are checked as far as can be: not for edges
        of spans and not for quotation.
    schema : Schema

    Returns
    -------
    list of Problem
        In the order of the documents.
    """
    seen = _Seen()
    problems = []
    for document, quoted in zip(documents, _quoted(documents, schema), strict=True):
        findings = chain(
            _meta(document), seen.add(document), _text(document), _spans(document, schema), quoted
        )
        problems += _problems(document.where, document.id, findings)
    return problems


def validate_files(
    paths: Iterable[Path], texts: Path | None, schema: Schema
) -> tuple[list[Problem], int]:
    """Find what is wrong with annotation files; a broken line is a problem, not the end.

    Parameters
    ----------
    paths : iterable of Path
        Files or folders.
    texts : Path or None
        Folder in which stand-off texts are looked for by hash.
    schema : Schema

    Returns
    -------
    problems : list of Problem
        In the order of files and lines.
    n_documents : int
        Documents that could be read.

    Raises
    ------
    AnnotationError
        If a path does not exist or a folder holds no annotation file.
    """
    documents: list[AnnotatedDocument] = []
    problems: list[Problem] = []
    order: dict[str, int] = {}
    for path in annotation_files(paths):
        for where, line in _lines(path):
            order.setdefault(where, len(order))
            document, findings = (None, [line]) if isinstance(line, tuple) else _read(line, where)
            problems += _problems(where, document.id if document else "", findings)
            documents += [document] if document else []
    if texts:
        documents = _with_texts(documents, texts)
        for document in documents:
            if document.text is None:
                lost = ("text", f"no file in {texts} has its sha256 {document.sha256!r:.80}")
                problems += _problems(document.where, document.id, [lost])
    problems += validate(documents, schema)
    return sorted(problems, key=lambda problem: order[problem.where]), len(documents)


def _problems(where: str, document: str, findings: Iterable[Finding]) -> list[Problem]:
    return [Problem(where, document, kind, _plain(message)) for kind, message in findings]


def _plain(words: str) -> str:
    """One printable line."""
    return "".join(char if char.isprintable() else " " for char in words).strip()


# --- reading leniently --------------------------------------------------------------------


def _lines(path: Path) -> Iterator[tuple[str, str | Finding]]:
    """Place and text of each line that is not blank, or what keeps it from being read."""
    try:
        content = path.read_bytes()
    except OSError as error:
        yield str(path), ("line", f"cannot be read: {error.strerror or error}")
        return
    for number, line in enumerate(content.split(b"\n"), 1):
        where = f"{path}:{number}"
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError as error:
            yield where, ("line", f"no UTF-8: {error.reason} at byte {error.start} of the line")
            continue
        if text.strip():
            yield where, text


def _read(line: str, where: str) -> tuple[AnnotatedDocument | None, list[Finding]]:
    """Document of a line, without what is out of place in it, and what that is."""
    findings: list[Finding] = []
    try:
        line, findings = _set_aside(line)
        return parse_line(line, where), findings
    except (ValueError, RecursionError) as error:
        return None, [*findings, ("line", str(error).removeprefix(f"{where}: "))]


def _set_aside(line: str) -> tuple[str, list[Finding]]:
    """Take out of a line what would keep the rest of it from being checked."""
    try:
        data: Any = json.loads(line)
    except (ValueError, RecursionError):
        return line, []  # reading it as a document says what is wrong
    if not isinstance(data, dict):
        return line, []
    findings: list[Finding] = []
    text, length = data.get("text"), data.get("chars")
    if isinstance(text, str):
        if length not in (None, len(text)):
            findings.append(("chars", f"text has {len(text)} characters, not {length!r:.40}"))
            del data["chars"]
        if data.get("sha256") not in (None, text_hash(text)):
            findings.append(("hash", "text does not match its sha256"))
            del data["sha256"]
        length = len(text)
    spans = data.get("spans")
    if isinstance(spans, list) and type(length) is int:
        stray = [span for span in spans if _is_stray(span, length)]
        findings += [_outside(s["label"], s["start"], s["end"], length) for s in stray]
        data["spans"] = [span for span in spans if not _is_stray(span, length)]
    return (json.dumps(data) if findings else line), findings


def _is_stray(span: Any, length: int) -> bool:
    """Whether a span is well formed but outside the text."""
    if not isinstance(span, dict) or not isinstance(span.get("label"), str):
        return False
    start, end = span.get("start"), span.get("end")
    return type(start) is int and type(end) is int and not 0 <= start < end <= length


def _with_texts(documents: Sequence[AnnotatedDocument], texts: Path) -> list[AnnotatedDocument]:
    wanted = {document.sha256 for document in documents if document.text is None}
    found = dict(find_texts(texts, wanted)) if wanted else {}
    return [
        replace(document, text=found.get(document.sha256)) if document.text is None else document
        for document in documents
    ]


# --- one document -------------------------------------------------------------------------


def _meta(document: AnnotatedDocument) -> Iterator[Finding]:
    for key in NEEDED:
        value = document.meta.get(key)
        if value in (None, ""):
            yield "meta", f"meta has no {key}"
        elif not isinstance(value, str):
            yield "meta", f"{key} is no string: {value!r:.80}"
    genre = document.meta.get("genre")
    if isinstance(genre, str) and genre and genre not in GENRES:
        yield "genre", f"genre is {genre!r:.80}; choose one of {', '.join(GENRES)}"


def _text(document: AnnotatedDocument) -> Iterator[Finding]:
    """Compare the text, as far as there is one, with its hash and length."""
    if document.text is None:
        if not _SHA256.fullmatch(document.sha256):
            yield "hash", f"no SHA-256 in lower-case hexadecimal: {document.sha256!r:.80}"
        if document.chars < 0:
            yield "chars", f"chars is {document.chars}"
        return
    if text_hash(document.text) != document.sha256:
        yield "hash", "text does not match its sha256"
    if len(document.text) != document.chars:
        yield "chars", f"text has {len(document.text)} characters, not {document.chars}"


def _length(document: AnnotatedDocument) -> int:
    return document.chars if document.text is None else len(document.text)


def _spans(document: AnnotatedDocument, schema: Schema) -> Iterator[Finding]:
    length = _length(document)
    furthest: dict[str, Mark] = {}
    for mark in sorted(document.marks):
        if mark.label not in schema.names:
            yield (
                "label",
                f"{mark.label!r:.80} at {mark.start}-{mark.end} is no label of the schema",
            )
        if not 0 <= mark.start < mark.end <= length:
            yield _outside(mark.label, mark.start, mark.end, length)
            continue
        other = furthest.get(mark.label)
        if other and mark.start < other.end:
            yield "overlap", f"{_name(document, mark)} overlaps {_name(document, other)}"
        if other is None or mark.end > other.end:
            furthest[mark.label] = mark
        if document.text is not None:
            yield from _edges(document, document.text, mark)


def _edges(document: AnnotatedDocument, text: str, mark: Mark) -> Iterator[Finding]:
    """White space at the edges of a span, and words that they cut."""
    for edge, at, inside in (("begins", mark.start, mark.start), ("ends", mark.end, mark.end - 1)):
        if text[inside].isspace():
            yield "white space", f"{_name(document, mark)} {edge} with white space"
        elif 0 < at < len(text) and in_word(text[at - 1]) and in_word(text[at]):
            around = text[max(0, at - 10) : at] + "|" + text[at : at + 10]
            yield "word", f"{_name(document, mark)} {edge} inside a word: {around!r}"


def in_word(char: str) -> bool:
    """Letters, digits and combining marks."""
    return char.isalnum() or unicodedata.category(char).startswith("M")


def _outside(label: str, start: int, end: int, length: int) -> Finding:
    place = f"{label!r:.80} at {start}-{end}"
    return "offset", f"{place} is outside the text of {length} characters, or empty"


def _name(document: AnnotatedDocument, mark: Mark) -> str:
    """Label, offsets and words of a span."""
    name = f"{_plain(mark.label)} at {mark.start}-{mark.end}"
    if document.text is None:
        return name
    words = document.text[mark.start : mark.end]
    return f"{name} {words if len(words) <= 40 else words[:39] + '…'!r}"


# --- many documents -----------------------------------------------------------------------


def share_in_quotation(documents: Sequence[AnnotatedDocument], schema: Schema) -> float:
    """Share of the spans that stand in quotation, where nothing is learnt or reported: 0 to 1."""
    total = sum(len(document.marks) for document in documents)
    return sum(map(len, _quoted(documents, schema))) / max(total, 1)


def _quoted(documents: Sequence[AnnotatedDocument], schema: Schema) -> list[list[Finding]]:
    """Of each document, the spans with more than half of their tokens inside quotation."""
    batch = read([document.text or "" for document in documents], Lexicon())
    quoted = np.concatenate(([0], np.cumsum(listen(batch).quoted)))
    free = [own.quotation or own.speech or own.unit == "insert" for own in schema.labels]
    bound = [name for name, anywhere in zip(schema.names, free, strict=True) if not anywhere]
    marks = [[m for m in d.marks if m.label in bound and _has_words(d, m)] for d in documents]
    readable = [replace(d, marks=tuple(own)) for d, own in zip(documents, marks, strict=True)]
    rows = iter(marked_tokens(batch, readable, schema).tolist())
    found: list[list[Finding]] = []
    for document in readable:
        found.append([])
        for mark in document.marks:
            _, start, end = next(rows)
            if 2 * (quoted[end] - quoted[start]) > end - start:
                message = f"{_name(document, mark)} stands inside direct quotation"
                found[-1].append(("quotation", message))
    return found


def _has_words(document: AnnotatedDocument, mark: Mark) -> bool:
    """Whether a span is inside a text that is there, and holds more than white space."""
    inside = document.text is not None and 0 <= mark.start < mark.end <= len(document.text)
    return inside and not str(document.text)[mark.start : mark.end].isspace()


class _Seen:
    """Ids, texts and splits of the documents so far."""

    def __init__(self) -> None:
        self.ids: dict[str, str] = {}
        self.texts: dict[str, str] = {}
        self.splits: dict[str, tuple[str, str]] = {}
        self.torn: set[str] = set()

    def add(self, document: AnnotatedDocument) -> Iterator[Finding]:
        """Find what a document shares with an earlier one, and should not."""
        place = document.where or document.id
        if document.id in self.ids:
            yield "duplicate id", f"{self.ids[document.id]} has this id too"
        self.ids.setdefault(document.id, place)
        digest = document.sha256 if document.text is None else text_hash(document.text)
        if digest in self.texts:
            yield "duplicate text", f"{self.texts[digest]} has this text too"
        self.texts.setdefault(digest, place)
        group = document.group
        split, first = self.splits.setdefault(group, (document.split, place))
        if split != document.split and group not in self.torn:
            self.torn.add(group)
            yield "group", f"group {group!r} is in {document.split} here, in {split} at {first}"
