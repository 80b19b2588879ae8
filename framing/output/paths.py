"""Paths as other programs want them."""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePath
from urllib.parse import quote

_NO_BYTE = re.compile("[\ud800-\udc7f\udd00-\udfff]")


def below(path: str, root: Path) -> str | None:
    """Write a path relative to a folder, with forward slashes; None where it lies outside."""
    try:
        relative = os.path.relpath(root / path, root)
    except ValueError:  # another drive
        return None
    parts = PurePath(relative).parts
    return None if parts[:1] == ("..",) else PurePath(relative).as_posix()


def percent(path: str) -> str:
    """Write a path as the path of a URI; bytes that were no UTF-8 come through as they were."""
    return quote(_NO_BYTE.sub("\ufffd", path).encode("utf-8", "surrogateescape"))


def file_uri(path: str, root: Path) -> str:
    """Write an absolute `file:` URI."""
    absolute = PurePath(os.path.normpath(root / path)).as_posix()
    return f"file:///{percent(absolute.lstrip('/'))}"
