"""Annotation formats of other tools, read and written as `AnnotatedDocument`.

=================  ======  ==========  ===========  ==========  ===========================
format             text    meta        annotators   checked     path
=================  ======  ==========  ===========  ==========  ===========================
`jsonl`            kept    kept        kept         if quoted   file (reading: or folder)
`label-studio`     kept    kept        kept         yes         file
`doccano`          kept    kept        no           no          file
`brat`             kept    no          no           yes         folder (reading: or file)
`ptc`              kept    no          no           no          folder (reading: or file)
`web-annotation`   hash    no          kept         written only
`conll`            tokens  no          no           written only
=================  ======  ==========  ===========  ==========  ===========================

*Checked*: the words that the format quotes are compared with the offsets, and offsets
counted in UTF-16 units, with other line breaks or without a byte order mark are put right
(`framing.formats.offsets`). A byte order mark before JSON or a table of labels is skipped;
before a text it is the text's first character, as decoded, and counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from framing.annotations import AnnotatedDocument
from framing.errors import AnnotationError
from framing.formats import brat, conll, doccano, jsonl, label_studio, ptc, web_annotation
from framing.formats.guess import guess_format

__all__ = ["FORMATS", "Format", "guess_format", "read", "write"]


@dataclass(frozen=True, slots=True)
class Format:
    """A format by its name.

    Attributes
    ----------
    title : str
        What it is, in a few words.
    write : callable
        Writes documents to a path.
    read : callable or None
        Reads the documents of a path; None where the format is only written.
    """

    title: str
    write: Callable[[Sequence[AnnotatedDocument], Path], None]
    read: Callable[[Path], list[AnnotatedDocument]] | None = None


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "jsonl": Format("JSON Lines, native and Prodigy", jsonl.write, jsonl.read),
        "label-studio": Format("Label Studio JSON", label_studio.write, label_studio.read),
        "doccano": Format("doccano JSON Lines", doccano.write, doccano.read),
        "brat": Format("brat stand-off, a folder", brat.write, brat.read),
        "ptc": Format("SemEval PTC labels, a folder", ptc.write, ptc.read),
        "web-annotation": Format("W3C Web Annotation JSON-LD", web_annotation.write),
        "conll": Format("CoNLL columns, IOB2", conll.write),
    }
)


def read(path: Path, format: str) -> list[AnnotatedDocument]:  # noqa: A002 (the public name)
    """Read the documents of a file or folder in a format.

    Parameters
    ----------
    path : Path
    format : str
        A name in `FORMATS`.

    Returns
    -------
    list of AnnotatedDocument
        What the format says was not annotated, or was rejected, is left out; the log
        (`framing.formats`) says how many.

    Raises
    ------
    AnnotationError
        If the format is unknown or only written, or something in it is broken; names
        file and record.
    """
    reader = _format(format).read
    if reader is None:
        known = ", ".join(name for name, one in FORMATS.items() if one.read)
        raise AnnotationError(f"{format} is only written; formats that are read: {known}")
    if not path.exists():
        raise AnnotationError(f"{path}: no such file or folder")
    return reader(path)


def write(documents: Iterable[AnnotatedDocument], path: Path, format: str) -> None:  # noqa: A002
    """Write documents to a file or folder in a format.

    Parameters
    ----------
    documents : iterable of AnnotatedDocument
    path : Path
        File or, for `brat` and `ptc`, folder; made if it is not there.
    format : str
        A name in `FORMATS`.

    Raises
    ------
    AnnotationError
        If the format is unknown, cannot hold a document, or the path cannot be written;
        names the document or the path.
    """
    chosen = _format(format)
    documents = list(documents)
    for document in documents:
        try:
            (document.text or "").encode("utf-8")
        except UnicodeEncodeError as error:
            raise AnnotationError(
                f"document {document.id}: half a surrogate pair at {error.start}, which no "
                "file can hold; decode the text again"
            ) from error
    try:
        chosen.write(documents, path)
    except OSError as error:
        raise AnnotationError(f"{path}: {error.strerror or error}") from error
    except UnicodeEncodeError as error:
        raise AnnotationError(f"{path}: half a surrogate pair in an id, label or meta") from error


def _format(name: str) -> Format:
    if name not in FORMATS:
        raise AnnotationError(f"no format {name!r}; choose one of {', '.join(FORMATS)}")
    return FORMATS[name]
