from __future__ import annotations

import pickle
import threading
from collections import Counter
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from conftest import LABELS, ROOT, TEXTS, of_speech
from hypothesis import example, given, settings
from hypothesis import strategies as st

import framing
from framing import predictor
from framing.errors import InputError
from framing.prediction import Prediction, Span
from framing.predictor import BATCH, Framing, split_long
from framing.schema import read_schema

STORY = (
    "Critics slammed the reckless council on Monday. The shocking vote lays bare a failure of "
    'leadership. "It was a disgraceful, reckless failure and we will not forget it," Ana Ruiz '
    'said. The so-called "experts" left.\nREAD MORE: Subscribe to our newsletter\n'
)
ODDITIES = (
    "\ud800The regime\udfff slammed\ud83d", "The \0regime\0 slammed\0", "It fell.\r\nHe ran.\r\n",
    "It fell.\u2028He ran.\u2029Go\x85on", "\ufeffThe regime slammed critics",
    "The re\u0301gime\u0301 \u0301slammed", "השלטון מנע ביקורת. \u202eThe regime\u202c slammed",
    "👩‍👩‍👧 slammed 𝔖𝔥𝔬𝔠𝔨𝔦𝔫𝔤 vote 😀.", "\n\n\n", " ", "", "\u200b", "“", '"', "((((", "....", "-" * 300,
    STORY, STORY.replace("\n", "\r\n"), STORY.replace(" ", "\xa0"), STORY.upper(), STORY[::-1],
)  # fmt: skip


def check(text, prediction, labels):
    """What holds of every prediction."""
    assert isinstance(prediction, Prediction)
    assert prediction.text == text
    spans = list(prediction)
    for span in spans:
        assert 0 <= span.start < span.end <= len(text)
        assert text[span.start : span.end] == span.text
        assert span.text == span.text.strip()
        assert span.label in labels
        assert 0 <= span.score <= 1
    assert [(s.start, s.end) for s in spans] == sorted((s.start, s.end) for s in spans)
    for label in labels:
        mine = [span for span in spans if span.label == label]
        assert all(a.end <= b.start for a, b in pairwise(mine))
    assert prediction.profile.counts == {
        **dict.fromkeys(labels, 0),
        **Counter(s.label for s in spans),
    }


# --- any text -----------------------------------------------------------------------------


@given(TEXTS)
@settings(max_examples=150)
def test_spans_of_any_text(eager, text):
    check(text, eager.predict(text), eager.labels)


@pytest.mark.parametrize("text", ODDITIES, ids=ascii)
def test_spans_of_odd_texts(eager, text):
    check(text, eager.predict(text), eager.labels)


@pytest.mark.parametrize("text", ODDITIES, ids=ascii)
def test_spans_of_odd_texts_by_the_shipped_models(shipped, text):
    check(text, shipped.predict(text), shipped.labels)


def test_eager_models_find_spans_of_every_sort(eager):
    """Else the tests above would say little."""
    found = Counter(span.label for span in eager.predict(STORY))
    assert len(found) >= 3


@given(TEXTS)
@settings(max_examples=60)
def test_spans_of_any_text_with_quotations(eager_model, text):
    loud = Framing(eager_model, include_quoted=True)
    found = loud.predict(text)
    for span in found:
        assert text[span.start : span.end] == span.text
    spans = [(span.start, span.end, span.label) for span in found]
    assert spans == sorted(spans)


@pytest.mark.parametrize("piece", ["x", "é", "漢", "-", "!", '"', "\ud800", "😀"])
def test_long_texts_without_a_space(eager, piece):
    text = piece * (BATCH + 9)
    if piece in "x漢":
        text = piece * (1 << 20)
    if not piece.isalnum():
        text = piece * 5000
    check(text, eager.predict(text), eager.labels)


@pytest.mark.parametrize("text", ["a " * 700_000, "x" * (1 << 20)], ids=["words", "one word"])
def test_a_megabyte_by_the_shipped_model(linear, text):
    check(text, linear.predict(text), linear.labels)


# --- one and many -------------------------------------------------------------------------


