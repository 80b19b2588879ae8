"""Annotated documents: read, write, validate, and find stand-off texts by their hash."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from framing.errors import AnnotationError
from framing.schema import Schema, read_schema

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict

SCHEMA_FILE = "schema.toml"
MOST_CHARS = 2**31 - 1
"""Characters that a text may claim to have."""


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """One annotated span: code points [start, end) of the text, and its label."""

    start: int
    end: int
    label: str
    annotator: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class AnnotatedDocument:
    """A document and its marks.

    Attributes
    ----------
    id : str
    text : str or None
        None where the text is kept elsewhere and was not found.
    marks : tuple of Mark
        In text order.
    meta : dict
        `genre`, `license`, `group`, and what else is known.
    sha256 : str
        Of the UTF-8 text.
    chars : int
        Code points of the text.
    where : str
        File and line that it was read from.
    """

    id: str
    text: str | None
    marks: tuple[Mark, ...]
    meta: dict[str, Any]
    sha256: str
    chars: int
    where: str = ""

    @property
    def group(self) -> str:
        """What must stay in one fold with it; its own id where nothing is said."""
        return str(self.meta.get("group") or self.id)

    @property
    def split(self) -> str:
        """`test` or `train`."""
        return str(self.meta.get("split") or "train")

    def to_dict(self, *, text: bool = True) -> dict[str, Any]:
        """One line of an annotation file; without text it is stand-off."""
        spans = []
        for mark in self.marks:
            span: dict[str, Any] = {"start": mark.start, "end": mark.end, "label": mark.label}
            if mark.annotator:
                span["annotator"] = mark.annotator
            spans.append(span)
        body: dict[str, Any] = {"id": self.id}
        if text and self.text is not None:
            body["text"] = self.text
        else:
            body |= {"sha256": self.sha256, "chars": self.chars}
        return body | {"spans": spans, "meta": self.meta}


def text_hash(text: str) -> str:
    """SHA-256 of the UTF-8 text, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


# --- reading ------------------------------------------------------------------------------


