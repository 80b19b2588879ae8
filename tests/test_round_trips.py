"""What the formats for people and tables say of a span leads back to it."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from test_output import DATA, MODEL, SCHEMA, commands, documents, model, put, read_articles, render

from framing.output import Options
from framing.output.characters import escaped, visible
from framing.output.place import open_output


def offset(text, line, column):
    """Code point at a line and column, counted from 1; lines end as editors end them."""
    starts = [0, *(match.end() for match in re.finditer("\r\n|\r|\n", text))]
    return starts[line - 1] + column - 1


@settings(max_examples=40)
@given(document=documents(surrogates=False))
def test_concise_leads_back_to_the_span(document):
    path, text, prediction = document
    lines = render("concise", [document]).splitlines()
    for line, span in zip(lines, prediction, strict=True):
        place, label, score, quoted, words = re.fullmatch(
            r'(.*): (\w+) \((\d\.\d\d)(, quoted)?\) "(.*)"', line
        ).groups()
        name, row, column = place.rsplit(":", 2)
        assert name == escaped(path)
        assert offset(text, int(row), int(column)) == span.start
        assert (label, float(score), bool(quoted)) == (
            span.label, pytest.approx(span.score, abs=0.0051), span.quoted,
        )  # fmt: skip
        shown = visible(span.text)
        head, cut, tail = words.partition("…")
        assert words == shown or (cut and shown.startswith(head) and shown.endswith(tail))


@settings(max_examples=40)
@given(document=documents(surrogates=False))
def test_github_leads_back_to_the_span(document):
    _, text, prediction = document
    units = text.encode("utf-16-le")
    starts = [0, *(match.end() for match in re.finditer("\r\n|\r|\n", text))]
    before = [len(text[:start].encode("utf-16-le")) // 2 for start in starts]
    written = commands(render("github", [document]))
    for (found, message), span in zip(written, prediction, strict=True):
        first, last = int(found["line"]), int(found["endLine"])
        assert starts[first - 1] <= span.start
        assert [start for start in starts if start < span.end][-1] == starts[last - 1]
        if "col" in found:
            begin = before[first - 1] + int(found["col"]) - 1
            end = before[last - 1] + int(found["endColumn"]) - 1
            assert units[2 * begin : 2 * end].decode("utf-16-le") == span.text
        assert found["title"] == f"{span.label} ({span.score:.2f})"
        assert message.endswith(SCHEMA.labels[SCHEMA.names.index(span.label)].definition)


def test_parquet_golden(tmp_path):
    """Bytes differ between versions of Arrow: names, types and rows are compared."""
    import pyarrow.parquet as pq

    made = tmp_path / "out.parquet"
    with open_output("parquet", made, model(**MODEL), Options(root=Path("/articles"))) as opened:
        for article in read_articles()[2:5]:
            put(opened, *article)
    table = pq.read_table(made)
    content = {
        "columns": {field.name: str(field.type) for field in table.schema},
        "rows": table.to_pylist(),
    }
    found = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    file = DATA / "parquet.json"
    if os.environ.get("UPDATE_GOLDEN"):
        file.write_text(found, encoding="utf-8", newline="\n")
    assert found == file.read_text(encoding="utf-8"), "set UPDATE_GOLDEN=1 to accept"