@given(st.lists(TEXTS, max_size=5))
@settings(max_examples=40)
@example([STORY, "", STORY[:200], " ", STORY])
@example(["One. Two. Three.", "Four. Five."])
def test_a_batch_gives_what_single_texts_give(eager, texts):
    together = list(eager.predict_many(texts))
    assert together == [eager.predict(text) for text in texts]
    presence = eager.predict_proba(texts)
    alone = [eager.predict_proba([text])[0] for text in texts]
    assert presence.shape == (len(texts), len(eager.labels))
    assert presence.tolist() == [row.tolist() for row in alone]


def test_candidates_look_the_same_in_a_batch(tiny_models):
    model = tiny_models["boosted"]
    texts = [STORY, STORY[:180], "One two. Three four."]
    together = model.score(texts)
    numbers = together.batch.document[together.candidates.start]
    for number, text in enumerate(texts):
        alone = model.score([text])
        assert (together.features[numbers == number] == alone.features).all()


def test_shipped_models_give_the_same_alone_and_in_a_batch(shipped, articles):
    texts = [each.text for each in articles[:4]] + list(ODDITIES)
    assert list(shipped.predict_many(texts)) == [shipped.predict(text) for text in texts]


def test_small_batches_give_the_same(eager, articles, monkeypatch):
    texts = [each.text for each in articles[:5]]
    before = list(eager.predict_many(texts))
    monkeypatch.setattr(predictor, "BATCH", 1)
    assert list(eager.predict_many(texts)) == before


def test_many_are_read_as_they_come(eager, monkeypatch):
    monkeypatch.setattr(predictor, "BATCH", 10)
    asked = []

    def texts():
        for number in range(50):
            asked.append(number)
            yield f"text number {number}"

    found = eager.predict_many(texts())
    assert next(found).text == "text number 0"
    assert len(asked) < 5


def test_no_texts(eager):
    assert list(eager.predict_many([])) == []
    assert eager.predict_proba([]).shape == (0, len(eager.labels))


def test_words_that_were_forgotten_are_learnt_again(tiny_models, articles, monkeypatch):
    model = tiny_models["linear"]
    found = Framing(model)
    before = [found.predict(each.text) for each in articles[:3]]
    monkeypatch.setattr("framing.model.MOST_WORDS", 50)
    assert [found.predict(each.text) for each in articles[:3]] == before
    assert len(model.lexicon) < 2000


def test_threads_may_share_a_model(eager, articles):
    texts = [each.text for each in articles[:6]]
    expected = [eager.predict(text) for text in texts]
    found = {}

    def work(number):
        found[number] = [eager.predict(text) for text in texts[number:] + texts[:number]]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number in range(4):
        assert found[number] == expected[number:] + expected[:number]


# --- presence -----------------------------------------------------------------------------


def test_presence_is_one_minus_all_sentences_without(eager):
    scored = eager.model.score([STORY])
    sentences = eager.model.sentence_probabilities(scored)
    assert len(sentences) > 3
    expected = 1 - np.prod(1 - sentences, 0)
    assert eager.predict_proba([STORY])[0] == pytest.approx(expected)


@given(st.lists(TEXTS, max_size=3))
@settings(max_examples=30)
def test_presence_is_a_probability(eager, texts):
    found = eager.predict_proba(texts)
    assert ((found >= 0) & (found <= 1)).all()


def test_nothing_is_present_in_nothing(eager):
    assert eager.predict_proba(["", " \n"]).tolist() == [[0.0] * len(eager.labels)] * 2


# --- long texts ---------------------------------------------------------------------------


@given(st.text(st.sampled_from("ab. \n\r"), max_size=200), st.integers(2, 30))
def test_splitting_keeps_every_character(text, limit):
    parts = list(split_long(text, limit))
    assert "".join(part for _, part in parts) == text
    for offset, part in parts:
        assert text[offset : offset + len(part)] == part
        assert len(part) <= limit
    assert all(part for _, part in parts[:-1])


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("aaaaaa\nb. bbbbb. ccc dddd", ["aaaaaa\n", "b. bbbbb.", " ccc dddd"]),
        ("aaaaaa. b cccccc", ["aaaaaa.", " b cccccc"]),
        ("aaaaa bb cccccc", ["aaaaa bb ", "cccccc"]),
        ("a" * 23, ["a" * 10, "a" * 10, "aaa"]),
        ("a\nbbbbbbbbbbbb", ["a\nbbbbbbbb", "bbbb"]),  # too early a line
        ("short", ["short"]),
        ("", [""]),
    ],
)
def test_splitting_prefers_lines_then_sentences_then_words(text, parts):
    assert [part for _, part in split_long(text, 10)] == parts


