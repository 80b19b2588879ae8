"""JSON Lines, one document a line: `docs/reference/score.schema.json` says what is in it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from framing.output.characters import dumps
from framing.output.stream import TextWriter

if TYPE_CHECKING:
    from framing.explain import Explanation
    from framing.prediction import Prediction

VERSION = 1
"""Of the line's form; raised when a reader of the old one would go wrong."""

_PART = 1 << 20


def text_sha256(text: str) -> str:
    """SHA-256 of the UTF-8 text, in hex; the same as in annotation files."""
    digest = hashlib.sha256()
    for start in range(0, len(text), _PART):  # no second copy of a long text
        digest.update(text[start : start + _PART].encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


class JsonlWriter(TextWriter):
    """One object a document, spans and profile included, its text left out."""

    def render(
        self,
        path: str,
        text: str,
        prediction: Prediction,
        explanations: Sequence[Explanation] | None = None,
    ) -> str:
        """One line."""
        document = {
            "version": VERSION,
            "path": path,
            "sha256": text_sha256(text),
            "offset_unit": "code_point",
            "model": {"name": self.model["name"], "sha256": self.model["sha256"]},
            **prediction.to_dict(),
        }
        return dumps(document) + "\n"
