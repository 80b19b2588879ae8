"""Texts cut at their spaces, and every stretch between two of them looked up at once.

A stretch is a word with its marks, as a rule, and most have been met before. Nearly all
are of at most 15 bytes: these bytes and their number make two whole numbers that stand for
this stretch and no other, so that a hash table in arrays finds thousands together. Longer
ones go through a dictionary.
"""

from __future__ import annotations

import os
from array import array
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Words = NDArray[np.uint64]
"""Numbers of eight bytes, the first byte the lowest."""

_ROOM = 1 << 25
"""Bytes of memory, about, that stretches may take; past that they are learnt anew."""
_SHORT = 15
"""Bytes of a stretch that the hash table takes."""
_SPACE = ord(" ")
_LAST = np.ones(256, bool)
"""Bytes that end no white space, so that a space after them ends a stretch."""
_LAST[[*range(_SPACE + 1), *range(0x80, 0x8B), 0x9F, 0xA0, 0xA8, 0xA9, 0xAF]] = False
_MASK = np.array([(1 << 8 * n) - 1 for n in range(9)], np.uint64)
"""The lowest n bytes of a number."""


class Stretches:
    """Every distinct stretch seen so far, and the pieces that it consists of.

    Parameters
    ----------
    pieces : callable
        Rows of the pieces of a stretch.
    """

    def __init__(self, pieces: Callable[[str], Sequence[int]]) -> None:
        self._pieces = pieces
        self.reset()

    def reset(self) -> None:
        """Forget every stretch."""
        self._long: dict[bytes, int] = {}
        self._table = _Table()
        self._rows, self._ends = array("q"), array("q", [0])
        self._arrays = np.array(self._rows), np.array(self._ends)
        self._room = _ROOM

    def split(self, texts: Sequence[bytes]) -> tuple[Ints, Ints]:
        """Rows of the pieces of all texts, and how many pieces each text has.

        Parameters
        ----------
        texts : sequence of bytes
            UTF-8, without white space at the end.
        """
        if self._room < 0:
            self.reset()
        data = b" ".join(filter(None, texts))
        if not data:
            return np.zeros(0, np.int64), np.zeros(len(texts), np.int64)
        begin = np.cumsum([0, *(len(text) + 1 if text else 0 for text in texts)])
        start, end = _cut(data, np.unique(begin))
        at = self._look_up(data, start, end)
        rows, ends = self._arrays
        first = ends.take(at)
        count = ends.take(at + 1) - first
        reached = np.concatenate(([0], np.cumsum(count)))
        place = np.arange(reached[-1]) + (first - reached[:-1]).repeat(count)
        return rows.take(place), np.diff(reached[np.searchsorted(start, begin)])

    def _look_up(self, data: bytes, start: Ints, end: Ints) -> Ints:
        """Row of each stretch of some bytes; learns those that are new."""
        low, high = _numbers(data, start, end - start)
        found = self._table.find(low, high)
        for at in np.flatnonzero((found < 0) & (end - start > _SHORT)).tolist():
            found[at] = self._row_of_long(data[start[at] : end[at]])
        new = np.flatnonzero(found < 0)
        if len(new):
            first, which = _distinct(low[new], high[new])
            begun = len(self._ends) - 1
            for at in new[first].tolist():
                self._learn(data[start[at] : end[at]])
            found[new] = begun + which
            self._table.add(low[new[first]], high[new[first]], found[new[first]])
        if len(self._ends) > len(self._arrays[1]):
            self._arrays = np.array(self._rows), np.array(self._ends)
        return found

    def _row_of_long(self, stretch: bytes) -> int:
        row = self._long.get(stretch)
        if row is None:
            row = self._long[stretch] = self._learn(stretch)
        return row

    def _learn(self, stretch: bytes) -> int:
        """Split a new stretch; returns its row."""
        self._rows.extend(self._pieces(stretch.decode("utf-8", "surrogatepass")))
        self._ends.append(len(self._rows))
        self._room -= 150 + len(stretch)
        return len(self._ends) - 2


def _distinct(low: Words, high: Words) -> tuple[Ints, Ints]:
    """Where each pair of numbers stands first, in order, and which of these every pair is."""
    order = np.lexsort((low, high))
    new = np.ones(len(order), bool)
    new[1:] = (np.diff(low[order]) != 0) | (np.diff(high[order]) != 0)
    first, group = order[new], np.empty(len(order), np.int64)
    group[order] = np.cumsum(new) - 1
    return np.sort(first), np.argsort(np.argsort(first))[group]


