"""The native format, JSON Lines, and what Prodigy adds to it.

Prodigy writes the same shape with more keys: `tokens`, `_input_hash`, `_task_hash` and
the like are passed over; `_annotator_id` (or `_session_id`) names the annotator of spans
that name none; `answer` says what became of the document. Those rejected or ignored are
left out, and the log says how many. Spans that quote their words (`text`) are checked.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from framing.annotations import (
    AnnotatedDocument,
    annotation_files,
    from_dict,
    write_annotations,
)
from framing.formats import files
from framing.formats.offsets import QuotedSpan, to_spans

_LOG = logging.getLogger(__name__)
_LEFT_OUT = ("reject", "ignore")


def read(path: Path) -> list[AnnotatedDocument]:
    """Documents of a native or Prodigy file, or of all in a folder.

    Documents whose text is kept elsewhere have `text` None.

    Raises
    ------
    AnnotationError
        On the first broken line; names file and line.
    """
    return [document for file in annotation_files([path]) for document in _read_file(file)]


def _read_file(path: Path) -> list[AnnotatedDocument]:
    documents: list[AnnotatedDocument] = []
    answers: Counter[str] = Counter()
    for data, where in files.read_json_lines(path):
        answer = str(data.get("answer", "accept"))
        answers[answer] += 1
        if answer not in _LEFT_OUT:
            documents.append(from_dict(_checked(data, where), where))
    if any(answers[answer] for answer in _LEFT_OUT):
        _LOG.warning(
            "%s: %d rejected and %d ignored documents left out",
            path,
            answers["reject"],
            answers["ignore"],
        )
    return documents


def _checked(data: dict[str, Any], where: str) -> dict[str, Any]:
    """Check the spans, if they are well formed, against the words that they quote."""
    text, spans = data.get("text"), data.get("spans")
    if not isinstance(text, str) or not isinstance(spans, list):
        return data
    if not all(isinstance(span, dict) and _plain(span) for span in spans):
        return data  # from_dict says what is wrong
    annotator = data.get("_annotator_id") or data.get("_session_id")
    quoted = [
        QuotedSpan(
            ((span["start"], span["end"]),),
            span["label"],
            span["text"] if isinstance(span.get("text"), str) else None,
            str(span.get("annotator") or annotator or "") or None,
        )
        for span in spans
    ]
    return data | {"spans": to_spans(text, quoted, where)}


def _plain(span: dict[str, Any]) -> bool:
    offsets = type(span.get("start")) is int and type(span.get("end")) is int
    annotator = isinstance(span.get("annotator"), str | int | None)
    return offsets and annotator and isinstance(span.get("label"), str)


def write(documents: Sequence[AnnotatedDocument], path: Path) -> None:
    """Write one file; documents without text stand-off."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_annotations(path, documents)
