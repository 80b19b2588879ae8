"""Readers of the outputs, each counting as the reader of that format does."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from framing.prediction import Prediction
    from framing.schema import Label

MODEL = {"name": "m", "sha256": "0" * 64, "version": "1"}
_LINE_END = re.compile(r"\r\n|\n|\r")
_SURROGATE = re.compile("[\ud800-\udfff]")


def rendered(name: str, path: str, text: str, found: Prediction, labels: Sequence[Label]) -> str:
    """Output of one document."""
    from framing.output import running, writer

    stream = io.StringIO(newline="")
    with running(writer(name, stream, labels, MODEL)) as made:  # type: ignore[arg-type]
        made.add(path, text, found)
    return stream.getvalue()


def check_outputs(text: str, found: Prediction, labels: Sequence[Label]) -> None:
    """Every text format leads its reader to the words of every span."""
    for name, check in CHECKS.items():
        output = rendered(name, "a.txt", text, found, labels)
        output.encode("utf-8")
        check(output, text, found)


def utf16(text: str) -> bytes:
    """UTF-16 code units of a text, as editors and browsers hold it."""
    return text.encode("utf-16-le", "surrogatepass")


def lines_of(text: str) -> list[str]:
    """Lines with their ends, as editors part them."""
    ends = [match.end() for match in _LINE_END.finditer(text)]
    return [text[a:b] for a, b in zip([0, *ends], [*ends, len(text)], strict=True)]


def offset_at(text: str, line: int, column: int) -> int:
    """Code points before a line and column that count from 1, in code points."""
    return len("".join(lines_of(text)[: line - 1])) + column - 1


def units_at(text: str, line: int, column: int) -> int:
    """UTF-16 code units before a line and column that count from 1, in UTF-16 code units."""
    return len(utf16("".join(lines_of(text)[: line - 1]))) // 2 + column - 1


def _sarif(output: str, text: str, found: Prediction) -> None:
    counted = text.removeprefix("\ufeff")
    units = utf16(counted)
    results = json.loads(output)["runs"][0]["results"]
    for result, span in zip(results, found, strict=True):
        area = result["locations"][0]["physicalLocation"]["region"]
        start, end = area["charOffset"], area["charOffset"] + area["charLength"]
        assert units[2 * start : 2 * end] == utf16(_without_mark(text, span.start, span.text))
        assert units_at(counted, area["startLine"], area["startColumn"]) == start
        assert units_at(counted, area["endLine"], area["endColumn"]) == end


def _without_mark(text: str, start: int, words: str) -> str:
    return words[1:] if start == 0 and text.startswith("\ufeff") else words


def _github(output: str, text: str, found: Prediction) -> None:
    units = utf16(text)
    for line, span in zip(_commands(output), found, strict=True):
        pairs = dict(each.split("=", 1) for each in line.split(","))
        if "col" not in pairs:
            assert pairs["line"] != pairs["endLine"]
            continue
        start = units_at(text, int(pairs["line"]), int(pairs["col"]))
        end = units_at(text, int(pairs["endLine"]), int(pairs["endColumn"]))
        assert units[2 * start : 2 * end] == utf16(span.text)


def _commands(output: str) -> Iterator[str]:
    """Properties of each command, as the runner parts lines and commands."""
    for line in _LINE_END.split(output):
        if line:
            properties = re.fullmatch(r"::warning ([^:]*)::.*", line, re.DOTALL)
            assert properties
            yield properties[1]


def _concise(output: str, text: str, found: Prediction) -> None:
    lines = output.split("\n")
    assert lines.pop() == ""
    for line, span in zip(lines, found, strict=True):
        assert line.isprintable() or "\u200c" in line or "\u200d" in line
        _, row, column, _ = line.split(":", 3)
        assert offset_at(text, int(row), int(column)) == span.start


def _csv(output: str, text: str, found: Prediction) -> None:
    rows = list(csv.DictReader(io.StringIO(output, newline="")))
    for row, span in zip(rows, found, strict=True):
        start, end = int(row["start"]), int(row["end"])
        assert row["text"] == _SURROGATE.sub("\ufffd", text[start:end])
        assert offset_at(text, int(row["line"]), int(row["column"])) == start == span.start
        assert float(row["score"]) == span.score


def _jsonl(output: str, text: str, found: Prediction) -> None:
    assert output.count("\n") == 1
    for row, span in zip(json.loads(output)["spans"], found, strict=True):
        words = text[row["start"] : row["end"]]
        assert words == span.text
        assert utf16(row["text"]) == utf16(words)


def _html(output: str, text: str, found: Prediction) -> None:
    pattern = r'<script type="application/json" class="article-data">(.*?)</script>'
    (block,) = re.findall(pattern, output)
    article = json.loads(block)
    units = utf16(article["text"])
    assert units == utf16(text)
    for row, span in zip(article["spans"], found, strict=True):
        assert units[2 * row[0] : 2 * row[1]] == utf16(span.text)


CHECKS = {
    "sarif": _sarif,
    "github": _github,
    "concise": _concise,
    "csv": _csv,
    "jsonl": _jsonl,
    "html": _html,
}
