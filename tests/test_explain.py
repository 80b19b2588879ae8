from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from conftest import KINDS, TEXTS, eager_of
from hypothesis import given, settings

from framing.explain import Explanation, start_weight, word_weights
from framing.heads import sigmoid
from framing.prediction import Span
from framing.predictor import Framing

STORY = (
    "Critics slammed the reckless council on Monday. The shocking vote lays bare a failure of "
    'leadership. "It was a disgraceful, reckless failure and we will not forget it," Ana Ruiz '
    'said. The so-called "experts" left.\nREAD MORE: Subscribe to our newsletter\n'
)


def total(explanation):
    return sum(each.weight for each in (*explanation.words, *explanation.features))


@pytest.mark.parametrize("include_quoted", [False, True])
def test_explanations_are_of_the_spans_predicted(eager_model, include_quoted):
    model = Framing(eager_model, include_quoted=include_quoted)
    found = model.explain(STORY)
    assert all(isinstance(each, Explanation) for each in found)
    assert sorted(each.span for each in found) == sorted(model.predict(STORY))


def test_explanations_stand_in_the_order_of_the_spans(handmade_model):
    """Two labels on the same words, whose names sort the other way than their columns."""
    weights = handmade_model.linear.token_weights.copy()
    names = handmade_model.schema.names
    weights[names.index("scare_quotes")] = weights[names.index("loaded_language")]
    labels = [replace(label, quotation=False) for label in handmade_model.schema.labels]
    first, second = names.index("loaded_language"), names.index("scare_quotes")
    labels[first], labels[second] = (
        replace(labels[first], name="b"), replace(labels[second], name="a"),
    )  # fmt: skip
    head = replace(handmade_model.spans, weights=np.tile([1.0, 0.0], (4, 1)), bias=np.zeros(4))
    model = Framing(
        replace(
            handmade_model,
            schema=replace(handmade_model.schema, labels=tuple(labels)),
            linear=replace(handmade_model.linear, token_weights=weights),
            spans=head,
        )
    )
    text = "The reckless mayor left."
    assert len(model.predict(text)) == 2
    assert [each.span for each in model.explain(text)] == list(model.predict(text))


@given(TEXTS)
@settings(max_examples=40)
def test_explanations_of_any_text(eager, text):
    found = eager.explain(text)
    assert sorted(each.span for each in found) == sorted(eager.predict(text))
    for each in found:
        assert text[each.span.start : each.span.end] == each.span.text
        assert total(each) == pytest.approx(each.logit, abs=1e-4)
        assert np.isfinite([weight.weight for weight in each.words]).all()


def test_words_and_features_sum_to_the_logit_of_the_score(eager):
    found = eager.explain(STORY)
    assert len(found) > 5
    for each in found:
        assert total(each) == pytest.approx(each.logit, abs=1e-4)
        assert sigmoid(np.array([each.logit]))[0] == pytest.approx(each.span.score, abs=1e-4)
        assert [w.weight for w in each.features]
        sizes = [abs(weight.weight) for weight in each.words]
        assert sizes == sorted(sizes, reverse=True)


def test_words_and_places_are_the_mean_logit_of_the_tokens(eager_model):
    """What the words are said to weigh is what the linear model added up."""
    linear = replace(eager_model.linear, mix=np.tile(np.array([1, 0, 0], np.float32), (4, 1)))
    model = replace(eager_model, linear=linear)
    scored = model.score([STORY])
    rows, _ = model.decode(scored)
    assert len(rows) > 5
    joint = model.linear.joint_weights(scored.batch, model.linear.learn_words(model.lexicon))
    for label, first, stop in rows.tolist():
        words, rest = word_weights(model, scored, joint, label, first, stop)
        mean = scored.evidence.tokens[first:stop, label].mean()
        assert sum(each.weight for each in words) + rest == pytest.approx(mean, abs=1e-3)