def test_long_texts_are_read_in_parts(eager, monkeypatch):
    """Lines that end a part are cut where they would end anyway: the same spans."""
    text = STORY * 30
    whole = eager.predict(text)
    monkeypatch.setattr(predictor, "split_long", lambda text: split_long(text, 3 * len(STORY)))
    in_parts = eager.predict(text)
    check(text, in_parts, eager.labels)
    assert in_parts.profile.words == whole.profile.words
    assert in_parts.profile.sentences == whole.profile.sentences
    assert len(in_parts) > 30
    assert {span.start // (3 * len(STORY)) for span in in_parts} == set(range(10))
    assert eager.predict_proba([text]).max() <= 1


def test_texts_past_the_batch_are_split(eager):
    text = STORY * (BATCH // len(STORY) + 2)
    assert len(list(split_long(text))) == 2
    check(text, eager.predict(text), eager.labels)


@pytest.mark.parametrize("ask", ["predict_many", "predict_proba"])
def test_no_more_than_a_batch_is_read_at_once(tiny_models, monkeypatch, ask):
    """Neither of one long text nor of a short one before it: memory is bounded."""
    model = replace(tiny_models["linear"])
    sizes = []
    score = model.score
    monkeypatch.setattr(
        model,
        "score",
        lambda texts, **more: sizes.append(sum(map(len, texts))) or score(texts, **more),
    )
    list(getattr(Framing(model), ask)(["It fell. " * 9, "It fell. " * (3 * BATCH // 9)]))
    assert sum(sizes) > 2 * BATCH
    assert max(sizes) <= BATCH


# --- wrong types --------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", [None, b"bytes", 3, 2.5, ["text"], {"text": "a"}, object()])
def test_predict_wants_a_string(eager, wrong):
    for ask in (eager.predict, eager.explain):
        with pytest.raises(InputError, match=r"text 0 is .*, not a string"):
            ask(wrong)


@pytest.mark.parametrize("ask", ["predict_many", "predict_proba"])
def test_many_want_strings(eager, ask):
    with pytest.raises(InputError, match="text 2 is NoneType, not a string"):
        list(getattr(eager, ask)(["a", "b", None]))
    with pytest.raises(InputError, match="not one string"):
        list(getattr(eager, ask)("one string"))


@pytest.mark.parametrize("wrong", [None, 3])
def test_many_want_a_list(eager, wrong):
    with pytest.raises(InputError):
        list(eager.predict_many(wrong))


def test_strings_of_a_subclass_are_strings(eager):
    assert eager.predict(np.str_("It fell.")).profile.words == 2


# --- quotation ----------------------------------------------------------------------------

QUOTED = (
    'Ana Ruiz, who lost her seat, said: "It was a disgraceful and reckless thing to do, and the '
    'vote lays bare that thugs run this regime." The reckless mayor left.'
)


def reported(model, text, *, include_quoted=False):
    found = Framing(model, include_quoted=include_quoted).predict(text)
    return [(span.text, span.label, span.quoted) for span in found]


def test_quoted_words_are_reported_only_when_asked_for(handmade_model):
    outside = ("reckless", "loaded_language", False)
    assert reported(handmade_model, QUOTED) == [outside]
    assert reported(handmade_model, QUOTED, include_quoted=True) == [
        ("disgraceful", "loaded_language", True),
        ("reckless", "loaded_language", True),
        ("lays bare", "editorializing", True),
        ("thugs", "loaded_language", True),
        ("regime", "loaded_language", True),
        outside,
    ]


def test_nothing_of_a_loaded_quotation_is_held_against_an_article(handmade_model):
    text = QUOTED.replace(" The reckless mayor left.", "")
    assert reported(handmade_model, text) == []
    assert len(reported(handmade_model, text, include_quoted=True)) == 5


def test_labels_of_speech_are_found_in_quotation_too(handmade_model):
    model = replace(handmade_model, schema=of_speech(handmade_model.schema))
    wanted = ["disgraceful", "reckless", "lays bare", "thugs", "regime", "reckless"]
    found = reported(model, QUOTED)
    assert [words for words, _, _ in found] == wanted
    assert not any(quoted for _, _, quoted in found)
    loud = reported(model, QUOTED, include_quoted=True)
    assert [words for words, _, _ in loud] == wanted
    assert [quoted for _, _, quoted in loud] == [True] * 5 + [False]


def test_labels_of_speech_are_explained_in_the_same_order(handmade_model):
    model = replace(handmade_model, schema=of_speech(handmade_model.schema))
    for include_quoted in (False, True):
        framing = Framing(model, include_quoted=include_quoted)
        explained = [each.span for each in framing.explain(QUOTED)]
        assert explained == list(framing.predict(QUOTED).spans)


def test_phrases_in_marks_are_the_articles_own(handmade_model):
    text = 'The "reform" failed.'
    for include_quoted in (False, True):
        found = reported(handmade_model, text, include_quoted=include_quoted)
        assert found == [('"reform"', "scare_quotes", False)]


def test_spans_with_quotations_do_not_overlap_within_a_label(handmade_model):
    text = 'It fell.\n"Subscribe now"\nIt rose.'
    assert len(reported(handmade_model, text)) == 1  # nothing is reported inside an insert
    check(text, Framing(handmade_model, include_quoted=True).predict(text), LABELS)


def test_shipped_models_hold_no_quoted_word_against_an_article(shipped):
    found = shipped.predict(QUOTED)
    first, last = QUOTED.index('"'), QUOTED.rindex('"')
    assert [span for span in found if span.end > first and span.start <= last] == []
    loud = Framing(shipped.model, include_quoted=True).predict(QUOTED)
    assert [span for span in loud if span.quoted]
    assert all(span.quoted for span in loud if "disgraceful" in span.text)


def test_without_quotations_both_are_the_same(eager_model):
    text = "Critics slammed the reckless council. The vote failed."
    quiet, loud = Framing(eager_model), Framing(eager_model, include_quoted=True)
    assert quiet.predict(text) == loud.predict(text)


# --- profile ------------------------------------------------------------------------------


def test_profile_of_a_text(eager):
    profile = eager.predict('It fell. "He lied," she said. He 3 claimed it').profile
    assert (profile.words, profile.sentences) == (10, 3)
    assert profile.attributions == 2
    assert eager.predict('"She said he claimed it was so," Jo told us.').profile.attributions == 1


@given(TEXTS)
@settings(max_examples=60)
def test_profile_adds_up(eager, text):
    found = eager.predict(text)
    profile = found.profile
    assert sum(profile.counts.values()) == len(found)
    assert list(profile.counts) == list(profile.rates) == list(eager.labels)
    assert 0 <= profile.marked_share <= 1
    for name, count in profile.counts.items():
        rate = 1000 * count / profile.words if profile.words else 0
        assert profile.rates[name] == pytest.approx(rate, abs=5e-4)
    assert profile.vague_attributions == 0  # not among the four labels


def test_nothing_has_an_empty_profile(eager):
    profile = eager.predict("").profile
    assert (profile.words, profile.sentences, profile.marked_share) == (0, 0, 0)
    assert set(profile.rates.values()) == {0}


def test_vague_attributions_are_counted(linear):
    assert "vague_attribution" in linear.labels
    found = linear.predict("Critics say the plan failed. Some experts warn of more. " * 5)
    assert found.profile.vague_attributions == found.profile.counts["vague_attribution"]


# --- what it is ---------------------------------------------------------------------------


def test_names_of_the_package():
    assert framing.Framing is Framing
    assert framing.Span is Span
    assert set(framing.__all__) <= set(dir(framing)) | set(framing._HOMES)
    for name in framing.__all__:
        assert getattr(framing, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        framing.nonsense  # noqa: B018 - asking is the test


def test_load_is_framing(tiny_paths):
    path = tiny_paths["linear"]
    loaded = framing.load(path, include_quoted=True)
    assert loaded.include_quoted
    assert loaded.predict(STORY) == framing.load(str(path), include_quoted=True).predict(STORY)


def test_predictions_can_be_pickled(eager):
    found = eager.predict(STORY)
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301 - its own


def test_labels_are_those_of_the_schema(shipped):
    assert shipped.labels == read_schema(ROOT / "annotations" / "schema.toml").names
