"""Comments that ask not to report what stands between them.

    <!-- framing:ignore-start -->  or, for some devices,  <!-- framing:ignore-start hype, ... -->
    <!-- framing:ignore-end -->

`framing:ignore` and `framing:end` are short for these.
"""

from __future__ import annotations

import re

from framing.markup.markup import ALL

_COMMENT = re.compile(r"<!--\s*+framing:(?P<word>[^\s>]*+)(?P<rest>[^>]*+)>")
_DEVICE = re.compile(r"[^\s,]+")
START = frozenset({"ignore", "ignore-start"})
END = frozenset({"end", "ignore-end"})


class Ignored:
    """The comments of a source.

    Parameters
    ----------
    source : str

    Attributes
    ----------
    ranges : list of (str, int, int)
        A device, or `ALL`, and where it is ignored.
    notes : list of (int, str)
        Offset in the source, and what is wrong there.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self.ranges: list[tuple[str, int, int]] = []
        self.notes: list[tuple[int, str]] = []
        self._open: list[tuple[int, int, list[str]]] = []

    def read(self, start: int, end: int, at: int) -> None:
        """Read the comment from `start` to `end`, which stands at an offset of the text."""
        found = _COMMENT.match(self.source, start, end)
        if not found:
            return
        word = found["word"].removesuffix("--")
        if word in START:
            devices = _DEVICE.findall(found["rest"].removesuffix("--"))
            self._open.append((start, at, devices or [ALL]))
        elif word not in END:
            self._note(start, f"unknown comment framing:{word}; write framing:ignore-start or -end")
        elif self._open:
            self._close(at)
        else:
            self._note(start, "framing:ignore-end without framing:ignore-start before it")

    def end(self, at: int) -> None:
        """The source ends, and with it what is still open."""
        for start, _, _ in self._open:
            self._note(start, "framing:ignore-start is never ended; ignoring the rest of the file")
        while self._open:
            self._close(at)

    def _close(self, at: int) -> None:
        _, begin, devices = self._open.pop()
        self.ranges += [(device, begin, at) for device in devices]

    def _note(self, start: int, what: str) -> None:
        self.notes.append((start, what))
