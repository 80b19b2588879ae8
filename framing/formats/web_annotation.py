"""W3C Web Annotation: one JSON-LD page of annotations. Written only.

Each mark is an annotation that tags a segment of a text with its label. The segment has
two selectors, which say the same: `TextPositionSelector` (code points, as the model
prescribes) and `TextQuoteSelector` (the words, with up to 32 characters on each side). The
text is named by its hash, as an `ni:` address (RFC 6920), with the document's id as
`dcterms:identifier`. Documents without marks leave no trace, nor does the meta.

Source: https://www.w3.org/TR/annotation-model/
"""

from __future__ import annotations

import json
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from framing.annotations import AnnotatedDocument, Mark
from framing.formats import files

CONTEXT = "http://www.w3.org/ns/anno.jsonld"
AROUND = 32
"""Characters quoted before and after the words."""


def write(documents: Sequence[AnnotatedDocument], path: Path) -> None:
    """Write one annotation page.

    Raises
    ------
    AnnotationError
        If a document has no text.
    """
    items = [
        _annotation(document, number, mark)
        for document in documents
        for number, mark in enumerate(document.marks, 1)
    ]
    page = {
        "@context": CONTEXT,
        "id": _name(*(item["id"] for item in items)),
        "type": "AnnotationPage",
        "startIndex": 0,
        "items": items,
    }
    files.write_text(path, json.dumps(page, ensure_ascii=False, indent=1) + "\n")


def _annotation(document: AnnotatedDocument, number: int, mark: Mark) -> dict[str, Any]:
    text = files.text_of(document)
    digest = urlsafe_b64encode(bytes.fromhex(document.sha256)).decode("ascii").rstrip("=")
    body: dict[str, Any] = {
        "id": _name(document.id, document.sha256, str(number), mark.label),
        "type": "Annotation",
        "motivation": "tagging",
        "body": {"type": "TextualBody", "value": mark.label, "purpose": "tagging"},
        "target": {
            "source": {
                "id": f"ni:///sha-256;{digest}",
                "type": "Text",
                "format": "text/plain",
                "dcterms:identifier": document.id,
            },
            "selector": [
                {"type": "TextPositionSelector", "start": mark.start, "end": mark.end},
                {
                    "type": "TextQuoteSelector",
                    "exact": text[mark.start : mark.end],
                    "prefix": text[max(0, mark.start - AROUND) : mark.start],
                    "suffix": text[mark.end : mark.end + AROUND],
                },
            ],
        },
    }
    if mark.annotator:
        body["creator"] = {"type": "Person", "name": mark.annotator}
    return body


def _name(*parts: str) -> str:
    """Name that stays the same from one export to the next."""
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(parts))}"