def annotation_files(paths: Iterable[Path]) -> list[Path]:
    """Annotation files named by paths; of a folder, every `.jsonl` but the agreement passes.

    Raises
    ------
    AnnotationError
        If a path does not exist or a folder holds no file.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(path.rglob("*.jsonl"))
            inside = [file for file in inside if "agreement" not in file.relative_to(path).parts]
            if not inside:
                raise AnnotationError(f"{path}: no .jsonl file in this folder")
            found += inside
        elif path.exists():
            found.append(path)
        else:
            raise AnnotationError(f"{path}: no such file or folder")
    return found


def find_schema(paths: Sequence[Path]) -> Schema:
    """Schema beside the annotation files or in a folder above, else the ten devices.

    Raises
    ------
    AnnotationError
        If the schema file is broken.
    """
    for path in paths:
        start = path if path.is_dir() else path.parent
        for folder in (start, *list(start.resolve().parents)[:2]):
            if (folder / SCHEMA_FILE).is_file():
                return read_schema(folder / SCHEMA_FILE)
    return read_schema(Path(__file__).parent / "saved" / SCHEMA_FILE)


def read_annotations(
    paths: Iterable[Path], texts: Path | None = None
) -> tuple[list[AnnotatedDocument], list[AnnotatedDocument]]:
    """Read annotation files and find their stand-off texts.

    Parameters
    ----------
    paths : iterable of Path
        Files or folders.
    texts : Path, optional
        Folder in which stand-off texts are looked for by hash.

    Returns
    -------
    documents, missing : lists of AnnotatedDocument
        Those with text, and those whose text was not found.

    Raises
    ------
    AnnotationError
        On the first broken line; names file and line.
    """
    documents = [doc for file in annotation_files(paths) for doc in read_file(file)]
    wanted = {doc.sha256 for doc in documents if doc.text is None}
    found = dict(find_texts(texts, wanted)) if texts and wanted else {}
    resolved: list[AnnotatedDocument] = []
    missing: list[AnnotatedDocument] = []
    for document in documents:
        if document.text is not None:
            resolved.append(document)
        elif document.sha256 in found:
            resolved.append(replace(document, text=found[document.sha256]))
        else:
            missing.append(document)
    return resolved, missing


def read_file(path: Path) -> Iterator[AnnotatedDocument]:
    """Read one annotation file.

    Raises
    ------
    AnnotationError
        On a line that is no document; names file and line.
    """
    try:
        content = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise AnnotationError(f"{path}: {error}") from error
    for number, line in enumerate(content.removeprefix("\ufeff").split("\n"), 1):
        if line.strip():
            yield parse_line(line, f"{path}:{number}")


def parse_line(line: str, where: str) -> AnnotatedDocument:
    """Document of one JSON line.

    Raises
    ------
    AnnotationError
        If a field is missing or of the wrong type, or an offset outside the text.
    """
    return from_dict(parse_json(line, where), where)


def parse_json(content: str, where: str) -> Any:
    """Data of a JSON text in which no key stands twice and every number is one.

    Raises
    ------
    AnnotationError
        If it is no JSON, is nested too deep, or would lose something.
    """
    try:
        return json.loads(
            content, object_pairs_hook=_object, parse_constant=_number, parse_float=_number
        )
    except (ValueError, RecursionError) as error:
        raise AnnotationError(f"{where}: no JSON: {error}") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {twice!r:.80} stands twice in an object")
    return found


def _number(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"{digits:.40} is no number; write null")
    return number


def from_dict(data: Any, where: str) -> AnnotatedDocument:
    """Document of plain data; see `parse_line`."""
    if not isinstance(data, dict):
        raise AnnotationError(f"{where}: a document is an object, not {type(data).__name__}")
    text = data.get("text")
    if text is not None and not isinstance(text, str):
        raise AnnotationError(f"{where}: text is no string")
    sha256 = data.get("sha256")
    chars = data.get("chars")
    if text is None:
        if not isinstance(sha256, str) or type(chars) is not int:
            raise AnnotationError(f"{where}: neither text nor sha256 and chars")
        if abs(chars) > MOST_CHARS:
            raise AnnotationError(f"{where}: chars is more than any text has")
    else:
        actual = text_hash(text)
        if sha256 not in (None, actual):
            raise AnnotationError(f"{where}: text does not match its sha256")
        if chars is not None and (type(chars) is not int or chars != len(text)):
            raise AnnotationError(f"{where}: text has {len(text)} characters, not {chars!r:.40}")
        sha256, chars = actual, len(text)
    meta = data.get("meta") or {}
    if not isinstance(meta, dict):
        raise AnnotationError(f"{where}: meta is no object")
    identity = data.get("id")
    if not isinstance(identity, str | int | float | None):
        raise AnnotationError(f"{where}: id is no string, but {type(identity).__name__}")
    identity = str(sha256)[:16] if identity in (None, "") else str(identity)
    spans = data.get("spans") or []
    if not isinstance(spans, list):
        raise AnnotationError(f"{where}: spans is no list")
    marks = sorted(_mark(span, chars, where) for span in spans)
    return AnnotatedDocument(identity, text, tuple(marks), meta, str(sha256), chars, where)


def _mark(span: Any, chars: int, where: str) -> Mark:
    if not isinstance(span, dict) or not isinstance(span.get("label"), str):
        raise AnnotationError(f"{where}: a span needs start, end and label: {span!r:.80}")
    start, end = span.get("start"), span.get("end")
    if type(start) is not int or type(end) is not int:
        raise AnnotationError(f"{where}: start and end of a span are whole numbers: {span!r:.80}")
    if not 0 <= start < end <= chars:
        raise AnnotationError(
            f"{where}: span {shown(f'{start}-{end}')} ({shown(span['label'])}) "
            f"is outside the text of {chars} characters"
        )
    annotator = span.get("annotator")
    if not isinstance(annotator, str | int | None):
        raise AnnotationError(f"{where}: annotator is no string: {annotator!r:.80}")
    return Mark(start, end, span["label"], str(annotator) if annotator else None)


def shown(words: str) -> str:
    """Words of a file as part of one line: cut if they are long, escaped if they do not print."""
    return words if words.isprintable() and len(words) <= 80 else f"{words!r:.80}"


def find_texts(folder: Path, wanted: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Files of a folder whose SHA-256 is wanted: pairs of hash and text."""
    rest = set(wanted)
    if not folder.is_dir():
        raise AnnotationError(f"{folder}: no such folder of texts")
    for path in sorted(folder.rglob("*")):
        if not rest:
            return
        if not path.is_file():
            continue
        try:
            content = path.read_bytes()
            digest = hashlib.sha256(content).hexdigest()
            if digest in rest:
                rest.discard(digest)
                yield digest, content.decode("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise AnnotationError(f"{path}: {error}") from error


def write_annotations(
    path: Path, documents: Iterable[AnnotatedDocument], *, text: bool = True
) -> None:
    """Write documents, one a line; without text they are stand-off."""
    lines = (_json_line(document.to_dict(text=text)) for document in documents)
    path.write_text("".join(lines), encoding="utf-8", newline="\n")


def _json_line(data: dict[str, Any]) -> str:
    """One line of JSON, readable where UTF-8 can hold it and escaped where it cannot."""
    line = json.dumps(data, ensure_ascii=False) + "\n"
    try:
        line.encode("utf-8")
    except UnicodeEncodeError:
        line = json.dumps(data) + "\n"
        if json.loads(line) != data:
            raise AnnotationError(
                f"document {data['id']!r:.80}: both halves of a surrogate pair side by side, which "
                "are one character to whoever reads them; decode the text again"
            ) from None
    return line


# --- as datasets --------------------------------------------------------------------------


def to_dataset(documents: Sequence[AnnotatedDocument], schema: Schema) -> Dataset:
    """Documents as a `datasets.Dataset` with declared features and class labels."""
    from datasets import ClassLabel, Dataset, Features, List, Value

    names = list(schema.names)
    span = {"start": Value("int32"), "end": Value("int32"), "label": ClassLabel(names=names)}
    features = Features(
        {
            "id": Value("string"),
            "text": Value("string"),
            "sha256": Value("string"),
            "chars": Value("int32"),
            "spans": List(span),
            "meta": {key: Value("string") for key in META_KEYS} | {DENSE: Value("bool")},
        }
    )
    rows = []
    for document in documents:
        spans = [{"start": m.start, "end": m.end, "label": m.label} for m in document.marks]
        meta: dict[str, Any] = {key: _text_or_none(document.meta.get(key)) for key in META_KEYS}
        meta[DENSE] = bool(document.meta.get(DENSE)) or None
        row = {"id": document.id, "text": document.text, "spans": spans, "meta": meta}
        rows.append(row | {"sha256": document.sha256, "chars": document.chars})
    columns = {name: [row[name] for row in rows] for name in features}
    return Dataset.from_dict(columns, features=features)


META_KEYS = ("genre", "outlet", "topic", "date", "license", "group", "split")
DENSE = "dense"
"""Key that says that a text was written to hold many spans, which training has to know."""


def _text_or_none(value: Any) -> str | None:
    return None if value is None else str(value)


def to_dataset_dict(documents: Sequence[AnnotatedDocument], schema: Schema) -> DatasetDict:
    """Documents as a `datasets.DatasetDict`, one dataset a split."""
    from datasets import DatasetDict

    splits: dict[str, list[AnnotatedDocument]] = {"train": [], "test": []}
    for document in documents:
        splits.setdefault(document.split, []).append(document)
    return DatasetDict({name: to_dataset(part, schema) for name, part in splits.items()})


def from_dataset(dataset: Dataset) -> list[AnnotatedDocument]:
    """Documents of a `datasets.Dataset` with columns `text`, `spans` and, if any, `id`, `meta`.

    Labels may be strings or class labels.

    Raises
    ------
    AnnotationError
        If a column is missing or a row is no document; names the row.
    """
    lacking = {"text", "spans"} - set(dataset.column_names)
    if lacking:
        raise AnnotationError(f"dataset: no column {', '.join(sorted(lacking))}")
    names = label_names(dataset)
    documents = []
    for number, row in enumerate(dataset):
        spans = [dict(span) for span in row["spans"] or []]
        for span in spans:
            label = span.get("label")
            if isinstance(label, int) and names and 0 <= label < len(names):
                span["label"] = names[label]
        meta = {k: v for k, v in (row.get("meta") or {}).items() if v is not None}
        data = {"id": row.get("id"), "text": row["text"], "spans": spans, "meta": meta}
        if row["text"] is None:
            data |= {"sha256": row.get("sha256"), "chars": row.get("chars")}
        documents.append(from_dict(data, f"dataset row {number}"))
    return documents


def label_names(dataset: Dataset) -> list[str] | None:
    """Names of the class labels that a dataset declares for its spans, if it does."""
    inner = getattr(dataset.features["spans"], "feature", None)
    label = inner.get("label") if isinstance(inner, dict) else None
    return getattr(label, "names", None)
