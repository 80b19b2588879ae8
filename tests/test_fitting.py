from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from conftest import of_speech
from hypothesis import given
from hypothesis import strategies as st

import framing
from framing.annotations import AnnotatedDocument, Mark, text_hash
from framing.errors import AnnotationError, ModelError
from framing.exact import GRID, UNIT
from framing.fitting import (
    Settings,
    choose_thresholds,
    find_levels,
    fit,
    fit_calibration,
    fit_logistic,
    fold_groups,
    prepare,
)
from framing.lexical import Vectors
from framing.matrix import token_matrix
from framing.predictor import Framing
from framing.schema import Label, Schema
from framing.storage import load_model, save_model
from framing.text import read
from framing.voice import listen

OWN = Schema((Label("colour", "words for colours", "phrase"), Label("never", "nothing", "clause")))
COLOURS = ("red", "green", "blue")
NO_VECTORS = Vectors({}, np.zeros((0, 2), np.int8))


def coloured(number, split="train"):
    """An invented text with a colour in every other sentence, marked."""
    word = COLOURS[number % 3]
    text = f"The {word} door of house {number} fell. It was late. A {word} cat sat. We left. "
    marks = tuple(
        Mark(at, at + len(word), "colour") for at in range(len(text)) if text.startswith(word, at)
    )
    meta = {"group": f"g{number}", "split": split}
    return AnnotatedDocument(f"d{number}", text, marks, meta, text_hash(text), len(text))


DOCUMENTS = [coloured(number) for number in range(24)]
QUICK = Settings(kind="linear", folds=2, jobs=1, least_count=1)


@pytest.fixture(scope="module")
def own_model():
    """A model of labels of one's own: one to learn, one without a single mark."""
    return fit(DOCUMENTS, OWN, NO_VECTORS, QUICK)[0]


# --- quotations ---------------------------------------------------------------------------


def quoted(number):
    """The coloured text said by somebody."""
    plain = coloured(number)
    text = f'Jo Ruiz said: "{plain.text.strip()}" She left.'
    at = text.index(plain.text[:10])
    marks = tuple(replace(mark, start=mark.start + at, end=mark.end + at) for mark in plain.marks)
    return replace(plain, text=text, marks=marks, sha256=text_hash(text), chars=len(text))


def test_labels_of_speech_are_learnt_from_quotations(tmp_path):
    documents = [quoted(number) for number in range(24)]
    spoken = of_speech(OWN)
    model, seen = fit(documents, spoken, NO_VECTORS, QUICK)
    assert seen.corpus.voice.quoted.any()
    assert seen.corpus.own.all()
    save_model(model, tmp_path / "own.skops")
    for each in (model, load_model(tmp_path / "own.skops")):
        assert each.schema == spoken
        found = Framing(each).predict(documents[0].text)
        assert [span.text for span in found] == ["red", "red"]


def test_others_are_not():
    documents = [coloured(number) for number in range(24)]
    model, _ = fit(documents, OWN, NO_VECTORS, QUICK)
    assert [span.text for span in Framing(model).predict(documents[0].text)] == ["red", "red"]
    assert list(Framing(model).predict(quoted(0).text)) == []


# --- folds --------------------------------------------------------------------------------


@given(
    st.lists(st.sampled_from("abcdefgh"), min_size=2, max_size=40),
    st.integers(2, 6),
    st.integers(0, 5),
)
def test_groups_stay_together(groups, n_folds, seed):
    fold = fold_groups(groups, n_folds, seed)
    assert ((fold >= 0) & (fold < n_folds)).all()
    assert all(len(set(fold[[g == name for g in groups]])) == 1 for name in set(groups))
    sizes = np.bincount(fold, minlength=n_folds)
    assert sizes.max() - sizes.min() <= max(Counter(groups).values())
    assert (fold == fold_groups(groups, n_folds, seed)).all()
    if len(set(groups)) >= n_folds:
        assert sizes.min() > 0


def test_seeds_shuffle_groups():
    groups = [str(number) for number in range(40)]
    assert (fold_groups(groups, 5, 0) != fold_groups(groups, 5, 1)).any()
    assert np.bincount(fold_groups(groups, 5, 0)).tolist() == [8] * 5


def test_training_keeps_groups_together():
    pairs = [replace(each, meta={"group": f"g{n // 2}"}) for n, each in enumerate(DOCUMENTS)]
    corpus = prepare(pairs, OWN, replace(QUICK, folds=4))
    assert corpus.n_folds == 4
    assert (corpus.fold[::2] == corpus.fold[1::2]).all()
    assert len(corpus.sentence_fold) == len(corpus.batch.sentence_start) - 1


