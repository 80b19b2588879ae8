"""Any text through the whole pipeline: `python -m tests.fuzz.text --seconds 1800`."""

from __future__ import annotations

from collections.abc import Iterator
from zlib import crc32

from tests.fuzz.engine import Examine, main


def prepare() -> Examine:
    """Return what reads a text, alone and beside others, and checks every span and place."""
    from hostile import check, restless_model, text_of
    from hostile_readers import check_outputs

    from framing import Framing

    model = restless_model()
    quiet, loud = Framing(model), Framing(model, include_quoted=True)

    def examine(data: bytes) -> None:
        text = text_of(data)
        alone = quiet.predict(text)
        check(text, alone, quiet.labels)
        _, everything = loud.predict_many([text[: len(text) // 2], text])
        check(text, everything, quiet.labels, quoted=True)
        assert tuple(span for span in everything if not span.quoted) == alone.spans
        if crc32(data) % 8 == 0:
            check_outputs(text, everything, model.schema.labels)
        if len(model.lexicon) > 5000:  # so that no input depends on the ones before it for long
            model.lexicon.reset()
            model.linear.forget()

    return examine


def seeds() -> Iterator[bytes]:
    """Pieces one by one, and a few in a row."""
    yield from (bytes([number]) * 3 for number in range(256))
    yield bytes(range(256))
    yield bytes(reversed(range(256)))


if __name__ == "__main__":
    main("text", prepare, seeds)
