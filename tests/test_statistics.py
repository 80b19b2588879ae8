from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing.annotations import AnnotatedDocument, Mark, text_hash
from framing.prediction import COLOURS
from framing.schema import Label, Schema
from framing.statistics import DIMENSIONS, Statistics, bars, describe, fit, table

SCHEMA = Schema(
    (
        Label("loaded", "words that take a side", "phrase"),
        Label("verdict", "a judgement", "clause"),
        Label("never", "nothing is marked so", "phrase"),
    )
)
# 5 words: full stops and dashes are none, so-called is one.
FIRST = "A so-called plan - failed badly."
# 10 words.
SECOND = "The reckless mayor sold the depot.\nThat was a disgrace."


def document(
    name: str, text: str, *marks: tuple[int, int, str], known: bool = True, **meta: Any
) -> AnnotatedDocument:
    own = tuple(Mark(*mark) for mark in marks)
    return AnnotatedDocument(
        name, text if known else None, own, meta, text_hash(text), len(text), name
    )


DOCUMENTS = [
    document("a", FIRST, (2, 11, "loaded"), (12, 25, "verdict"), source="wire", genre="news"),
    document(
        "b", SECOND, (4, 12, "loaded"), (4, 18, "loaded"), (35, 54, "verdict"), (0, 3, "strange"),
        source="web", genre="opinion", outlet="tabloid", split="test",
    ),
    document("c", "Rain fell.", (0, 4, "strange"), source="wire", genre="news", outlet="rain.example.org"),
    document(
        "d", SECOND + "!", (4, 12, "loaded"), known=False, source="web", outlet_kind="agency",
        outlet="x.example.org",
    ),
]  # fmt: skip


@pytest.fixture(scope="module")
def statistics() -> Statistics:
    return describe(DOCUMENTS, SCHEMA)


def test_whole(statistics: Statistics) -> None:
    counts = statistics.all
    assert (counts.documents, counts.readable, counts.unmarked) == (4, 3, 1)
    assert counts.words == 5 + 10 + 2
    assert counts.spans == {"loaded": 4, "verdict": 2, "never": 0}
    assert counts.readable_spans == {"loaded": 3, "verdict": 2, "never": 0}
    assert counts.total == 6
    assert counts.unmarked_share == 1 / 4
    assert counts.per_document() == 6 / 4
    assert counts.per_document("verdict") == 2 / 4
    # the span of the document whose words are not known is in no rate per word
    assert counts.per_thousand_words() == pytest.approx(1000 * 5 / 17)
    assert counts.per_thousand_words("loaded") == pytest.approx(1000 * 3 / 17)


def test_median_words(statistics: Statistics) -> None:
    # loaded: so-called; reckless; reckless mayor. verdict: plan - failed; That was a disgrace.
    assert statistics.median_words == {"loaded": 1.0, "verdict": (2 + 4) / 2, "never": None}


@pytest.mark.parametrize(
    ("dimension", "documents"),
    [
        ("source", {"web": 2, "wire": 2}),
        ("genre", {"news": 2, "opinion": 1, "unknown": 1}),
        ("outlet kind", {"agency": 1, "tabloid": 1, "unknown": 1, "web address": 1}),
        ("split", {"train": 3, "test": 1}),
    ],
)
def test_dimensions(statistics: Statistics, dimension: str, documents: dict[str, int]) -> None:
    found = {name: counts.documents for name, counts in statistics.by[dimension].items()}
    assert list(found.items()) == list(documents.items())  # most documents first


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_dimensions_add_up(statistics: Statistics, dimension: str) -> None:
    parts = statistics.by[dimension].values()
    whole = statistics.all
    for name in ("documents", "readable", "unmarked", "words", "total"):
        assert sum(getattr(part, name) for part in parts) == getattr(whole, name)
    for label, count in whole.spans.items():
        assert sum(part.spans[label] for part in parts) == count


def test_source(statistics: Statistics) -> None:
    web = statistics.by["source"]["web"]
    assert (web.documents, web.readable, web.words, web.total) == (2, 1, 10, 4)
    assert web.spans == {"loaded": 3, "verdict": 1, "never": 0}
    assert web.per_thousand_words() == pytest.approx(1000 * 3 / 10)


def test_to_dict_is_json(statistics: Statistics) -> None:
    data = json.loads(json.dumps(statistics.to_dict(), allow_nan=False))
    assert data["documents"] == 4
    assert data["unmarked_share"] == 0.25
    assert data["per_1000_words"] == 294.118
    assert data["labels"]["never"] == {
        "spans": 0,
        "per_document": 0.0,
        "per_1000_words": 0.0,
        "median_words": None,
    }
    assert data["by"]["split"]["test"]["words"] == 10
    assert set(data["by"]) == set(DIMENSIONS)


TABLE = """\
4 documents, 17 words, 6 spans
spans per document: 1.50
spans per 1,000 words: 294.12
documents without a span: 25%
documents without text: 1 (not in words, rates per word and lengths)

label                          spans     per doc     per 1,000     median words
loaded                             4        1.00        176.47                1
verdict                            2        0.50        117.65                3
never                              0        0.00          0.00                -

source               documents       words    spans  per doc  per 1,000  no span
web                          2          10        4     2.00     300.00       0%
wire                         2           7        2     1.00     285.71      50%

genre                documents       words    spans  per doc  per 1,000  no span
"""