def test_fewer_groups_than_folds():
    assert prepare(DOCUMENTS[:3], OWN, replace(QUICK, folds=5)).n_folds == 3


# --- what is learnt from ------------------------------------------------------------------


def test_documents_without_text_are_left_out():
    lost = replace(DOCUMENTS[0], id="lost", text=None)
    empty = replace(DOCUMENTS[0], id="empty", text="", marks=())
    corpus = prepare([lost, *DOCUMENTS, empty], OWN, QUICK)
    assert len(corpus.batch.texts) == len(corpus.fold) == len(DOCUMENTS)
    assert len(corpus.marks) == 2 * len(DOCUMENTS)
    model, _ = fit([lost, *DOCUMENTS[:6]], OWN, NO_VECTORS, QUICK)
    assert model.meta["documents"] == 6


@pytest.mark.parametrize(
    ("documents", "message"),
    [
        ([], "at least two groups with text, not 0"),
        (DOCUMENTS[:1], "at least two groups with text, not 1"),
        ([replace(each, meta={"group": "one"}) for each in DOCUMENTS], "not 1"),
        ([replace(each, text=None) for each in DOCUMENTS], "not 0"),
        ([replace(each, marks=()) for each in DOCUMENTS], "no span of the labels colour, never"),
        (
            [replace(each, marks=(Mark(0, 3, "other"),)) for each in DOCUMENTS],
            "no span of the labels colour, never",
        ),
    ],
)
def test_too_little_to_learn_from(documents, message):
    with pytest.raises(AnnotationError, match=message):
        fit(documents, OWN, NO_VECTORS, QUICK)


def test_kinds_are_two():
    with pytest.raises(ValueError, match="linear, boosted, not 'deep'"):
        fit(DOCUMENTS, OWN, NO_VECTORS, replace(QUICK, kind="deep"))


# --- what is learnt -----------------------------------------------------------------------


def test_labels_of_ones_own(own_model):
    model = framing.Framing(own_model)
    assert model.labels == ("colour", "never")
    text = "The blue door of house 7 fell. It was late."
    assert [(span.text, span.label) for span in model.predict(text)] == [("blue", "colour")]
    assert model.predict("It was late. We left.").spans == ()
    assert own_model.meta["documents"] == len(DOCUMENTS)
    assert own_model.meta["spans"] == 2 * len(DOCUMENTS)
    assert (own_model.meta["seed"], own_model.meta["folds"]) == (0, 2)


def test_a_label_without_marks_is_never_found(own_model, tmp_path):
    path = tmp_path / "own.skops"
    save_model(own_model, path)
    model = framing.Framing(load_model(path))
    for document in DOCUMENTS:
        assert {span.label for span in model.predict(document.text)} <= {"colour"}
    presence = model.predict_proba([DOCUMENTS[0].text])[0]
    assert presence[0] > 0.9
    assert presence[1] < 0.5


def test_a_label_that_is_everywhere(kind):
    """One class the other way round: every token is marked."""
    everywhere = [
        replace(each, marks=(*each.marks, Mark(0, each.chars - 1, "never")))
        for each in DOCUMENTS[:8]
    ]
    model, rehearsal = fit(everywhere, OWN, NO_VECTORS, replace(QUICK, kind=kind))
    assert np.isfinite(model.thresholds).all()
    assert len(rehearsal.rows) > 0
    assert framing.Framing(model).predict("It was late.").profile.words == 3


def test_all_weights_are_on_the_grid(tiny_models):
    for model in tiny_models.values():
        linear = model.linear
        for weights in (
            linear.token_weights, linear.token_bias, linear.sentence_weights, linear.sentence_bias,
        ):  # fmt: skip
            assert weights.dtype == np.float32
            assert (weights / GRID % 1 == 0).all()


def test_both_kinds_stand_on_the_same_linear_stages(tiny_models):
    first, second = tiny_models["linear"].linear, tiny_models["boosted"].linear
    assert (first.token_weights == second.token_weights).all()


def test_rare_features_have_no_weight(articles, schema, vectors, tiny_models):
    """Fewer columns than words: what is seen less than `least_count` times is left alone."""
    weights = tiny_models["linear"].linear.token_weights
    assert 0 < (weights != 0).any(0).sum() < weights.shape[1] / 20


