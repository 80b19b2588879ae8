"""Offsets of other tools, checked against the words they quote.

Tools count differently: in Unicode code points or in the UTF-16 units of a browser;
a CRLF as two characters or as one, or a bare LF as the CRLF that it once was; a byte
order mark at the start of the text or not. A record is read in one way throughout:
as code points of the text as it stands where every quotation fits that, else in the
one other way in which every quotation fits. What fits no way, or two ways that differ,
is an error. Without any quotation nothing can be checked: offsets are code points.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Any, Literal

from framing.annotations import shown
from framing.errors import AnnotationError
from framing.formats.files import BOM

Part = tuple[int, int]
Breaks = Literal["as they stand", "CRLF is one", "LF is two"]

_CRLF_OR_CR = re.compile(r"\r\n?")
_BARE_LF = re.compile(r"(?<!\r)\n")
_SPACE = re.compile(r"\\n|\s+")


@dataclass(frozen=True, slots=True)
class QuotedSpan:
    """A span as another tool gives it.

    Attributes
    ----------
    parts : tuple of pairs of int
        Start and end of each part, half-open, as that tool counts.
    label : str
    quote : str or None
        The words that the tool says stand there; those of several parts are
        joined by one space each.
    annotator : str or None
    """

    parts: tuple[Part, ...]
    label: str
    quote: str | None = None
    annotator: str | None = None


def to_spans(text: str, quoted: Sequence[QuotedSpan], where: str) -> list[dict[str, Any]]:
    """Spans in code points of the text, as `framing.annotations.from_dict` takes them.

    Raises
    ------
    AnnotationError
        If the words quoted fit in no way of counting or in several that differ, or
        if a span has parts with words between them.
    """
    spans = []
    for span, parts in zip(quoted, locate(text, quoted, where), strict=True):
        start, end = _join(text, parts, span, where)
        entry: dict[str, Any] = {"start": start, "end": end, "label": span.label}
        spans.append(entry | ({"annotator": span.annotator} if span.annotator else {}))
    return spans


def locate(text: str, quoted: Sequence[QuotedSpan], where: str) -> list[tuple[Part, ...]]:
    """Parts of each span in code points of the text; see the module."""
    as_given = [span.parts for span in quoted]
    if not any(span.quote for span in quoted) or _fit(text, quoted, as_given):
        return as_given
    found: list[list[tuple[Part, ...]]] = []
    wanted = {offset for parts in as_given for part in parts for offset in part}
    for table in _tables(text, wanted):
        placed = [_place(span.parts, table) for span in quoted]
        if _fit(text, quoted, placed) and placed not in found:
            found.append(placed)
    if len(found) == 1:
        return found[0]
    if found:
        raise AnnotationError(
            f"{where}: the words quoted fit several ways of counting offsets, "
            "which disagree about the other spans; quote every span"
        )
    raise AnnotationError(f"{where}: {_misfit(text, quoted)}")


def _place(parts: tuple[Part, ...], table: dict[int, int]) -> tuple[Part, ...]:
    """Parts by a table; what stands at no character becomes -1."""
    return tuple((table.get(start, -1), table.get(end, -1)) for start, end in parts)


def _fit(text: str, quoted: Sequence[QuotedSpan], placed: Sequence[tuple[Part, ...]]) -> bool:
    return all(
        _inside(text, parts) and (not span.quote or _same(_words(text, parts), span.quote))
        for span, parts in zip(quoted, placed, strict=True)
    )


def _inside(text: str, parts: tuple[Part, ...]) -> bool:
    return all(0 <= start < end <= len(text) for start, end in parts)


def _words(text: str, parts: tuple[Part, ...]) -> str:
    return " ".join(text[start:end] for start, end in parts)


def _same(words: str, quote: str) -> bool:
    """Whether the words are those quoted, whatever was done to their line breaks.

    Label Studio writes a line break inside a quotation as a backslash and an n, other
    tools as a space or not at all; so words with a line break in them are compared
    without white space. At either end only a line break may differ.
    """
    words, quote = _CRLF_OR_CR.sub("\n", words), _CRLF_OR_CR.sub("\n", quote)
    if words == quote:
        return True
    ends = (words[0] in ("\n", quote[0]), words[-1] in ("\n", quote[-1]))
    return "\n" in words and all(ends) and _SPACE.sub("", words) == _SPACE.sub("", quote)


def _tables(text: str, wanted: set[int]) -> Iterator[dict[int, int]]:
    """Places of the offsets wanted in every other way of counting that makes a difference."""
    units = (False, True) if any(mark > "\uffff" for mark in text) else (False,)
    breaks: list[Breaks] = ["as they stand"]
    breaks += ["CRLF is one"] if "\r\n" in text else []
    breaks += ["LF is two"] if _BARE_LF.search(text) else []
    marked = (False, True) if text.startswith(BOM) else (False,)
    for skip_bom, way, utf16 in product(marked, breaks, units):
        yield _table(text, wanted, way, utf16=utf16, skip_bom=skip_bom)


def _table(
    text: str, wanted: set[int], breaks: Breaks, *, utf16: bool, skip_bom: bool
) -> dict[int, int]:
    """Code point at the offsets wanted of another way of counting."""
    table: dict[int, int] = {}
    offset = 0
    for place, mark in enumerate(text):
        if place == 0 and skip_bom:
            continue
        if offset in wanted:
            table.setdefault(offset, place)  # of a CRLF that is one: the CR
        if mark == "\r" and breaks == "CRLF is one" and text[place + 1 : place + 2] == "\n":
            continue
        bare = mark == "\n" and (place == 0 or text[place - 1] != "\r")
        wide = (utf16 and mark > "\uffff") or (bare and breaks == "LF is two")
        offset += 2 if wide else 1
    table.setdefault(offset, len(text))
    return table


def _misfit(text: str, quoted: Sequence[QuotedSpan]) -> str:
    """Say what is wrong with the first span that does not fit as it is given."""
    for span in quoted:
        where = shown(";".join(f"{start}-{end}" for start, end in span.parts))
        if not _inside(text, span.parts):
            return (
                f"span {where} ({shown(span.label)}) is outside the text of {len(text)} characters, "
                "also counted in UTF-16 units or with other line breaks; correct the offsets"
            )
        words = _words(text, span.parts)
        if span.quote and not _same(words, span.quote):
            return (
                f"span {where} ({shown(span.label)}) quotes {_short(span.quote)}, but there stands "
                f"{_short(words)}, also counted in UTF-16 units or with other line breaks; "
                "correct the offsets"
            )
    return "the words quoted do not fit the offsets; correct them"


def _short(words: str) -> str:
    return repr(words if len(words) <= 40 else words[:39] + "…")


def _join(text: str, parts: tuple[Part, ...], span: QuotedSpan, where: str) -> Part:
    """Start and end of a span whose parts have nothing but white space between them."""
    parts = tuple(sorted(parts))
    for (_, end), (start, _) in pairwise(parts):
        if text[end:start].strip() or start < end:
            pieces = shown(";".join(f"{first}-{last}" for first, last in span.parts))
            raise AnnotationError(
                f"{where}: span {pieces} ({shown(span.label)}) is discontinuous, with words between "
                "its parts; make it one span, or one for each part"
            )
    return parts[0][0], parts[-1][1]