def test_table(statistics: Statistics) -> None:
    shown = table(statistics)
    assert shown.startswith(TABLE)
    assert shown.endswith("0%\n")
    assert all(dimension in shown for dimension in DIMENSIONS)


names = st.text(max_size=90)


@settings(deadline=None)
@given(st.lists(st.tuples(names, names, names), max_size=4))
def test_table_is_at_most_80_columns_wide(found: list[tuple[str, str, str]]) -> None:
    labels = Schema((Label("l" * 90, "", "phrase"), Label("odd\nlabel", "", "phrase")))
    documents = [
        document(str(number), FIRST, (0, 1, "l" * 90), source=source, genre=genre, outlet=outlet)
        for number, (source, genre, outlet) in enumerate(found)
    ]
    statistics = describe(documents, labels)
    lines = table(statistics).splitlines()
    assert max(map(len, lines)) <= 80
    assert len(lines) == 4 + 2 + 2 + sum(2 + len(parts) for parts in statistics.by.values())
    ET.fromstring(bars(statistics))  # noqa: S314 (our own output)


def test_table_says_when_texts_are_missing(statistics: Statistics) -> None:
    assert "without text" in table(statistics)
    assert "without text" not in table(describe(DOCUMENTS[:3], SCHEMA))


def test_nothing_at_all() -> None:
    statistics = describe([], SCHEMA)
    assert statistics.all.documents == 0
    assert statistics.all.per_thousand_words() == 0
    assert "0 documents, 0 words, 0 spans" in table(statistics)
    assert chart(statistics)["bars"] == []


@pytest.mark.parametrize(
    ("name", "shown"), [("abcde", "abcde"), ("abcdef", "abcd…"), ("a\nb\x00", "a b "), ("", "")]
)
def test_fit(name: str, shown: str) -> None:
    assert fit(name, 5) == shown


# --- the chart ----------------------------------------------------------------------------


def chart(statistics: Statistics) -> dict[str, list[Any]]:
    """Texts and bars, as (title, width, colour, left edge), of a chart."""
    root = ET.fromstring(bars(statistics))  # noqa: S314 (our own output)
    space = "{http://www.w3.org/2000/svg}"
    titled = [(rect, rect.find(f"{space}title")) for rect in root.iter(f"{space}rect")]
    return {
        "texts": [text.text for text in root.iter(f"{space}text")],
        "bars": [
            (title.text, float(rect.attrib["width"]), rect.attrib["fill"], float(rect.attrib["x"]))
            for rect, title in titled
            if title is not None
        ],
    }


def test_bars(statistics: Statistics) -> None:
    drawn = chart(statistics)
    assert [title for title, _, _, _ in drawn["bars"]] == [
        "loaded, web: 3",
        "loaded, wire: 1",
        "verdict, web: 1",
        "verdict, wire: 1",
    ]
    assert {colour for _, _, colour, _ in drawn["bars"]} == set(COLOURS[:2])
    widths = [width for _, width, _, _ in drawn["bars"]]
    assert widths[0] == pytest.approx(3 * widths[1], abs=0.2)
    assert widths[1] == widths[2] == widths[3]
    left = [x for _, _, _, x in drawn["bars"]]
    assert left[0] == left[2]  # each bar begins at the same line, its parts follow each other
    assert left[1] == pytest.approx(left[0] + widths[0], abs=0.2)
    assert left[3] == pytest.approx(left[2] + widths[2], abs=0.2)
    for words in ("loaded", "verdict", "never", "web", "wire", "4", "2", "0"):
        assert words in drawn["texts"]


def test_bars_escape_names() -> None:
    schema = Schema((Label("a<b", "", "phrase"),))
    odd = document("a", FIRST, (0, 1, "a<b"), source='"R&D" <desk>\x00')
    drawn = chart(describe([odd], schema))
    assert drawn["bars"][0][0] == 'a<b, "R&D" <desk> : 1'
    assert "a<b" in drawn["texts"]


@pytest.mark.parametrize(("n_sources", "n_bars"), [(10, 10), (11, 10), (25, 10)])
def test_many_sources_share_a_colour(n_sources: int, n_bars: int) -> None:
    documents = [
        document(f"{number}", f"{FIRST} {number}", (0, 1, "loaded"), source=f"s{number:02}")
        for number in range(n_sources)
    ]
    drawn = chart(describe(documents, SCHEMA))
    assert len(drawn["bars"]) == n_bars
    assert len({colour for _, _, colour, _ in drawn["bars"]}) == n_bars
    rest = n_sources - n_bars + 1
    expected = f"loaded, {rest} other sources: {rest}" if rest > 1 else "loaded, s09: 1"
    assert drawn["bars"][-1][0] == expected
    assert f"{n_sources}" in drawn["texts"]


@pytest.mark.parametrize(
    ("most", "ticks"),
    [
        (1, ["0", "1"]),
        (7, ["0", "2", "4", "6"]),
        (30, ["0", "5", "10", "15", "20", "25", "30"]),
        (2134, ["0", "500", "1,000", "1,500", "2,000"]),
    ],
)
def test_ticks(most: int, ticks: list[str]) -> None:
    many = document("a", "x " * most, *((2 * n, 2 * n + 1, "loaded") for n in range(most)))
    texts = chart(describe([many], SCHEMA))["texts"]
    assert texts[2 : 2 + len(ticks) + 1] == [*ticks, "loaded"]  # after heading and legend
