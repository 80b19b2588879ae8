"""The array code finds what plain loops over the same weights find (`reference.py`)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import SPEAKING, TEXTS, eager_of
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import GRID, Reading

from framing.heads import LinearHead
from framing.linear import Linear
from framing.pieces import Lexicon
from framing.predictor import Framing
from framing.spans import BASIC

EXAMPLES = sorted((Path(__file__).parents[1] / "docs" / "examples").glob("*.txt"))
MARKS = (
    ".", ".", ",", "!", "?", ":", " — ", " (", ") ", "\n", "\n\n", "“", "”", ' "', '" ', " ‘", "’ ",
    "; ", " - ", "…", "3.", "p.m.", " @",
)  # fmt: skip
PROSE = st.lists(
    st.one_of(
        st.sampled_from(SPEAKING).map(" {}".format),
        st.sampled_from(("disgraceful", "lays bare", "thugs", "subscribe", "Ann", "regime")).map(
            " {}".format
        ),
        st.sampled_from(MARKS),
    ),
    min_size=1,
    max_size=60,
).map("".join)
"""Words and marks, more often in the order of a sentence than `TEXTS`."""


def fresh(model):
    """The same model, knowing no words."""
    return replace(model, lexicon=Lexicon(), linear=replace(model.linear))


def rough(model, seed=3):
    """The same model with random weights in every column, all on the grid."""
    rng = np.random.default_rng(seed)

    def weights(like, most=1024):
        return (rng.integers(-most, most + 1, like.shape) * 4 * GRID).astype(np.float32)

    old = model.linear
    linear = Linear(
        old.vectors, weights(old.token_weights), weights(old.token_bias),
        weights(old.sentence_weights), weights(old.sentence_bias),
        np.tile(np.array([0.75, 0.5, -0.25], np.float32), (len(old.mix), 1)),
    )  # fmt: skip
    columns = np.arange(1, len(BASIC))
    head = LinearHead(
        columns, rng.normal(size=(len(old.mix), len(columns))) / 8, np.zeros(len(old.mix))
    )
    calibration = np.column_stack(
        (rng.uniform(0.5, 2, len(old.mix)), rng.normal(size=len(old.mix)))
    )
    return replace(model, linear=linear, spans=head, calibration=calibration, lexicon=Lexicon())


def readings(model, texts):
    """What the library makes of a batch, and the reference of each text of it."""
    scored = model.score(texts)
    edges = scored.batch.document_start
    voice = scored.voice
    found = []
    for text, first, stop in zip(texts, edges, edges[1:], strict=False):
        mine = voice.marked & (first <= voice.start) & (voice.start < stop)
        pairs = zip((voice.start[mine] - first).tolist(), (voice.end[mine] - first).tolist())  # noqa: B905
        found.append(Reading(model, text, voice.quoted[first:stop].tolist(), list(pairs)))
    return scored, found


def compare(model, texts):
    """Every stage of the two, from the tokens to the spans."""
    scored, found = readings(model, texts)
    batch, evidence = scored.batch, scored.evidence
    token = sentence = line = 0
    for text, reading in zip(texts, found, strict=True):
        tokens = reading.tokens
        part = slice(token, token + len(tokens))
        assert batch.start[part].tolist() == [each.start for each in tokens], text
        assert batch.end[part].tolist() == [each.end for each in tokens], text
        assert batch.flags[part].tolist() == [int(each.flags) for each in tokens], text
        assert (batch.line[part] - line).tolist() == [each.line for each in tokens], text
        assert (batch.sentence[part] - sentence).tolist() == [each.sentence for each in tokens], (
            text
        )
        places = [reading.places[i].values for i in range(len(tokens))]
        assert list(zip(*(each[part].tolist() for each in evidence.places))) == places, text  # noqa: B905
        their = slice(sentence, sentence + len(reading.sentences))
        assert evidence.sentences[their].tolist() == reading.sentence_logits, text
        assert evidence.tokens[part].tolist() == reading.logits, text
        compare_candidates(scored, reading, token)
        token += len(tokens)
        sentence += len(reading.sentences)
        line += tokens[-1].line + 1 if tokens else 0
    assert token == len(batch)
    for text, prediction, reading in zip(
        texts, Framing(model).predict_many(texts), found, strict=True
    ):
        compare_spans(text, prediction.spans, reading.spans())


def compare_candidates(scored, reading, offset):
    candidates = scored.candidates
    end = offset + len(reading.tokens)
    mine = np.flatnonzero((offset <= candidates.start) & (candidates.start < end))
    rows = (candidates.label, candidates.start - offset, candidates.end - offset)
    keys = list(zip(*(row[mine].tolist() for row in rows)))  # noqa: B905
    expected = {each.key: each.score for each in reading.scored()}
    assert sorted(keys) == sorted(expected), reading.text
    for key, score in zip(keys, scored.scores[mine].tolist(), strict=True):
        assert score == pytest.approx(expected[key], abs=1e-9), (key, reading.text)


def compare_spans(text, spans, expected):
    plain = [(each.start, each.end, each.label, each.text) for each in spans]
    assert plain == [(each.start, each.end, each.label, each.text) for each in expected], text
    for one, other in zip(spans, expected, strict=True):
        assert one.score == pytest.approx(other.score, abs=1.1e-4)


# --- on many models -----------------------------------------------------------------------


@given(st.lists(st.one_of(PROSE, TEXTS), min_size=1, max_size=3))
@settings(max_examples=40)
def test_the_handmade_model(handmade_model, texts):
    compare(fresh(handmade_model), texts)


@pytest.fixture(scope="module")
def rough_model(handmade_model):
    return rough(handmade_model)


@given(st.lists(st.one_of(PROSE, TEXTS), min_size=1, max_size=3))
@settings(max_examples=40)
def test_random_weights_in_every_column(rough_model, texts):
    compare(rough_model, texts)


@pytest.fixture(scope="module")
def started_model(rough_model):
    """Random weights in every column, and as a start other ones, of half the labels."""
    return started(rough_model)


def started(model, seed=11):
    """The same model with a start, and weights for what it says."""
    rng = np.random.default_rng(seed)

    def weights(rows, width):
        return (rng.integers(-1024, 1025, (rows, width)) * GRID).astype(np.float32)

    old = model.linear
    n, width = old.sentence_weights.shape
    begun = Linear(
        old.vectors, weights(2, old.token_weights.shape[1]), weights(1, 2)[0],
        weights(2, width - 2 * (n - 2)), weights(1, 2)[0], np.float32([[1, 0.25, 0], [0.5, 1, 1]]),
    )  # fmt: skip
    linear = replace(
        old,
        token_weights=np.hstack((old.token_weights, weights(n, 2))),
        sentence_weights=np.hstack((old.sentence_weights, weights(n, 6))),
        start=begun,
    )
    return replace(model, linear=linear, lexicon=Lexicon())


@given(st.lists(st.one_of(PROSE, TEXTS), min_size=1, max_size=3))
@settings(max_examples=40)
def test_a_model_with_a_start(started_model, texts):
    compare(started_model, texts)


CASES = {
    "marks at the edges": "A reckless thugs' regime! ! ! ! ... Then: , , , – disgraceful – , , , ended",
    "many marks": "He “, , , . . . reckless” left) ) ) ; ; ; and , , , , , , , thugs",
    "a sentence of 170 words": "regime reckless thugs disgraceful vote " * 34,
    "a sentence of 155 words": "regime reckless thugs disgraceful vote " * 31,
    "a sentence of 400 words": "regime reckless thugs disgraceful " * 100,
    "lists": "1. Thugs ran. 2. The vote\nIn 3. The regime fell at 5 p.m. The mayor left.",
    "who said it": (
        '“Why?” Mr. Ann B. Lee asked. “Go!” The mayor left. "I do." Jones said. “No.” Smith said '
        "he would. “So!” Ann Lee Mae Bo Jo Ty asked. “So!” Ann Lee Mae Bo Jo Ty Max asked. "
        "“Who?” Lee said: “Me.”"
    ),
    "cut off": 'Why? " he asked. Why? ” The mayor left. Go! " and "',
    "brackets": "It (the regime [of thugs] fell) ended) (and (so on\n) did it (again.",
    "inserts in a row": "Subscribe. Subscribe now. Subscribe!\nSubscribe\nSubscribe to it\nThe end.",
    "inserts apart": "Subscribe. The mayor left. Subscribe now.\nThe vote.\nSubscribe",
    "an insert inside": "The reckless mayor. Subscribe to the disgraceful regime! It ended.",
    "half quoted": "The “reckless reckless” reckless thugs, he said, “were disgraceful” thugs.",
    "speech": "“The regime of thugs is a disgraceful and reckless one that has to go,” she said.",
    "lines": "A heading of thugs\nBy Ann Lee\n\nThe regime.\r\nIt fell\nfor good.",
    "joining words": "The regime fell because thugs, who were reckless, ran and left while it slept",
    "possessive and hyphens": "the mayor’s so-called -ed thug-like a-b-c so- --x co-operate’s I-",
    "odd words": "e\u0301le\u0301ment \ud800 ß İstanbul ǅ 𝔖𝔖 漢字 " + "long" * 30 + " " + "é" * 70,
}
"""What chance seldom makes."""


@pytest.mark.parametrize("text", CASES.values(), ids=CASES)
def test_hard_cases(rough_model, started_model, handmade_model, tiny_models, text):
    other = "The regime fell. Subscribe"
    for model in (
        rough_model,
        started_model,
        fresh(handmade_model),
        eager_of(tiny_models["linear"]),
    ):
        compare(model, [text])
        compare(model, [other, text, other])


@given(st.lists(PROSE, min_size=1, max_size=2))
@settings(max_examples=25)
def test_a_trained_model_that_proposes_whatever_it_can(tiny_models, texts):
    compare(eager_of(tiny_models["linear"]), texts)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_shipped_model_on_the_examples(linear, path):
    compare(linear.model, [path.read_text(encoding="utf-8")])


def test_the_shipped_model_on_all_examples_at_once(linear):
    texts = [path.read_text(encoding="utf-8")[:600] for path in EXAMPLES]
    compare(linear.model, [texts[0], "", *texts[1:3], " \n", "One"])
