"""brat stand-off: a `.txt` and an `.ann` file a document, in a folder.

Read: the T lines (`T1`, tab, `label start end`, tab, the words). Relations, events,
attributes, normalisations and notes are passed over. The words are checked against the
offsets; see `offsets`. A byte order mark belongs to the text, and offsets that do not
count it are shifted. The id of a document is its path below the folder. Texts without an
`.ann` file are not annotated: they are left out, and the log says how many.

brat itself parts a span at every line break (`0 4;5 9`). Parts with nothing but white
space between them are therefore one span, and a span across lines is written so. Parts
with words between them are an error: nothing else here has such spans, and neither to
fill the gap nor to part the span is what the annotator marked.

Written: no meta and no annotators. A span that begins or ends with a line break, and a
label with white space, cannot be held and are errors.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from framing.annotations import AnnotatedDocument, Mark, from_dict
from framing.errors import AnnotationError
from framing.formats import files
from framing.formats.offsets import Part, QuotedSpan, to_spans

_LOG = logging.getLogger(__name__)
_PART = "[0-9]{1,18} [0-9]{1,18}"
_TEXT_BOUND = re.compile(rf"T\S*\t(\S+) ({_PART}(?:;{_PART})*) *(?:\t(.*))?", re.DOTALL)
_OTHER_KINDS = ("E", "R", "*", "A", "M", "N", "#")
_GAP = re.compile(r"\s+")
_LINE_BREAK = re.compile(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")


def read(path: Path) -> list[AnnotatedDocument]:
    """Documents of a folder (with those below it), or of one `.ann` or `.txt` file.

    Raises
    ------
    AnnotationError
        If a text is missing, a line is broken, a span discontinuous, or its words are
        not at its offsets; names file and line.
    """
    if path.is_file() and path.suffix not in (".ann", ".txt"):
        raise AnnotationError(f"{path}: brat has a folder of .txt and .ann files; name one of them")
    folder = path if path.is_dir() else path.parent
    found = sorted(path.rglob("*.ann")) if path.is_dir() else [_sibling(path, ".ann")]
    if not found:
        raise AnnotationError(f"{path}: no .ann file in this folder")
    documents = [_document(file, folder) for file in found]
    if path.is_dir():
        texts = set(path.rglob("*.txt")) - {_sibling(file, ".txt") for file in found}
        if texts:
            _LOG.warning("%s: %d texts without .ann file left out", path, len(texts))
    return documents


def _sibling(path: Path, suffix: str) -> Path:
    return path.with_name(path.name[: -len(suffix)] + suffix)


def _document(annotations: Path, folder: Path) -> AnnotatedDocument:
    source = _sibling(annotations, ".txt")
    if not source.is_file():
        raise AnnotationError(f"{annotations}: its text {source.name} is not beside it")
    text = files.read_text(source)
    quoted = [span for line, where in files.read_lines(annotations) for span in _spans(line, where)]
    name = annotations.relative_to(folder).as_posix()[: -len(".ann")]
    body = {
        "id": files.file_id(name),
        "text": text,
        "spans": to_spans(text, quoted, str(annotations)),
    }
    return from_dict(body, str(annotations))


def _spans(line: str, where: str) -> Iterator[QuotedSpan]:
    match = _TEXT_BOUND.fullmatch(line)
    if match:
        label, offsets, quote = match.groups()
        parts = [part.split(" ") for part in offsets.split(";")]
        yield QuotedSpan(tuple((int(start), int(end)) for start, end in parts), label, quote)
    elif not line.startswith(_OTHER_KINDS):
        raise AnnotationError(f"{where}: no annotation of brat: {line!r:.80}")


# --- writing ------------------------------------------------------------------------------


def write(documents: Sequence[AnnotatedDocument], path: Path) -> None:
    """Write a `.txt` and an `.ann` file a document into a folder.

    Raises
    ------
    AnnotationError
        If a document has no text, two have one id, or a span or label cannot be held.
    """
    contents = {
        name: (files.text_of(document), _lines(document))
        for name, document in zip(files.file_names(documents), documents, strict=True)
    }
    for name, (text, lines) in contents.items():
        files.write_text(path / f"{name}.txt", text)
        files.write_text(path / f"{name}.ann", lines)


def _lines(document: AnnotatedDocument) -> str:
    lines = []
    text = files.text_of(document)
    for number, mark in enumerate(document.marks, 1):
        label = files.check_label(mark.label, document, "brat")
        parts = _parts(text, mark, document)
        offsets = ";".join(f"{start} {end}" for start, end in parts)
        words = " ".join(text[start:end] for start, end in parts)
        lines.append(f"T{number}\t{label} {offsets}\t{words}\n")
    return "".join(lines)


def _parts(text: str, mark: Mark, document: AnnotatedDocument) -> list[Part]:
    """Part the span at white space that holds a line break."""
    bounds = [mark.start]
    for gap in _GAP.finditer(text, mark.start, mark.end):
        if _LINE_BREAK.search(gap.group()):
            if gap.start() == mark.start or gap.end() == mark.end:
                raise AnnotationError(
                    f"document {document.id}: span {mark.start}-{mark.end} ({mark.label}) begins "
                    "or ends with a line break, which brat cannot hold; shorten it"
                )
            bounds += [gap.start(), gap.end()]
    bounds.append(mark.end)
    return list(zip(bounds[::2], bounds[1::2], strict=True))
