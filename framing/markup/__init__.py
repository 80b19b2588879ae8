"""Files of Markdown and HTML: the text a browser would show, and where it stands in the file.

What is scored is the text alone. Every span is then placed in the file as it stands, so
that offsets, lines and columns are those that an editor shows, and its words are the
file's characters from `start` to `end`, with whatever markup stands between them.

The scanners are our own because the standard library's `html.parser` takes time that grows
with the square of a broken file, stops with an error on some, and reads others differently
from one Python to the next; and no Markdown library gives offsets inside a line.
"""

from __future__ import annotations

from pathlib import PurePath

from framing.markup.markup import Markup

__all__ = ["HTML", "MARKDOWN", "Markup", "read_markup"]

HTML = frozenset({".html", ".htm"})
MARKDOWN = frozenset({".md", ".markdown"})


def read_markup(path: str, source: str) -> Markup | None:
    """Read a file by the ending of its name.

    Parameters
    ----------
    path : str
    source : str
        The file as it stands.

    Returns
    -------
    Markup or None
        None where the ending is not one of Markdown or HTML: such a file is plain text.
    """
    suffix = PurePath(path).suffix.lower()
    if suffix in HTML:
        from framing.markup.html import read_html

        return read_html(source)
    if suffix in MARKDOWN:
        from framing.markup.markdown import read_markdown

        return read_markdown(source)
    return None
