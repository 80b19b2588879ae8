from __future__ import annotations

import json
import re
from dataclasses import FrozenInstanceError
from html.parser import HTMLParser

import pytest
from conftest import TEXTS
from hypothesis import given
from hypothesis import strategies as st

from framing.prediction import COLOURS, Prediction, Profile, Span, highlight
from framing.prediction import profile as profile_of

LABELS = ("loaded", "verdict")
TEXT = 'The <b>vile</b> & "mean" mob ran'


def profile(counts=None):
    counts = counts or dict.fromkeys(LABELS, 0)
    return Profile(9, 2, counts, {name: n / 2 for name, n in counts.items()}, 0.25, 3, 1)


def prediction(text, *rows):
    spans = tuple(Span(start, end, label, 0.876, text[start:end]) for start, end, label in rows)
    return Prediction(text, spans, profile())


class Reader(HTMLParser):
    """The text of a page without what stands above the line, and its marks."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.marks = []
        self.open = []

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        if tag == "mark":
            self.marks.append(dict(attrs)["title"])

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "sup" not in self.open:
            self.text += data


def shown(page):
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    return reader


# --- what it is ---------------------------------------------------------------------------


def test_a_prediction_is_a_sequence_of_spans():
    found = prediction(TEXT, (4, 11, "loaded"), (0, 32, "verdict"))
    assert len(found) == 2
    assert found[0] == found.spans[0]
    assert found[-1].label == "verdict"
    assert found[:1] == found.spans[:1]
    assert list(found) == list(found.spans)
    assert found.spans[1] in found
    assert found.index(found.spans[1]) == 1
    with pytest.raises(IndexError):
        found[2]
    assert not prediction(TEXT)


def test_spans_stand_in_text_order():
    spans = [Span(5, 9, "b", 0.1, "x"), Span(5, 6, "z", 0.9, "x"), Span(0, 99, "c", 0.5, "x")]
    assert [span.start for span in sorted(spans)] == [0, 5, 5]
    assert sorted(spans)[1].end == 6


def test_spans_and_predictions_are_frozen():
    found = prediction(TEXT, (4, 11, "loaded"))
    with pytest.raises(FrozenInstanceError):
        found[0].start = 1
    with pytest.raises(FrozenInstanceError):
        found.text = ""
    assert len({found[0], found[0]}) == 1


def test_plain_data():
    found = prediction(TEXT, (4, 7, "loaded")).to_dict()
    assert json.loads(json.dumps(found)) == found
    assert found == {
        "spans": [
            {"start": 4, "end": 7, "label": "loaded", "score": 0.876, "text": "<b>", "quoted": False}
        ],
        "profile": {
            "words": 9, "sentences": 2, "counts": {"loaded": 0, "verdict": 0},
            "rates": {"loaded": 0, "verdict": 0}, "marked_share": 0.25, "attributions": 3,
            "vague_attributions": 1,
        },
    }  # fmt: skip
    assert found["profile"] == profile().to_dict()


# --- profile ------------------------------------------------------------------------------


def test_profiles_count():
    spans = [Span(0, 3, "loaded", 1, "one"), Span(9, 16, "loaded", 1, "two  six")]
    found = profile_of((*LABELS, "vague_attribution"), spans, 8, 3, 5)
    assert found.counts == {"loaded": 2, "verdict": 0, "vague_attribution": 0}
    assert found.rates == {"loaded": 250, "verdict": 0, "vague_attribution": 0}
    assert (found.words, found.sentences, found.attributions) == (8, 3, 5)
    assert found.vague_attributions == 0
    assert found.marked_share == 3 / 8


def test_vague_attributions_are_those_marked():
    spans = [Span(0, 3, "vague_attribution", 1, "one")] * 2
    assert profile_of(("vague_attribution",), spans, 8, 1, 0).vague_attributions == 2


def test_marked_words_are_counted_once():
    text = "one two x yz and more"
    rows = [(0, 9, "loaded"), (4, 7, "verdict"), (8, 12, "verdict")]
    spans = [Span(start, end, label, 1, text[start:end]) for start, end, label in rows]
    assert profile_of(LABELS, spans, 8, 1, 0).marked_share == 4 / 8
    assert profile_of(LABELS, spans[::-1], 8, 1, 0).marked_share == 4 / 8


def test_no_words_no_rates():
    found = profile_of(LABELS, [Span(0, 1, "loaded", 1, "!")], 0, 1, 0)
    assert found.rates == {"loaded": 0, "verdict": 0}
    assert found.marked_share == 0


def test_fewer_spans_have_a_profile_of_their_own():
    text = "one two x yz and more"
    spans = tuple(
        Span(*row, text[row[0] : row[1]]) for row in [(0, 3, "loaded", 0.9), (4, 7, "verdict", 0.2)]
    )
    whole = Prediction(text, spans, profile_of(LABELS, spans, 6, 1, 4))
    some = whole.only(lambda span: span.score > 0.5)
    assert list(some) == [spans[0]]
    assert some.text == text
    assert some.profile == profile_of(LABELS, spans[:1], 6, 1, 4)
    assert whole.only(lambda span: True) is whole


# --- in a notebook ------------------------------------------------------------------------


def test_notebooks_show_the_text_with_its_marks():
    page = prediction(TEXT, (4, 15, "loaded"))._repr_html_()
    assert shown(page).text == TEXT
    assert shown(page).marks == ["loaded (0.88)"]
    assert "<sup>loaded</sup>" in page
    assert "<b>" not in page
    assert "&lt;b&gt;" in page


@pytest.mark.parametrize(
    "text",
    ["<script>alert(1)</script>", "&lt;", "</div><mark>", "'\"<!--", "<img src=x onerror=y>"],
)
def test_notebooks_escape_the_text(text):
    page = highlight(text, [Span(0, len(text), "loaded", 1, text)], LABELS)
    assert shown(page).text == text
    assert set(re.findall(r"<(\w+)", page)) == {"div", "mark", "sup"}


def test_notebooks_escape_labels():
    label = '<i>"x"&'
    page = highlight("vile", [Span(0, 4, label, 1, "vile")], (label,))
    assert "<i>" not in page
    assert shown(page).marks == [f"{label} (1.00)"]


def test_overlapping_spans_share_their_words():
    page = prediction("the vile mob ran", (4, 12, "loaded"), (0, 16, "verdict"))._repr_html_()
    reader = shown(page)
    assert reader.text == "the vile mob ran"
    assert sorted(set(reader.marks)) == ["loaded (0.88)", "verdict (0.88)"]
    assert page.count("<sup>") == 2


def test_labels_have_colours_of_their_own():
    page = prediction("ab cd", (0, 2, "loaded"), (3, 5, "verdict"))._repr_html_()
    assert COLOURS[0] in page
    assert COLOURS[1] in page
    assert len(set(COLOURS)) == len(COLOURS) == 10


def test_more_labels_than_colours():
    labels = tuple(f"l{number}" for number in range(12))
    page = highlight("ab", [Span(0, 2, "l11", 1, "ab")], labels)
    assert COLOURS[1] in page


@given(TEXTS, st.data())
def test_any_text_is_shown_as_it_stands(text, data):
    places = st.integers(0, len(text))
    rows = data.draw(st.lists(st.tuples(places, places, st.sampled_from(LABELS)), max_size=4))
    rows = [(min(a, b), max(a, b), label) for a, b, label in rows if a != b]
    page = prediction(text, *rows)._repr_html_()
    assert "\0" in text or "\r" in text or shown(page).text == text
    assert page.count("<sup>") == len(rows)
