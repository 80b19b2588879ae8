"""Changed model files: `python -m tests.fuzz.models --seconds 1800`.

The bytes of an input say what is changed in a small model of either kind: bytes of the file,
nodes of its tree, or elements, types and shapes of its arrays. The result is refused with one
line of ModelError, or reads a text as any model does.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from copy import copy
from functools import cache
from pathlib import Path
from typing import Any

from tests.fuzz.engine import Examine, main

LONGEST = 30
"""Bytes of an input: seven changes, for many more only break a file in the first place met."""


def prepare() -> Examine:
    """Return what changes a model and loads it."""
    from hostile import check
    from hostile_models import make_bases

    from framing.errors import ModelError
    from framing.predictor import Framing

    folder = Path(tempfile.mkdtemp())
    bases = [path.read_bytes() for path in make_bases(folder).values()]
    text = "The reckless regime fell. “So-called” critics said so.\n"
    target = folder / "changed.skops"

    def examine(data: bytes) -> None:
        target.write_bytes(changed(bases[data[0] % 2] if data else bases[0], data))
        try:
            model = Framing(target)
        except ModelError as error:
            line = str(error)
            assert line.isprintable()
            assert len(line) < 500
            assert str(target) in line
            return
        check(text, model.predict(text), model.labels)

    return examine


def changed(base: bytes, data: bytes) -> bytes:
    """Return a model file with what the bytes of an input do to it."""
    steps = [data[at : at + 4] for at in range(2, len(data) - 3, 4)]
    if data[1:2] < b"\x40":  # the file itself: places and other bytes
        made = bytearray(base)
        for step in steps:
            place = int.from_bytes(step[:3], "little")
            if step[0] & 1:
                place = len(made) - 1 - place % 4000
            made[place % len(made)] = step[3]
        return bytes(made)
    parts = _apart(base)
    for step in steps:
        (_change_node if step[2] < 128 else _change_member)(parts, step)
    try:
        return parts.join()
    except (RecursionError, ValueError):  # nodes inside themselves
        return base


@cache
def _read(base: bytes) -> tuple[Any, str]:
    """Parts of a model, read once, and its tree as JSON."""
    from hostile_models import Parts

    parts = Parts(base)
    return parts, json.dumps(parts.tree)


def _apart(base: bytes) -> Any:
    """A copy of a model's parts."""
    known, tree = _read(base)
    parts = copy(known)
    parts.members, parts.tree = dict(parts.members), json.loads(tree)
    return parts


def _change_node(parts: Any, step: bytes) -> None:
    from hostile_models import WEIRD

    nodes, weird = parts.nodes(), list(WEIRD.values())
    if nodes:
        holder, key = nodes[int.from_bytes(step[:2], "little") % len(nodes)]
        other, place = nodes[step[3] % len(nodes)]
        holder[key] = other[place] if step[2] < 32 else weird[step[2] % len(weird)]


def _change_member(parts: Any, step: bytes) -> None:
    from hostile_models import array_changes

    names = sorted(parts.members)
    name = names[int.from_bytes(step[:2], "little") % len(names)]
    if step[2] < 192:
        member = bytearray(parts.members[name])
        member[(step[3] * 257) % max(len(member), 1) : step[2] - 128] = step[:2]
        parts.members[name] = bytes(member)
        return
    with suppress(ValueError):  # it was changed before
        choices = list(array_changes(parts.array(name)).values())
        content = choices[step[3] % len(choices)]
        if isinstance(content, bytes):
            parts.members[name] = content
        else:
            parts.put(name, content)


def seeds() -> Iterator[bytes]:
    """Each kind of change, at a few places."""
    for kind in range(0, 256, 8):
        for place in (3, 40, 90):
            yield bytes([kind % 3, 0xFF, place, 0, kind, kind])
            yield bytes([kind % 2, 0, place, kind, 7, kind])


if __name__ == "__main__":
    main("models", prepare, seeds, LONGEST)