def test_dense_documents_do_not_say_how_often_there_is_a_span(monkeypatch):
    """Their words are learnt; scores and thresholds are brought to the other documents."""
    from framing.fitting import stages

    told = []

    def spy(scores, hits, label, n_marks):
        told.append((len(scores), n_marks.tolist()))
        return choose_thresholds(scores, hits, label, n_marks)

    monkeypatch.setattr(stages, "choose_thresholds", spy)
    dense = [replace(each, meta={**each.meta, "dense": True}) for each in DOCUMENTS]
    mixed = DOCUMENTS[:9] + dense[9:]
    assert prepare(mixed, OWN, QUICK).usual.tolist() == [True] * 9 + [False] * 15
    assert prepare(dense, OWN, QUICK).usual.all()
    for documents in (DOCUMENTS, mixed, dense):
        fit(documents, OWN, NO_VECTORS, QUICK)
    (every, all_marks), (few, some_marks), again = told
    assert (all_marks, some_marks) == ([48, 0], [18, 0])
    assert 0 < few < every
    assert again == (every, all_marks)


@pytest.mark.parametrize("kind", ["linear", "boosted"])
def test_the_same_seed_gives_the_same_bytes(kind, tmp_path):
    settings = replace(QUICK, kind=kind)
    sums = []
    for name in ("a", "b"):
        model, _ = fit(DOCUMENTS, OWN, NO_VECTORS, settings)
        sums.append(save_model(model, tmp_path / f"{name}.skops"))
    assert (tmp_path / "a.skops").read_bytes() == (tmp_path / "b.skops").read_bytes()
    assert sums[0] == sums[1]
    model, _ = fit(DOCUMENTS, OWN, NO_VECTORS, replace(settings, seed=1))
    assert save_model(model, tmp_path / "c.skops") != sums[0]


def test_jobs_do_not_change_the_model(tmp_path):
    sums = []
    for jobs in (1, 2):
        model, _ = fit(DOCUMENTS[:8], OWN, NO_VECTORS, replace(QUICK, jobs=jobs))
        sums.append(save_model(model, tmp_path / f"{jobs}.skops"))
    assert sums[0] == sums[1]


def test_what_was_seen_across_folds(articles, schema, vectors):
    model, rehearsal = fit(articles, schema, vectors, replace(QUICK, least_count=4))
    batch = rehearsal.corpus.batch
    n = len(rehearsal.candidates)
    assert rehearsal.scores.shape == (n,)
    assert ((rehearsal.scores >= 0) & (rehearsal.scores <= 1)).all()
    assert rehearsal.evidence.tokens.shape == (len(batch), 4)
    assert rehearsal.sentences.shape == (len(batch.sentence_start) - 1, 4)
    assert (rehearsal.row_scores >= model.thresholds[rehearsal.rows[:, 0]]).all()


# --- a start ------------------------------------------------------------------------------

INSULTS = ("disgraceful", "reckless", "thugs")
"""Words that the handmade model knows; it knows one more."""


def insulted(number):
    """An invented text that marks one of three words, none of the features of which recur."""
    word = INSULTS[number % 3]
    text = f"House {number} fell. It was a {word} one. We left. "
    at = text.index(word)
    marks = (Mark(at, at + len(word), "colour"),)
    return AnnotatedDocument(
        f"d{number}", text, marks, {"group": f"g{number}"}, text_hash(text), len(text)
    )


def test_a_start_knows_what_the_marks_do_not_show(handmade_model):
    """Words that training never saw are found by what they share with those it did."""
    documents = [insulted(number) for number in range(12)]
    chosen = replace(QUICK, least_count=9)  # no word on its own is seen as often
    spans = []
    for start in (None, handmade_model):
        model, _ = fit(documents, OWN, NO_VECTORS, replace(chosen, start=start))
        linear = model.linear
        assert (linear.start is None) == (start is None)
        found = framing.Framing(model).model.score(["He hated the regime and the mayor."])
        logits = found.evidence.tokens[:, 0]
        spans.append(float(logits[3] - logits[6]))  # the regime beside the mayor
    assert spans[1] > max(spans[0], 0) + 1


def test_a_start_is_told_and_stays_as_it_was(handmade_model):
    before = handmade_model.linear.token_weights.copy()
    model, _ = fit(DOCUMENTS[:8], OWN, NO_VECTORS, replace(QUICK, start=handmade_model))
    assert model.meta["start"] == {"name": "handmade", "sha256": ""}
    assert model.linear.start is not handmade_model.linear  # it learns words of its own
    assert (handmade_model.linear.token_weights == before).all()
    assert "start" not in fit(DOCUMENTS[:8], OWN, NO_VECTORS, QUICK)[0].meta
    with pytest.raises(ModelError, match="trained from a start itself"):
        fit(DOCUMENTS[:8], OWN, NO_VECTORS, replace(QUICK, start=model))


