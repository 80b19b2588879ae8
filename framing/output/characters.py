"""Characters that an output cannot hold, or that a reader could not see."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

SURROGATE = re.compile("[\ud800-\udfff]")
JOINERS = "\u200c\u200d"
"""Invisible, but the spelling of emoji and of some scripts needs them."""
GAP = "…"


def valid(text: str) -> str:
    """Text that UTF-8 can hold: lone surrogates become U+FFFD, one for one."""
    return SURROGATE.sub("\ufffd", text)


def dumps(data: Any) -> str:
    """JSON on one line; lone surrogates as escapes, so that it is always valid UTF-8."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False)
    return SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def visible(text: str) -> str:
    r"""Text that changes nothing but its own place on a terminal or in a log.

    White space, line breaks included, becomes single spaces; other characters that do
    not print (controls, bidi overrides, lone surrogates) become escapes such as `\x1b`.
    """
    return escaped(" ".join(text.split()))


def escaped(text: str) -> str:
    r"""Text with what does not print as escapes: a line break is `\n`."""
    if text.isprintable():
        return text
    return "".join(
        char
        if char.isprintable() or char in JOINERS
        else char.encode("unicode_escape").decode("ascii")
        for char in text
    )


def cells(text: str) -> int:
    """Columns that printed text takes on a terminal."""
    return len(text) if text.isascii() else sum(map(_cell, text))


def _cell(char: str) -> int:
    if unicodedata.combining(char) or char in JOINERS or "\ufe00" <= char <= "\ufe0f":
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def shorten(text: str, width: int) -> str:
    """Text that fits `width` columns, if need be with its middle left out between words."""
    if cells(text) <= width:
        return text
    room = max(width - cells(GAP), 2)
    tail = _fitting(text[::-1], room // 2)[::-1]
    tail = tail[tail.find(" ") + 1 :]
    while tail and not _cell(tail[0]):
        tail = tail[1:]
    head = _fitting(text, room - cells(tail))
    if " " in head and text[len(head)] != " ":
        head = head[: head.rfind(" ")]
    return f"{head}{GAP}{tail}"


def _fitting(text: str, width: int) -> str:
    """As much of the beginning as fits."""
    used = 0
    for number, char in enumerate(text):
        used += _cell(char)
        if used > width:
            return text[:number]
    return text