@pytest.mark.parametrize("kind", KINDS)
def test_the_share_of_a_start_is_named(started_models, kind):
    model = eager_of(started_models[kind])
    found = Framing(model).explain(STORY)
    assert len(found) > 5
    for each in found:
        assert total(each) == pytest.approx(each.logit, abs=1e-4)
    weights = {w.name: w.weight for each in found for w in each.features}
    assert abs(weights["start"]) > 0.01


def test_words_places_and_start_are_the_mean_logit_of_the_tokens(started_models):
    model = eager_of(started_models["linear"])
    model.linear = replace(model.linear, mix=np.tile(np.array([1, 0, 0], np.float32), (4, 1)))
    scored = model.score([STORY])
    rows, _ = model.decode(scored)
    joint = model.linear.joint_weights(scored.batch, model.linear.learn_words(model.lexicon))
    for label, first, stop in rows.tolist():
        words, rest = word_weights(model, scored, joint, label, first, stop)
        begun = start_weight(model, scored, label, first, stop)
        mean = scored.evidence.tokens[first:stop, label].mean()
        assert sum(each.weight for each in words) + rest + begun == pytest.approx(mean, abs=1e-3)


def test_the_word_that_did_it_comes_first(handmade):
    text = "It fell. The reckless mayor left."
    (found,) = handmade.explain(text)
    assert found.span == Span(13, 21, "loaded_language", found.span.score, "reckless")
    assert found.words[0].name == "reckless"
    assert found.words[0].weight == 8
    assert len(found.words) == 1
    assert found.logit == pytest.approx(4)
    assert sum(each.weight for each in found.features) == pytest.approx(-4)


def test_neighbours_share_their_weight(handmade_model):
    """A word two places before the span is named, and so are both words of a pair."""
    from framing.features import pair_columns, token_blocks
    from framing.lexical import word_features, word_hash

    model = replace(handmade_model, linear=replace(handmade_model.linear))
    blocks = token_blocks(1)
    label = model.schema.names.index("loaded_language")
    weights = model.linear.token_weights.copy()
    column = word_features(["the"], model.linear.vectors).columns["word"][0]
    weights[label, blocks["word", -1].start + column] = 1
    pair = pair_columns(np.array([word_hash("reckless"), word_hash("mayor")]))[0]
    weights[label, blocks["pair", "right"].start + pair] = 2
    model.linear = replace(model.linear, token_weights=weights)
    (found,) = Framing(model).explain("It fell. The reckless mayor left.")
    assert {each.name: each.weight for each in found.words} == {
        "reckless": 9, "The": 1, "mayor": 1,
    }  # fmt: skip
    assert found.logit == pytest.approx(7)


def test_quoted_spans_are_explained_as_such(handmade_model):
    model = Framing(handmade_model, include_quoted=True)
    text = (
        'The reckless mayor said: "It was a long and truly disgraceful day for us all, my friends."'
    )
    found = model.explain(text)
    assert [(each.span.text, each.span.quoted) for each in found] == [
        ("reckless", False), ("disgraceful", True),
    ]  # fmt: skip
    assert found[1].words[0].name == "disgraceful"


def test_long_texts_are_explained_in_parts(handmade, monkeypatch):
    from framing import predictor

    text = "The reckless mayor left.\n" * 20
    monkeypatch.setattr(predictor, "split_long", lambda text: predictor_split(text, 60))
    found = handmade.explain(text)
    assert len(found) == 20
    for each in found:
        assert text[each.span.start : each.span.end] == each.span.text == "reckless"
        assert each.words[0].name == "reckless"


def predictor_split(text, limit):
    start = 0
    while start < len(text):
        cut = text.rfind("\n", start, start + limit) + 1
        yield start, text[start:cut]
        start = cut


def test_plain_data(handmade):
    (found,) = handmade.explain("The reckless mayor left.")
    data = json.loads(json.dumps(found.to_dict()))
    assert data["span"]["text"] == "reckless"
    assert data["words"][0] == {"name": "reckless", "weight": 8.0}
    assert {each["name"] for each in data["features"]}


def test_nothing_to_explain(eager):
    assert eager.explain("") == []
