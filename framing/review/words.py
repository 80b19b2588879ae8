"""The words of a text as the page moves by them, and spans fitted to them."""

from __future__ import annotations

from bisect import bisect_right

from framing.pieces import Lexicon
from framing.text import read
from framing.validation import in_word

Place = tuple[int, int]


def find_words(text: str) -> list[Place]:
    """Words and marks of a text: code points, half-open, in order.

    They are the model's tokens, but for those that split what `validate` calls a word
    (`3.5m`): these are one.
    """
    batch = read([text], Lexicon())
    found: list[Place] = []
    for start, end in zip(batch.start.tolist(), batch.end.tolist(), strict=True):
        if start and found and in_word(text[start - 1]) and in_word(text[start]):
            found[-1] = found[-1][0], end
        else:
            found.append((start, end))
    return found


def fit(words: list[Place], start: int, end: int) -> Place:
    """A span grown to the edges of the words that it cuts."""
    first = bisect_right(words, start, key=lambda word: word[0]) - 1
    last = bisect_right(words, end - 1, key=lambda word: word[0]) - 1
    if first >= 0 and start < words[first][1]:
        start = words[first][0]
    if last >= 0 and end - 1 < words[last][1]:
        end = words[last][1]
    return start, end
