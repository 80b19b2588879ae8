from __future__ import annotations

import numpy as np
import pytest
from conftest import TEXTS
from hypothesis import given, settings
from hypothesis import strategies as st
from scenes import CLAUSE, PHRASE, any_evidence, evidence_of, scene

from framing.candidates import Candidates
from framing.features import EDGES
from framing.schema import Label
from framing.spans import basic_features, feature_names, wide_features


def features_of(batch, voice, evidence, candidates):
    """Basic and wide features of phrases; the gate's logit is left to the model."""
    labels = [Label(f"label {k}", "", "phrase") for k in range(evidence.tokens.shape[1])]
    basic = basic_features(batch, voice, evidence, candidates)
    return np.hstack((basic, wide_features(batch, evidence, candidates, basic, labels)))


def names_of(*labels):
    *names, gate = feature_names(labels)
    assert gate == "gate"
    return names


@given(st.lists(TEXTS, max_size=3), st.integers(0, 99))
@settings(max_examples=60)
def test_features_of_any_candidates(texts, seed):
    batch, voice = scene(*texts)
    rng = np.random.default_rng(seed)
    evidence = any_evidence(batch, voice, 2, rng)
    start = rng.integers(0, max(len(batch), 1), 5 if len(batch) else 0)
    stop = batch.sentence_start[batch.sentence[start] + 1] if len(batch) else start
    candidates = Candidates(
        rng.integers(0, 2, len(start)), start, rng.integers(start + 1, stop + 1)
    )
    features = features_of(batch, voice, evidence, candidates)
    assert features.shape == (len(candidates), len(names_of(PHRASE, CLAUSE)))
    assert features.dtype == np.float32
    assert np.isfinite(features).all()
    assert features[:, 0].tolist() == candidates.label.tolist()


# --- what a candidate looks like ----------------------------------------------------------


def described(text, words, tokens, sentences):
    """Features of one candidate of the second of two labels, by name."""
    batch, voice = scene(text)
    evidence = evidence_of(batch, voice, 2)
    evidence.tokens[:, 1] = tokens
    evidence.sentences[:, 1] = sentences
    at = text.index(words)
    start = int(np.searchsorted(batch.start, at))
    end = int(np.searchsorted(batch.start, at + len(words)))
    candidate = Candidates(np.array([1]), np.array([start]), np.array([end]))
    row = features_of(batch, voice, evidence, candidate)[0].tolist()
    return dict(zip(names_of(PHRASE, CLAUSE), row, strict=True))


def test_features_of_a_candidate():
    text = "It fell. He said a VILE mob, ran. Go"
    #       It fell . He said a VILE mob , ran . Go
    tokens = [0, 0, 0, -1, 1, 2, 9, 4, -3, 5, 0, 0]
    found = described(text, "a VILE mob", tokens, [-9, 3, 1])
    assert found["label"] == 1
    assert found["mean"] == pytest.approx((2 + 8 + 4) / 3)  # clipped to 8
    assert (found["highest"], found["lowest"]) == (8, 2)
    assert (found["first"], found["last"]) == (2, 4)
    assert (found["before"], found["after"]) == (1, -3)
    assert found["contrast"] == pytest.approx(14 / 3 - 1)
    assert (found["sentence"], found["sentence before"], found["sentence after"]) == (3, -8, 1)
    assert found["sentence highest"] == 8
    assert found["tokens"] == pytest.approx(np.log(3))
    assert (found["from start"], found["to end"]) == (2, 3)
    assert found["share of sentence"] == pytest.approx(3 / 8)
    assert found["sentence tokens"] == pytest.approx(np.log(8))
    assert (found["begins segment"], found["ends segment"]) == (0, 1)
    assert (found["reported before"], found["reported after"]) == (1, 0)
    assert found["later in line"] == 1
    assert found["capitals"] == pytest.approx(1 / 3)
    assert found["digits"] == 0
    assert found["rest of sentence"] == pytest.approx((-1 + 1 - 3 + 5 + 0) / 5)
    assert found["mean: loaded"] == pytest.approx(-5)
    assert found["mean: verdict"] == found["mean"]
    assert found["sentence: verdict"] == 3


