"""A page on this machine where a person corrects a model's spans: `framing review`.

The queue is the articles; the journal keeps every decision; what is finished goes into an
annotation file that `framing train` takes. The server needs the extra `review`.
"""

from __future__ import annotations

from importlib import util

from framing.errors import InputError

NEEDED = ("starlette", "uvicorn", "filelock")
"""Packages of the extra `review`."""


def check_extra() -> None:
    """See that the server's packages are there.

    Raises
    ------
    InputError
        If one is missing; names the extra.
    """
    if any(util.find_spec(name) is None for name in NEEDED):
        raise InputError('review needs its extra: pip install "framing-devices[review]"')
