"""Markdown: the blocks of a file, as CommonMark and GitHub's tables have them.

Front matter, code, link definitions and what makes a line a heading, an item or a quotation
are left out, and each block is given to `framing.markup.inline`; blocks of HTML are read as
HTML. One pass over the lines. What CommonMark says of odd indentation in nested lists is
simplified.
"""

from __future__ import annotations

import re

from framing.markup.html import Page, scan
from framing.markup.inline import Block, label, read_inline
from framing.markup.markup import Markup
from framing.markup.reader import Reader

_FRONT = re.compile(
    r"\ufeff?(?:---[ \t]*\r?\n(?=[ \t]*\#|[\w\"'-]+[ \t]*:|---|\.\.\.)(?:.*?\n)??(?:---|\.\.\.)"
    r"|\+\+\+[ \t]*\r?\n(?:.*?\n)??\+\+\+)[ \t]*(?:\r?\n|\Z)",
    re.DOTALL,
)
_LINE = re.compile(r"([^\r\n]*+)(?:\r\n?|\n|\Z)")
_SPACE = re.compile(r"[ \t]*+")
_QUOTE = re.compile(r">[ \t]?")
_QUOTES = re.compile(r"[ \t]*+>[ \t]?")
_ITEM = re.compile(r"(?:[-+*]|(\d{1,9})[.)])(?:[ \t]++|$)(?:\[[ xX]\][ \t]++)?")
_RULE = re.compile(r"(?:(?:\*[ \t]*+){3,}+|(?:-[ \t]*+){3,}+|(?:_[ \t]*+){3,}+)$")
_HEADING = re.compile(r"\#{1,6}(?:[ \t]++|$)")
_CLOSING = re.compile(r"[ \t]++\#++[ \t]*+$")
_UNDERLINE = re.compile(r"(?:=++|-++)[ \t]*+$")
_FENCE = re.compile(r"`{3,}+(?=[^`]*+$)|~{3,}+")
_COLUMN = r"[ \t]*+:?-++:?[ \t]*+"
_COLUMNS = re.compile(rf"[ \t>]*+\|?{_COLUMN}(?:\|{_COLUMN})*+\|?[ \t]*+$")
_DEFINITION = re.compile(r"\[([^\]\[\\^][^\]\[\\]*+)\]:[ \t]*+\S++(?:[ \t]++[\"'(].*+)?[ \t]*+$")
_FOOTNOTE = re.compile(r"\[\^[^\[\]\s]++\]:[ \t]*+")
_HTML = re.compile(
    r"<(?:(?P<comment>!--)|(?P<name>script|pre|style|textarea)(?=[\s>]|$)|(?P<other>[?!]))", re.I
)
_HTML_END = re.compile(r"</(?:script|pre|style|textarea)>", re.IGNORECASE)
_INDENT = 4
"""Columns by which code is indented, and between the stops of a tab."""
LEVELS = 32
"""Quotations and items that one line may open."""


def read_markdown(source: str) -> Markup:
    """Read the text of a file.

    Parameters
    ----------
    source : str
        The file as it stands; whatever it is, it is some Markdown.
    """
    blocks = _Blocks(source)
    blocks.read()
    reader = Reader(source)
    page, depth = Page(reader), 0
    for block in blocks.found:
        while depth != block.depth:
            reader.quotation(begins=depth < block.depth)
            depth += 1 if depth < block.depth else -1
        reader.line()
        if block.html:
            scan(page, *block.lines[0])
        else:
            read_inline(page, block, blocks.labels)
        reader.line()
    return reader.end()