def test_two_sentences_away():
    text = "It fell. He ran. A vile mob. They sat. We stood."
    scores = [1, 2, 3, 4, 5]
    found = described(text, "vile mob", 0, scores)
    assert (found["two before"], found["two after"]) == (1, 5)
    found = described(text, "sat", 0, scores)
    assert (found["two before"], found["two after"]) == (2, -8)
    found = described(text, "ran", 0, scores)
    assert (found["two before"], found["two after"]) == (-8, 4)


def test_features_at_the_edges_of_a_text():
    found = described("Vile mob", "Vile mob", [1, 2], [0])
    assert (found["before"], found["after"]) == (-8, -8)
    assert (found["sentence before"], found["sentence after"]) == (-8, -8)
    assert found["rest of sentence"] == 0
    assert found["ends segment"] == 1


def test_neighbouring_documents_are_not_seen():
    batch, voice = scene("It fell.", "Vile mob.", "He ran.")
    evidence = evidence_of(batch, voice, 1, sentences=[7, 1, 7])
    candidate = Candidates(np.array([0]), np.array([3]), np.array([5]))
    row = features_of(batch, voice, evidence, candidate)[0].tolist()
    found = dict(zip(names_of(PHRASE), row, strict=True))
    assert (found["sentence before"], found["sentence after"]) == (-8, -8)
    assert found["sentences around"] == found["any around"] == 1
    assert (found["line kind before"], found["line kind after"]) == (-1, -1)


def test_edges_of_a_candidate():
    """Where a mark may begin and end is read by the unit of the label."""
    batch, voice = scene("Out. The vile mob ran off. In.")  # Out . The vile mob ran off . In .
    evidence = evidence_of(batch, voice, 2)
    n = len(batch)
    evidence.edges = np.arange(n * len(EDGES), dtype=np.float32).reshape(n, -1) / 8 - 3
    rows = Candidates(np.array([0, 1]), np.array([3, 3]), np.array([5, 5]))
    basic = basic_features(batch, voice, evidence, rows)
    found = wide_features(batch, evidence, rows, basic, (PHRASE, CLAUSE))
    names = names_of(PHRASE, CLAUSE)[basic.shape[1] :]
    for row, kind in zip(found, ("phrase", "clause"), strict=True):
        begins, ends = EDGES.index(f"{kind} begins"), EDGES.index(f"{kind} ends")
        told = dict(zip(names, row.tolist(), strict=True))
        assert told["begins here"] == evidence.edges[3, begins]
        assert told["ends here"] == evidence.edges[4, ends]
        assert told["begins after"] == evidence.edges[5, begins]
        assert told["ends before"] == evidence.edges[2, ends]
        assert told["any label inside"] == pytest.approx(evidence.edges[3:5, -1].mean())


def test_edges_beyond_the_sentence_are_not_seen():
    batch, voice = scene("Out.", "Vile mob", "In.")
    evidence = evidence_of(batch, voice, 1)
    evidence.edges = np.full((len(batch), len(EDGES)), 5, np.float32)
    candidate = Candidates(np.array([0]), np.array([2]), np.array([4]))
    row = features_of(batch, voice, evidence, candidate)[0].tolist()
    found = dict(zip(names_of(PHRASE), row, strict=True))
    assert (found["begins here"], found["ends here"]) == (5, 5)
    assert (found["begins after"], found["ends before"]) == (-8, -8)


def test_quoted_share():
    found = described('He called it "vile stuff" twice', '"vile stuff"', 0, 0)
    assert found["quoted share"] == 1
    found = described('He called it "vile stuff" twice', 'it "vile stuff" twice', 0, 0)
    assert found["quoted share"] == pytest.approx(4 / 6)