def test_training_sees_what_prediction_sees(started_models, articles):
    """The weights times the training matrix, fold models aside, are the scores of the model."""
    model = started_models["linear"]
    linear = model.linear
    batch = read([each.text for each in articles], model.lexicon)
    voice = listen(batch)
    begun = linear.start.score(batch, voice, model.lexicon)
    matrix = token_matrix(batch, voice, model.lexicon, linear.vectors, begun)
    evidence = replace(linear, mix=np.tile(np.float32([1, 0, 0]), (4, 1))).score(
        batch, voice, model.lexicon
    )
    expected = matrix @ linear.token_weights.T + linear.token_bias
    np.testing.assert_allclose(evidence.tokens, expected, atol=8 * UNIT, rtol=0)


# --- progress -----------------------------------------------------------------------------


def steps_of(documents, folds):
    seen = []
    fit(documents, OWN, NO_VECTORS, replace(QUICK, folds=folds), lambda *step: seen.append(step))
    return seen


def test_progress_counts_to_the_end():
    seen = steps_of(DOCUMENTS[:6], 2)
    assert [done for _, done, _ in seen] == list(range(1, len(seen) + 1))
    assert {total for *_, total in seen} == {len(seen)}
    assert all(stage for stage, *_ in seen)


def test_progress_counts_to_the_end_with_few_groups():
    seen = steps_of(DOCUMENTS[:3], 5)
    assert seen[-1][1] == seen[-1][2]


# --- parts --------------------------------------------------------------------------------


@pytest.mark.parametrize(("hits", "rate"), [([1] * 9, 9.5 / 10), ([0] * 9, 0.5 / 10)])
def test_one_class_is_a_constant(hits, rate):
    weights, bias = fit_logistic(np.ones((9, 3)), np.array(hits, bool), 1.0, 0, dense=True)
    assert weights.tolist() == [0, 0, 0]
    assert bias == pytest.approx(np.log(rate / (1 - rate)))


def test_two_classes_are_told_apart():
    rows = np.array([[0.0], [0], [1], [1]] * 5)
    weights, bias = fit_logistic(rows, rows[:, 0] > 0, 100.0, 0, dense=True)
    assert weights[0] > 0 > bias


def test_levels_keep_the_share_of_marked_tokens():
    logits = np.arange(100, dtype=np.float32)[:, None].repeat(2, 1)
    targets = np.zeros((100, 2), bool)
    targets[:50, 0] = True
    own = np.ones(100, bool)
    own[40:] = False
    levels = find_levels(logits, targets, own, (0.25, 0.5, 1.0))
    marked = logits[targets[:, 0] & own, 0]
    for level, share in zip(levels[0], (0.25, 0.5, 1.0), strict=True):
        assert (marked >= level).mean() == pytest.approx(share, abs=0.03)
    assert np.isinf(levels[1]).all()


def test_calibration_undoes_overconfidence():
    rng = np.random.default_rng(0)
    sure = rng.uniform(0.05, 0.95, 20_000)
    hits = rng.uniform(size=20_000) < sure
    odds = np.log(sure / (1 - sure))
    loud = 1 / (1 + np.exp(-(3 * odds + 1)))
    found = fit_calibration(loud, hits, np.zeros(20_000, int), 2)
    assert found[0] == pytest.approx([1 / 3, -1 / 3], abs=0.06)
    assert found[1].tolist() == [1, 0]  # nothing to go by


@pytest.mark.parametrize("n_hits", [4, 16])
def test_calibration_needs_five_of_each(n_hits):
    hits = np.arange(20) < n_hits
    scores = np.linspace(0.9, 0.1, 20)
    assert fit_calibration(scores, hits, np.zeros(20, int), 1).tolist() == [[1, 0]]


@pytest.mark.parametrize(
    ("scores", "hits", "total", "low", "high"),
    [
        ([0.9, 0.8, 0.6, 0.4], [1, 1, 0, 0], 2, 0.6, 0.8),  # between the hits and the rest
        ([0.9, 0.8, 0.7, 0.6], [0, 1, 1, 1], 4, 0.0, 0.6),
        ([0.9, 0.8, 0.7, 0.05], [1, 1, 1, 1], 4, 0.05, 0.7),  # below 0.1 nothing is reported
        ([], [], 3, 0.5, 0.5),
        ([0.9], [0], 0, 0.5, 0.5),
    ],
)
def test_thresholds(scores, hits, total, low, high):
    (found,) = choose_thresholds(
        np.array(scores, float), np.array(hits, bool), np.zeros(len(scores), int), np.array([total])
    )
    assert low <= found <= high


def test_thresholds_keep_the_number_of_spans():
    """One sure hit of four marks would have the best precision; half a hit each is preferred."""
    scores = np.linspace(0.95, 0.3, 20)
    hits = np.arange(20) % 2 == 0
    (found,) = choose_thresholds(scores, hits, np.zeros(20, int), np.array([8]))
    assert 0.75 <= (scores >= found).sum() / 8 <= 1.25
