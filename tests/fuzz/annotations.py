"""Any file as annotations in every format: `python -m tests.fuzz.annotations --seconds 1800`.

The first byte of an input chooses the format. Half of the inputs are the file itself, the
others say which JSON or table to make, so that the readers get further than its syntax.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.fuzz.engine import ROOT, Examine, main

FORMATS = ("jsonl", "label-studio", "doccano", "brat", "ptc")
KEYS = (
    "id", "text", "data", "spans", "start", "end", "label", "labels", "annotator", "meta", "genre",
    "group", "split", "sha256", "chars", "answer", "annotations", "completions", "result", "value",
    "type", "entities", "start_offset", "end_offset", "completed_by", "email", "was_cancelled",
    "_annotator_id", "tokens", "license",
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, 2, 3, 5, 8, -1, 2**31, 2**63, 2**64, 10**400, 0.5, 1e308, float("nan"),
    float("inf"), "", "a", "labels", "loaded_language", "scare_quotes", "The “reckless” 😀 mayor",
    "It\r\nfell.\n", "\ufeffa b", "\ud800", "a\udc00b", "\0", "reject", "news", "test", "x" * 999, {}, [],
    "../../../../tmp/x", "hypertextlabels", "0", "\n", " ", "a" * 16,
)  # fmt: skip


class Maker:
    """Plain data by the bytes of an input."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def byte(self) -> int:
        """Next byte; 0 past the end."""
        self.at += 1
        return self.data[self.at - 1] if self.at <= len(self.data) else 0

    def value(self, depth: int = 0) -> Any:
        """A value of any kind."""
        code = self.byte()
        if code >= 200 and depth < 6:
            return [self.value(depth + 1) for _ in range(code % 5)]
        if code >= 120 and depth < 6:
            return {KEYS[self.byte() % len(KEYS)]: self.value(depth + 1) for _ in range(code % 8)}
        if code >= 80:
            return code - 80
        return VALUES[code % len(VALUES)]

    def record(self, style: str) -> Any:
        """A record of a format with anything in some of its places."""
        text = VALUES[23 + self.byte() % 5]
        start, end, label = self.byte() % 9, self.byte() % 9, VALUES[20 + self.byte() % 3]
        if style == "label-studio":
            value = {"start": start, "end": end, "labels": [label], "text": text[start:end]}
            result = {"type": "labels", "value": value}
            made: Any = {"data": {"text": text}, "annotations": [{"result": [result]}]}
        elif style == "doccano":
            made = {"text": text, "label": [[start, end, label]]}
        else:
            span = {"start": start, "end": end, "label": label}
            made = {"text": text, "spans": [span], "meta": {}}
        for _ in range(self.byte() % 4):
            self.change(made)
        return made

    def change(self, made: Any) -> None:
        """Put a value somewhere inside."""
        while isinstance(made, dict | list) and made:
            keys = list(made) if isinstance(made, dict) else list(range(len(made)))
            key = keys[self.byte() % len(keys)]
            if self.byte() % 3 == 0 or not isinstance(made[key], dict | list):
                made[key] = self.value()
                return
            made = made[key]


def contents(style: str, data: bytes) -> dict[str, bytes]:
    """Files of an input."""
    if style in ("brat", "ptc"):
        text, _, table = data.partition(b"\xfe")
        names = {"brat": ("a.txt", "a.ann"), "ptc": ("article1.txt", "article1.labels")}[style]
        return dict(zip(names, (text, table), strict=True))
    if data[:1] < b"\x80":
        return {"a.jsonl": data[1:]}
    maker = Maker(data[1:])
    records = [maker.record(style) for _ in range(1 + maker.byte() % 3)]
    lines = [json.dumps(records)] if style == "label-studio" else map(json.dumps, records)
    return {"a.jsonl": "\n".join(lines).encode()}


def prepare() -> Examine:
    """Return what imports a file; whatever is wrong with it is one line of AnnotationError."""
    from hostile import LABELS

    from framing import formats
    from framing.annotations import find_schema, read_file, write_annotations
    from framing.errors import AnnotationError
    from framing.validation import validate_files

    base = Path(tempfile.mkdtemp())
    folder = base / "in"
    schema = find_schema([])
    assert set(LABELS) <= set(schema.names)

    def examine(data: bytes) -> None:
        style = FORMATS[data[0] % len(FORMATS)] if data else "jsonl"
        shutil.rmtree(base)
        folder.mkdir(parents=True)
        for name, content in contents(style, data[1:]).items():
            (folder / name).write_bytes(content)
        place = folder if style in ("brat", "ptc") else folder / "a.jsonl"
        try:
            if style == "jsonl":
                validate_files([place], None, schema)
            formats.guess_format(place)
        except AnnotationError as error:
            one_line(error)
        try:
            documents = formats.read(place, style)
        except AnnotationError as error:
            one_line(error)
            return
        for document in documents:
            for mark in document.marks:
                assert 0 <= mark.start < mark.end <= document.chars
                assert document.text is None or document.chars == len(document.text)
        write_annotations(base / "out.jsonl", documents)
        again = list(read_file(base / "out.jsonl"))
        assert [d.to_dict() for d in again] == [d.to_dict() for d in documents]
        for other in formats.FORMATS:
            try:
                formats.write(documents, base / f"out.{other}", other)
            except AnnotationError as error:
                one_line(error)

    def one_line(error: AnnotationError) -> None:
        assert "\n" not in str(error)
        assert len(str(error)) < 1000

    return examine


def seeds() -> Iterator[bytes]:
    """The examples of every format, and instructions for records."""
    data = ROOT / "tests" / "data" / "formats"
    ends = {".jsonl": (0, 2), ".json": (1,)}
    for path in sorted(data.rglob("*")):
        for number in ends.get(path.suffix, ()) if path.is_file() else ():
            yield bytes([number, 0]) + path.read_bytes()
        if path.suffix == ".ann":
            text = path.with_suffix(".txt")
            yield (
                b"\3" + (text.read_bytes() if text.exists() else b"") + b"\xfe" + path.read_bytes()
            )
        if path.suffix == ".labels":
            yield b"\4The reckless mayor fell.\xfe" + path.read_bytes()
    for number in range(3):
        yield from (bytes([number, 255, *(code,) * 12]) for code in range(0, 256, 5))


if __name__ == "__main__":
    main("annotations", prepare, seeds)