def _cut(data: bytes, begin: Ints) -> tuple[Ints, Ints]:
    """Start and end of every stretch of texts that begin at some bytes.

    A space ends a stretch unless it may follow other white space, which would belong to the
    piece after it; a stretch may therefore hold spaces.
    """
    octets = np.frombuffer(data, np.uint8)
    space = np.flatnonzero(octets == _SPACE)
    ends = _LAST[octets[space - 1]] & (space > 0)
    ends[np.searchsorted(space, begin[1:-1] - 1)] = True  # whatever the text before ends in
    space = space[ends]
    return np.concatenate(([0], space + 1)), np.append(space, len(data))


def _numbers(data: bytes, start: Ints, length: Ints) -> tuple[Words, Words]:
    """The first 15 bytes of each stretch and their number: (n,) and (n,).

    The first number holds eight bytes, the second seven and, in its highest, how many there
    are; of what is longer, a number that no stretch has.
    """
    words = np.frombuffer(data + bytes(24 - len(data) % 8), "<u8")
    at, shift = start >> 3, ((start & 7) << 3).astype(np.uint64)
    rest = np.uint64(63) - shift
    first, second, third = (words.take(at + step) for step in range(3))
    low = (first >> shift | (second << np.uint64(1)) << rest) & _MASK[np.minimum(length, 8)]
    high = (second >> shift | (third << np.uint64(1)) << rest) & _MASK[np.clip(length - 8, 0, 7)]
    return low, high | np.minimum(length, _SHORT + 1).astype(np.uint64) << np.uint64(56)


class _Table:
    """A hash table from two numbers to a row, in arrays; what finds its slot taken has the next.

    The hash is drawn anew for each table, so that no text can be made to fall into one place.
    """

    def __init__(self) -> None:
        self._factors = np.frombuffer(os.urandom(16), np.uint64) | np.uint64(1)
        self._resize(12)

    def _resize(self, bits: int) -> None:
        self._shift, self._last = np.uint64(64 - bits), (1 << bits) - 1
        self._slots = np.zeros((1 << bits, 4), np.uint64)  # low, high, row + 1: 32 bytes with one
        self._used = 0

    def _home(self, low: Words, high: Words) -> Ints:
        """Slot where the search for each pair of numbers begins."""
        mixed = (low ^ low >> np.uint64(32)) * self._factors[0]
        mixed += (high ^ high >> np.uint64(32)) * self._factors[1]
        return (mixed >> self._shift).astype(np.int64)

    def find(self, low: Words, high: Words) -> Ints:
        """Row of each pair of numbers, -1 of those that are not there."""
        slot = self._home(low, high)
        there = self._slots.take(slot, axis=0)
        found = there[:, 2].astype(np.int64) - 1
        other = np.flatnonzero((there[:, 0] != low) | (there[:, 1] != high))
        while len(other):
            other = other[found[other] >= 0]
            slot[other] = (slot[other] + 1) & self._last
            there = self._slots.take(slot[other], axis=0)
            found[other] = there[:, 2].astype(np.int64) - 1
            other = other[(there[:, 0] != low[other]) | (there[:, 1] != high[other])]
        return found

    def add(self, low: Words, high: Words, row: Ints) -> None:
        """Put in pairs that are not there yet, each once."""
        needed = self._used + len(row)
        if 2 * needed > self._last:
            old = self._slots[self._slots[:, 2] > 0]
            self._resize((4 * needed).bit_length())
            self._put(old[:, 0], old[:, 1], old[:, 2])
        self._put(low, high, (row + 1).astype(np.uint64))

    def _put(self, low: Words, high: Words, content: Words) -> None:
        self._used += len(content)
        slot = self._home(low, high)
        left = np.arange(len(content))
        while len(left):
            free = self._slots[slot[left], 2] == 0
            self._slots[slot[left[free]], 2] = left[free] + 1  # the last to write has the slot
            free &= self._slots[slot[left], 2] == left + 1
            mine, left = left[free], left[~free]
            self._slots[slot[mine], :3] = np.column_stack((low[mine], high[mine], content[mine]))
            slot[left] = (slot[left] + 1) & self._last