class _Blocks:
    """Divides lines into blocks.

    Attributes
    ----------
    found : list of Block
    labels : set of str
        Of the links that are defined.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self.found: list[Block] = []
        self.labels: set[str] = set()
        front = _FRONT.match(source)
        begin = front.end() if front else 0
        self._lines = [found.span(1) for found in _LINE.finditer(source, begin)]
        self._paragraph: Block | None = None
        self._items: list[int] = []  # columns where the text of the open items begins
        self._fence = ""
        self._within = 0, 0  # quotations round the fence, and the column of its item
        self._rows = -1  # line under the header of the table that is open

    def read(self) -> None:
        """Read all lines."""
        number = 0
        while number < len(self._lines):
            number = self._read(number)
        self._close()

    def _read(self, number: int) -> int:
        """Read a line; return the number of the next."""
        start, end = self._lines[number]
        if self._fence and self._in_fence(start, end):
            return number + 1
        at, depth, indent = self._enter(start, end)
        if at == end:
            self._close()
        elif indent < _INDENT or self._paragraph:  # else code
            return self._leaf(number, at, depth, indent)
        return number + 1

    def _leaf(self, number: int, at: int, depth: int, indent: int) -> int:
        """Read what stands in a line; return the number of the next."""
        end = self._lines[number][1]
        found = _HTML.match(self.source, at, end)
        if found:
            return self._html(found, number, depth)
        if self._is_mark(at, end, depth, indent):
            return number + 1
        if not self._is_row(number):
            self._continue(at, end, depth)
        elif number != self._rows:
            self.found.append(Block([(at, end)], depth, row=True))
        return number + 1

    def _close(self) -> None:
        """End the paragraph or table."""
        if self._paragraph:
            self.found.append(self._paragraph)
        self._paragraph, self._rows = None, -1

    # --- what a line stands in ------------------------------------------------------------

    def _enter(self, start: int, end: int) -> tuple[int, int, int]:
        """Where the line's own text begins, in how many quotations, how far indented."""
        at, depth, edge = start, 0, 0
        for level in range(LEVELS + 1):
            at = self._skip(at, end)
            column = self._column(start, at)
            if at == end or level == LEVELS:
                break
            item = self._item(at, end)
            if item or not self._paragraph:
                while self._items and self._items[-1] > column:
                    self._items.pop()
            indent = column - max(edge, self._items[-1] if self._items else 0)
            if indent < _INDENT and self.source[at] == ">":
                at = self._end(_QUOTE, at, end)
                depth, edge = depth + 1, column + 1
            elif indent < _INDENT and item:
                self._close()
                at = item.end()
                edge = self._column(start, at) if at < end else column + 2
                self._items.append(edge)
            else:
                return at, depth, indent
        return at, depth, 0

    def _item(self, at: int, end: int) -> re.Match[str] | None:
        """The mark of a list's item. In the middle of a paragraph only a sure one is."""
        found = _ITEM.match(self.source, at, end)
        if not found or _RULE.match(self.source, at, end):
            return None
        if self._paragraph and not self._items and (found[1] not in {None, "1"}):
            return None
        return None if self._paragraph and found.end() == end else found

    def _skip(self, at: int, end: int) -> int:
        return self._end(_SPACE, at, end)

    def _end(self, pattern: re.Pattern[str], at: int, end: int) -> int:
        """Where a pattern ends that matches here; here if it does not."""
        found = pattern.match(self.source, at, end)
        return found.end() if found else at

    def _column(self, start: int, at: int) -> int:
        return len(self.source[start:at].expandtabs(_INDENT))

    # --- blocks ---------------------------------------------------------------------------

    def _in_fence(self, start: int, end: int) -> bool:
        """Whether a line belongs to the fenced code above it."""
        depth, column = self._within
        at = start
        for _ in range(depth):
            found = _QUOTES.match(self.source, at, end)
            if not found:
                self._fence = ""
                return False
            at = found.end()
        at = self._skip(at, end)
        if at < end and self._column(start, at) < column:
            self._fence = ""
            return False
        line = self.source[at:end].rstrip(" \t")
        if line.startswith(self._fence) and not line.strip(self._fence[0]):
            self._fence = ""
        return True

    def _html(self, found: re.Match[str], number: int, depth: int) -> int:
        """A block of HTML, to the end of the line where it is closed."""
        if found["comment"]:
            end = self.source.find("-->", found.start() + 2)
        elif found["name"]:
            closing = _HTML_END.search(self.source, found.end())
            end = closing.start() if closing else -1
        else:
            end = self.source.find(">", found.end())
        last = number
        while last < len(self._lines) - 1 and (end < 0 or self._lines[last][1] < end):
            last += 1
        self._close()
        self.found.append(Block([(found.start(), self._lines[last][1])], depth, html=True))
        return last + 1

    def _is_mark(self, at: int, end: int, depth: int, indent: int) -> bool:
        """Whether a line is a heading, rule, underline, definition or the start of a fence."""
        heading = _HEADING.match(self.source, at, end)
        if heading:
            closing = _CLOSING.search(self.source, heading.end(), end)
            self._close()
            self.found.append(Block([(heading.end(), closing.start() if closing else end)], depth))
            return True
        fence = _FENCE.match(self.source, at, end)
        if fence:
            self._fence = fence[0]
            self._within = depth, self._items[-1] + min(indent, 0) if self._items else 0
            self._close()
            return True
        if self._paragraph:
            mark = _UNDERLINE.match(self.source, at, end)
        else:
            mark = _DEFINITION.match(self.source, at, end)
            self.labels.update([label(mark[1])] if mark else [])
        if mark or _RULE.match(self.source, at, end):
            self._close()
            return True
        return False

    def _is_row(self, number: int) -> bool:
        """Whether a line belongs to a table, whose second line shows that it is one."""
        if self._rows >= 0:
            return True
        if number + 1 == len(self._lines) or "|" not in self.source[slice(*self._lines[number])]:
            return False
        below = self._lines[number + 1]
        if "|" not in self.source[slice(*below)] or not _COLUMNS.match(self.source, *below):
            return False
        self._close()
        self._rows = number + 1
        return True

    def _continue(self, at: int, end: int, depth: int) -> None:
        """A line of a paragraph: of the one that is open, unless it stands deeper."""
        if self._paragraph and depth <= self._paragraph.depth:
            self._paragraph.lines.append((at, end))
            return
        self._close()
        if not self._paragraph:
            at = self._end(_FOOTNOTE, at, end)
        self._paragraph = Block([(at, end)], depth)
