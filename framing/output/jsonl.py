"""JSON Lines, one document a line: `docs/reference/score.schema.json` says what is in it."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from framing.output.characters import dumps
from framing.output.stream import Sink, TextWriter
from framing.prediction import Span

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
    """One object a document, spans and profile included, its text left out.

    Lines are bytes: as text, one rare character would make all of a long line four times
    as large.
    """

    def render(
        self,
        path: str,
        text: str,
        prediction: Prediction,
        explanations: Sequence[Explanation] | None = None,
    ) -> bytes:
        """One line."""
        known = {
            "version": VERSION,
            "path": path,
            "sha256": text_sha256(text),
            "offset_unit": "code_point",
            "model": {"name": self.model["name"], "sha256": self.model["sha256"]},
        }
        line = io.BytesIO()
        line.write(f'{dumps(known)[:-1]}, "spans": ['.encode())
        for number, span in enumerate(prediction):  # one by one, for there may be very many
            line.write(((", " if number else "") + dumps(plain(span))).encode())
        line.write(f"], {dumps({'profile': prediction.profile.to_dict()})[1:]}\n".encode())
        return line.getvalue()

    def pack(self, rendered: Iterable[bytes]) -> bytes:
        """Join several lines."""
        return b"".join(rendered)

    def put(self, packed: bytes) -> None:
        """Write lines."""
        if isinstance(self.stream, Sink):
            self.stream.write(packed)
        else:
            self.stream.write(packed.decode())


def plain(span: Span) -> dict[str, Any]:
    """A span as plain data."""
    return {name: getattr(span, name) for name in Span.__slots__}
