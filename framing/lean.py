"""What a process of our own does to take less memory; a library would not."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def without_pandas() -> Iterator[None]:
    """Import scikit-learn without pandas, which takes 100 MB and half a second.

    It imports pandas wherever that is installed, as it is beside `datasets`, and needs it
    for nothing that we ask of it.
    """
    hidden = "pandas" not in sys.modules  # None there is as if it were not installed
    if hidden:
        sys.modules["pandas"] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        if hidden:
            del sys.modules["pandas"]


def give_back_memory() -> None:
    """Return to the system what loading a model took for a while: 40 MB, where glibc keeps it."""
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)
