"""Cutting at spaces and looking up stretches gives the pieces of the token pattern."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing import stretches
from framing.pieces import PIECE, Lexicon
from framing.stretches import _Table

WHITE = " \t\n\r\x0b\x0c\x1c\x1f\x85\xa0\u1680\u2003\u2028\u205f\u3000"
ODD = st.text(st.sampled_from(WHITE + "ab.,'\"”’é©\u0089ß語😀-1$\x00\x08\ud800"), max_size=40)
TEXTS = st.lists(ODD | st.text(max_size=30), max_size=5)


def pieces(texts: list[str], lexicon: Lexicon) -> list[list[str]]:
    """What the lexicon finds, without the space that it puts before every text."""
    row, count = lexicon.pieces(texts)
    names = [lexicon._pieces[each] for each in row.tolist()]
    ends = np.cumsum(count)
    found = [names[end - n : end] for end, n in zip(ends.tolist(), count.tolist(), strict=True)]
    return [[each[0][1:], *each[1:]] if each else [] for each in found]


def expected(text: str) -> list[str]:
    return PIECE.findall(text.rstrip())


def plain(texts: list[str]) -> list[str]:
    """Texts without the characters of no width, which count as spaces."""
    return [text.replace("\ufeff", " ").replace("\u2060", " ") for text in texts]


@given(TEXTS)
@settings(max_examples=300)
def test_pieces_are_those_of_the_pattern(texts):
    lexicon = Lexicon()
    assert pieces(texts, lexicon) == [expected(text) for text in plain(texts)]
    assert pieces(texts, lexicon) == [expected(text) for text in plain(texts)]  # all are known


@given(TEXTS)
@settings(max_examples=50)
def test_pieces_are_found_however_the_hashes_fall(texts):
    """Every stretch has the same home, so that all but the first are found next door."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_Table, "_home", lambda self, low, high: np.full(len(low), 5))
        lexicon = Lexicon()
        for _ in range(2):
            assert pieces(texts, lexicon) == [expected(text) for text in plain(texts)]


def test_the_table_grows():
    lexicon = Lexicon()
    words = [f"w{number}" for number in range(20_000)]
    for begin in range(0, len(words), 700):
        text = " ".join(words[: begin + 700 : 3] + words[begin : begin + 700])
        assert pieces([text], lexicon) == [expected(text)]


@pytest.mark.parametrize("length", [*range(1, 19), 63, 64, 65, 300])
def test_stretches_that_differ_in_one_byte_are_told_apart(length):
    lexicon = Lexicon()
    alike = ["a" * at + "b" + "a" * (length - at - 1) for at in range(length)]
    cut = [word[:-1] for word in alike if word[:-1]]
    text = " ".join(alike + cut + ["a" * length])
    assert pieces([text, text], lexicon) == [expected(text)] * 2


def test_stretches_that_end_in_nothing_are_told_apart():
    """Bytes of zero count: they are not the nothing after a shorter stretch."""
    text = "a a\x00 a\x00\x00 \x00a"
    assert pieces([text], Lexicon()) == [expected(text)]


def test_what_takes_much_memory_is_learnt_anew(monkeypatch):
    monkeypatch.setattr(stretches, "_ROOM", 10_000)
    lexicon = Lexicon()
    for number in range(40):
        text = " ".join(f"w{number}x{each} again" for each in range(50))
        assert pieces([text], lexicon) == [expected(text)]
        assert len(lexicon._stretches._ends) < 150
    assert len(lexicon) > 1900  # pieces stay known
