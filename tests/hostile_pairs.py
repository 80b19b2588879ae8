"""Checks that read a text twice, changed: shifted, with other line breaks, after another one.

Shared by `test_offsets.py` and the long run (`fuzz/offsets.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from hostile import LABELS, check

if TYPE_CHECKING:
    from framing import Framing
    from framing.model import Model
    from framing.prediction import Span

Found = list[tuple[Any, ...]]

BREAKS = ("\r\n", "\r", "\u2028", "\u2029", "\x85", "\v", "\x1e")


def tuples(found: Iterable[Span]) -> Found:
    return [(span.start, span.end, span.label, span.score) for span in found]


def shifted(found: Iterable[Span], offset: int) -> Found:
    return [(start + offset, end + offset, *rest) for start, end, *rest in tuples(found)]


def check_breaks(model: Framing, lines: Sequence[str], breaks: Sequence[str] = BREAKS) -> None:
    """The same spans, moved by what the breaks before them are longer than a line feed."""
    starts = np.cumsum([0, *(len(line) + 1 for line in lines)])
    texts = [mark.join(lines) for mark in ("\n", *breaks)]
    plain, *others = (tuples(each) for each in model.predict_many(texts))
    for mark, found in zip(breaks, others, strict=True):
        line = [np.searchsorted(starts, (s, e - 1), "right") - 1 for s, e, *_ in plain]
        longer = len(mark) - 1
        assert found == [
            (s + longer * first, e + longer * last, *rest)
            for (s, e, *rest), (first, last) in zip(plain, line, strict=True)
        ]


# --- documents one after another ----------------------------------------------------------

INSERT = LABELS[-1]
REACH = 5
"""Sentences on either side of a seam that it may change; see `docs/reliability.md`."""


def read_alike(model: Model, texts: Sequence[str]) -> bool:
    """Whether both of two texts are read alike by themselves and in the text of both."""
    a, b, whole = (model.score([text]).voice for text in texts)
    n = len(a.quoted)
    return (
        np.array_equal(whole.quoted, np.concatenate((a.quoted, b.quoted)))
        and np.array_equal(whole.start, np.concatenate((a.start, b.start + n)))
        and np.array_equal(whole.marked, np.concatenate((a.marked, b.marked)))
    )


def check_seam(loud: Framing, first: str, second: str, gap: str) -> Found:
    """All but what stands within reach of the seam is as it is in either text alone."""
    whole = first + gap + second
    shift = len(first + gap)
    a, b, both = loud.predict_many([first, second, whole])
    check(whole, both, loud.labels, quoted=True)
    begins = [sentence_starts(loud.model, text) for text in (first, second)]
    before = begins[0][-REACH] if len(begins[0]) > REACH else 0
    after = begins[1][REACH] + shift if len(begins[1]) > REACH else len(whole)

    def far(spans: Found) -> Found:
        return [each for each in spans if each[0] < before or each[0] >= after]

    apart, together = [*tuples(a), *shifted(b, shift)], tuples(both)
    mine, other = ([each for each in found if each[2] != INSERT] for found in (together, apart))
    assert far(mine) == far(other)
    # Inserts run on as far as the next, out of reach too: they are compared by their words.
    mine, other = ([each for each in found if each[2] == INSERT] for found in (together, apart))
    assert words_of(whole, mine, before, after) == words_of(whole, other, before, after)
    return far(apart)


def sentence_starts(model: Model, text: str) -> list[int]:
    batch = model.score([text]).batch
    return batch.start[batch.sentence_start[:-1]].tolist()


def words_of(text: str, spans: Found, before: int, after: int) -> list[int]:
    """Marked characters, but for white space, out of reach."""
    places = {at for start, end, *_ in spans for at in range(start, end)}
    unseen = {at for at in places if text[at].isspace() or text[at] in "\ufeff\u2060"}
    return sorted(at for at in places - unseen if not before <= at < after)
