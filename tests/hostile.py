"""Hostile texts, a model that fires at them, and what must hold of whatever it finds.

Shared by the tests (`test_offsets.py`, `test_growth.py`) and by the fuzzers (`fuzz/`), so it
needs neither pytest nor a trained model.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import strategies as st

if TYPE_CHECKING:
    from framing.model import Model
    from framing.prediction import Prediction

ROOT = Path(__file__).parents[1]
LABELS = ("editorializing", "loaded_language", "scare_quotes", "promotional_link")
"""One label of each sort: clause, phrase, quotation, insert."""

# --- texts --------------------------------------------------------------------------------

WORDS = (
    "regime", "critics", "slammed", "shocking", "disgraceful", "tirade", "so-called", "bombshell",
    "reckless", "council", "vote", "Officials", "said", "claims", "is", "a", "stunning", "failure",
    "of", "leadership", "that", "could", "trigger", "the", "mayor's", "mayor’s", "and", "but",
    "READ", "MORE:", "Subscribe", "3,000", "1,0.0,", "U.S.", "a.b.c.", "Mr.", "don't", "’90s",
    "boys’", '"experts"', "“reform”", "‘deal’", "'art'", "«idée»", "The", "She", "tweeted", "posted:",
    "wrote:", "SMITH:", "Q:", "— Jane Doe (@jane) May 1, 2020", "@jane", "http://a.b/c?d=e",
)  # fmt: skip
MARKS = (
    "“", "”", "„", "‟", '"', "''", "'", "‘", "’", "‚", "«", "»", "`", "(", ")", "[", "]", "{", "}",
    ".", "!", "?", "…", ":", ";", ",", "—", "–", "-", "|", "•", "*", "@", "_", "%", "::", "]]>", "](",
)  # fmt: skip
SPACES = (
    " ", "  ", "\n", "\n\n", "\r\n", "\r\n\r\n", "\r", " \n", "\t", "\v", "\f", "\x1c", "\x1d", "\x1e",
    "\x1f", "\x85", "\xa0", "\u1680", "\u2003", "\u2028", "\u2029", "\u202f", "\u3000",
)  # fmt: skip
ODD = (
    "\0", "\x08", "\x1b[31m", "\x7f", "\ud800", "\udfff", "\udc80", "\ud83d", "\ude00", "\ufeff", "\ufffe",
    "\U0010ffff", "\u200b", "\u200c", "\u200d", "\u2060", "\u00ad", "\u202e", "\u202d", "\u2067",
    "\u2069", "\u200f", "\u061c", "e\u0301", "\u0301", "\u0300\u036f", "o\u20d7", "\u0488", "שלום",
    "مرحبا", "𝔖𝔥", "😀", "👩‍👩‍👧", "🏳️‍🌈", "🇩🇪", "漢字", "ｶﾅ", "한국", "ไทย", "हिन्दी", "İ", "ı", "ß", "ẞ", "ǅ",
    "ﬁ", "½", "²", "٣", "Ⅷ", "①", "ª", "\U000e0001", "\U000f0000",
)  # fmt: skip
PIECES = (*WORDS, *MARKS, *SPACES, *ODD)
_CODE_POINT = 248
assert len(PIECES) < _CODE_POINT


def text_of(data: bytes) -> str:
    """Text of any bytes: what a fuzzer changes in them changes little in the text.

    A byte is a piece, or says that a code point of three bytes follows.
    """
    parts: list[str] = []
    at = 0
    while at < len(data):
        code = data[at]
        if code >= _CODE_POINT:
            parts.append(chr(int.from_bytes(data[at + 1 : at + 4], "little") % 0x110000))
            at += 3
        elif code >= len(PIECES):
            parts.append(f" {WORDS[code % len(WORDS)]}")
        else:
            parts.append(PIECES[code])
        at += 1
    return "".join(parts)


TEXTS = st.binary(max_size=80).map(text_of)
"""Any text whatsoever, and more often one of words, marks and odd characters."""


# --- a model ------------------------------------------------------------------------------


def restless_model() -> Model:
    """A model of random weights in every column, which reports spans nearly everywhere.

    Whatever a token, sentence or candidate looks like counts for its score, so a feature
    that changes where it should not shows in some span.
    """
    from framing.exact import on_grid
    from framing.features import EDGES, sentence_blocks, token_blocks
    from framing.heads import Gate, LinearHead
    from framing.lexical import Vectors
    from framing.linear import Edges, Linear
    from framing.model import Model
    from framing.schema import Schema, read_schema
    from framing.spans import BASIC, feature_names

    every = read_schema(ROOT / "annotations" / "schema.toml").labels
    schema = Schema(tuple(label for label in every if label.name in LABELS))
    rng = np.random.default_rng(6)
    n_labels = len(schema.labels)
    known = sorted({word.strip().lower() for word in WORDS})
    table = rng.integers(-128, 128, (len(known), 4)).astype(np.int8)
    vectors = Vectors({word: row for row, word in enumerate(known)}, table)
    widths = [
        max(block.stop for block in blocks.values())
        for blocks in (token_blocks(4), sentence_blocks(4, n_labels))
    ]
    token, sentence = (
        on_grid(rng.normal(0, 0.4, (n_labels, width)).astype(np.float32)) for width in widths
    )
    bias = np.array([-1, -1, -1, -2], np.float32)
    inserts = np.array([label.unit == "insert" for label in schema.labels])
    heads = []
    for columns in (len(BASIC) - 1, len(feature_names(schema.labels)) - 1, 6 + 4 * n_labels):
        weights = rng.normal(0, 0.15, (n_labels, columns))
        heads.append(LinearHead(np.arange(1, columns + 1), weights, np.zeros(n_labels)))
    mix = np.tile(np.float32([1, 0.25, 0]), (n_labels, 1))
    weights = on_grid(rng.normal(0, 0.4, (len(EDGES), widths[0])))
    edges = Edges(weights, np.full(len(EDGES), -2, np.float32))
    return Model(
        schema,
        "linear",
        Linear(vectors, token, bias, sentence, bias, mix, edges=edges),
        np.tile(np.array([1, -1, -3], np.float32), (n_labels, 1)),
        Gate(heads[0], np.full(n_labels, 0.05)),
        heads[1],
        heads[2],
        np.tile([1.0, 0.0], (n_labels, 1)),
        np.where(inserts, 0.98, 0.25),
        {"documents": 0, "spans": 0, "name": "restless"},
    )


# --- what must hold -----------------------------------------------------------------------


def check(text: str, found: Prediction, labels: Sequence[str], *, quoted: bool = False) -> None:
    """Spans stand inside the text, in order, hold its words and overlap none of their label."""
    assert found.text == text
    spans = list(found)
    for span in spans:
        assert 0 <= span.start < span.end <= len(text)
        assert text[span.start : span.end] == span.text
        assert span.text == span.text.strip()
        assert 0 <= span.score <= 1
        assert quoted or not span.quoted
    order = [(span.start, span.end, labels.index(span.label)) for span in spans]
    assert order == sorted(order)
    for label in labels:
        mine = [span for span in spans if span.label == label]
        assert all(before.end <= after.start for before, after in pairwise(mine))
    assert sum(found.profile.counts.values()) == len(spans)
