"""doccano: JSON Lines of a sequence labelling project.

Read, both shapes: `{"text", "label": [[start, end, "label"], ...]}` (older exports name
them `data` and `labels`) and, with relations, `{"text", "entities": [{"start_offset",
"end_offset", "label"}, ...], "relations": []}`. Relations, comments and categories are
passed over; every other key is the document's meta. doccano quotes no words, so offsets
are taken as code points, as doccano counts them, and only checked to be inside the text.
Who annotated is in the name of doccano's file, if anywhere, and is not read.

Written: the first shape, the meta under `meta`, without annotators.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from framing.annotations import AnnotatedDocument, from_dict
from framing.errors import AnnotationError
from framing.formats import files

SPAN_KEYS = ("label", "labels", "entities")
_OWN_KEYS = (*SPAN_KEYS, "id", "text", "data", "meta", "relations", "Comments", "comments", "cats")


def read(path: Path) -> list[AnnotatedDocument]:
    """Documents of a doccano export.

    Raises
    ------
    AnnotationError
        On the first record that is no text with spans; names file and line.
    """
    return [_document(data, where) for data, where in files.read_json_lines(path)]


def _document(data: dict[str, Any], where: str) -> AnnotatedDocument:
    text = data.get("text", data.get("data"))
    if not isinstance(text, str):
        raise AnnotationError(f"{where}: no text")
    given = [data[key] for key in SPAN_KEYS if key in data]
    if not given:
        raise AnnotationError(f"{where}: neither label nor entities; export the labelled data")
    spans = []
    for one in given:
        if not isinstance(one or [], list):
            raise AnnotationError(f"{where}: label is a list of spans, not {one!r:.80}")
        spans += [_span(span, where) for span in one or []]
    meta = {key: value for key, value in data.items() if key not in _OWN_KEYS}
    meta |= data["meta"] if isinstance(data.get("meta"), dict) else {}
    body: dict[str, Any] = {"text": text, "spans": spans, "meta": meta}
    return from_dict(body | {"id": data.get("id")}, where)


def _span(span: Any, where: str) -> dict[str, Any]:
    if isinstance(span, list) and len(span) == 3:
        return dict(zip(("start", "end", "label"), span, strict=True))
    if isinstance(span, dict) and "start_offset" in span:
        return {
            "start": span["start_offset"],
            "end": span.get("end_offset"),
            "label": span.get("label"),
        }
    raise AnnotationError(
        f"{where}: a span is [start, end, label] or has start_offset, end_offset, label: "
        f"{span!r:.80}"
    )


def write(documents: Sequence[AnnotatedDocument], path: Path) -> None:
    """Write one JSON Lines file.

    Raises
    ------
    AnnotationError
        If a document has no text.
    """
    lines = []
    for document in documents:
        body: dict[str, Any] = {
            "id": document.id,
            "text": files.text_of(document),
            "label": [[mark.start, mark.end, mark.label] for mark in document.marks],
        }
        if document.meta:
            body["meta"] = document.meta
        lines.append(json.dumps(body, ensure_ascii=False) + "\n")
    files.write_text(path, "".join(lines))
