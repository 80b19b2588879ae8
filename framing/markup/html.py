"""HTML: the text of a page as a browser shows it, cut into tokens as the standard says.

The rules are those of the HTML Standard's tokenizer (13.2.5), without error messages: what
is never closed reaches to the end of the file, so that nothing is looked at twice.
"""

from __future__ import annotations

import re
from html.entities import html5

from framing.markup.markup import Markup
from framing.markup.reader import Reader

ENTITY = r"&(?:\#(?P<number>[0-9]++|[xX][0-9a-fA-F]++)|(?P<entity>[A-Za-z][A-Za-z0-9]{0,31}+));?+"
_TOKEN = re.compile(
    rf"""
    (?P<comment><!--(?:-?>|.*?(?:--!?>|\Z)))
    |<[!?][^>]*+(?:>|\Z)
    |</(?![A-Za-z])[^>]*+(?:>|\Z)
    |<(?P<close>/?+)(?P<name>[A-Za-z][^\s/>]*+)
      (?:[^>=]++|=\s*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|[^\s>"'][^\s>]*+)?+)*+(?:>|\Z)
    |{ENTITY}
    """,
    re.VERBOSE | re.DOTALL,
)
_CLOSE = re.compile(r"</(?P<name>[A-Za-z][^\s/>]*+)(?=[\s/>])")
_RAW = frozenset(
    "script style noscript title textarea iframe noembed noframes xmp".split()  # noqa: SIM905
)
"""Elements whose content is no markup, and is not shown among the text."""
_HIDDEN = frozenset("audio canvas datalist object select template video".split())  # noqa: SIM905
"""Elements whose content is markup, and is not shown."""
_APART = frozenset({"code", "svg"})
"""Elements whose words are not the article's; a block ends them if nothing else does."""
_BLOCK = frozenset(
    "address article aside blockquote body br caption center dd details dialog dir div dl dt "  # noqa: SIM905
    "fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 head header hgroup hr html legend li "
    "main menu nav ol optgroup option p pre search section summary table tbody td tfoot th thead "
    "tr ul".split()
)
_REPLACED = "\ufffd"


class Page:
    """Shows tags, comments and text to a reader.

    Parameters
    ----------
    reader : Reader
    """

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self._hiding = ""
        self._depth = 0
        self._pre = 0

    def text(self, start: int, end: int) -> None:
        """Characters as they stand."""
        if self._hiding:
            return
        if self._pre:
            self.reader.lines(start, end)
        else:
            self.reader.words(start, end)

    def entity(self, found: re.Match[str], base: int = 0) -> None:
        """A character reference; what follows its name is text."""
        if self._hiding:
            return
        shown, length = character(found)
        start = base + found.start()
        self.reader.put(shown, start, start + length)
        self.reader.words(start + length, base + found.end())

    def tag(self, found: re.Match[str], base: int = 0) -> None:
        """A tag, with its `name` and what `close` says."""
        name, close = found["name"].lower(), bool(found["close"])
        if self._hiding:
            self._unhide(name, close=close)
        elif name in _HIDDEN or name in _RAW or (name in _APART and found[0][-2:] != "/>"):
            self._hiding, self._depth = ("", 0) if close else (name, 1)
        if self._hiding:
            return
        if name in _BLOCK:
            self.reader.line()
        if name == "blockquote":
            self.reader.quotation(begins=not close)
        elif name == "pre":
            self._pre = max(self._pre + (-1 if close else 1), 0)
        elif name == "q":
            self.reader.put("”" if close else "“", base + found.start(), base + found.end())

    def _unhide(self, name: str, *, close: bool) -> None:
        """A tag inside a hidden element: it ends there, or is one more of its kind."""
        if name == self._hiding:
            self._depth += -1 if close else 1
        ended = self._hiding in _APART and name in _BLOCK and name != "br"
        if ended or not self._depth:
            self._hiding = ""


def character(found: re.Match[str]) -> tuple[str, int]:
    """What a character reference stands for, and how many characters of it do.

    An ampersand that begins no reference stands for itself.
    """
    if found["number"]:
        return _numbered(found["number"]), len(found[0])
    for length in range(len(found[0]), 2, -1):
        name = found[0][1:length]
        if name in html5:
            return html5[name], length
    return "&", 1


def _numbered(number: str) -> str:
    hexadecimal = number[0] in "xX"
    digits = number.lstrip("xX").lstrip("0")
    if len(digits) > 7:
        return _REPLACED
    code = int(digits or "0", 16 if hexadecimal else 10)
    if code == 0 or code > 0x10FFFF or 0xD800 <= code < 0xE000:
        return _REPLACED
    if 0x80 <= code < 0xA0:  # meant as Windows-1252
        return bytes([code]).decode("cp1252", "replace")
    return chr(code)


def scan(page: Page, start: int, end: int) -> None:
    """Read a range of the source as HTML."""
    source = page.reader.source
    while found := _TOKEN.search(source, start, end):
        page.text(start, found.start())
        start = found.end()
        if found["comment"]:
            page.reader.comment(*found.span())
        elif found["name"]:
            page.tag(found)
            name = found["name"].lower()
            if name in _RAW and not found["close"]:
                ends = _CLOSE.finditer(source, start, end)
                start = next((each.start() for each in ends if each["name"].lower() == name), end)
        elif found["number"] or found["entity"]:
            page.entity(found)
    page.text(start, end)


def read_html(source: str) -> Markup:
    """Read the text of a page.

    Parameters
    ----------
    source : str
        The file as it stands; it may be broken in any way.
    """
    reader = Reader(source)
    scan(Page(reader), 0, len(source))
    return reader.end()
