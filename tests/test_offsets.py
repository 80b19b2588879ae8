"""No span off by one, whatever the text: some 15,000 hostile texts a run.

`FRAMING_CASES=100 python -m pytest tests/test_offsets.py` reads a hundred times as many;
`python -m tests.fuzz.offsets` a million in less time, in large batches.
"""

from __future__ import annotations

import os

import numpy as np
import pytest
from hostile import LABELS, PIECES, TEXTS, check, restless_model, text_of
from hostile_pairs import REACH, check_breaks, check_seam, read_alike, shifted, tuples
from hostile_readers import check_outputs
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from framing.predictor import Framing

TIMES = float(os.environ.get("FRAMING_CASES", "1"))
TOGETHER = 16
"""Texts of one case, read in one batch."""


def cases(number: int) -> settings:
    """So many cases, or a multiple of them."""
    return settings(max_examples=max(int(number * TIMES), 1), deadline=None)


@pytest.fixture(scope="module")
def model():
    return restless_model()


@pytest.fixture(scope="module")
def quiet(model):
    return Framing(model)


@pytest.fixture(scope="module")
def loud(model):
    return Framing(model, include_quoted=True)


@pytest.fixture(autouse=True)
def forgetful(model):
    """Forget the words of the test before, so that none depends on another."""
    yield
    model.lexicon.reset()
    model.linear.forget()


def test_the_model_fires_at_hostile_texts(loud):
    """Else nothing below says anything."""
    rng = np.random.default_rng(0)
    texts = [text_of(rng.bytes(80)) for _ in range(200)]
    found = list(loud.predict_many(texts))
    counts = [sum(each.profile.counts[label] for each in found) for label in LABELS]
    assert min(counts) > 20
    assert sum(map(len, found)) > 500
    assert any(span.quoted for each in found for span in each)
    held = "".join(span.text for each in found for span in each)
    missing = [ascii(piece) for piece in PIECES if piece.strip() not in held]
    assert len(missing) < len(PIECES) / 3, missing


# --- spans --------------------------------------------------------------------------------


def test_spans_of_any_texts(quiet, loud):
    """Inside, in order, the words themselves; and a batch gives what one text gives."""
    read = 0

    @cases(700)
    @given(st.lists(TEXTS, min_size=TOGETHER, max_size=TOGETHER), st.integers(0, TOGETHER - 1))
    def examine(texts, number):
        nonlocal read
        found = list(loud.predict_many(texts))
        for text, each in zip(texts, found, strict=True):
            check(text, each, loud.labels, quoted=True)
        assert loud.predict(texts[number]) == found[number]
        alone = quiet.predict(texts[number])
        check(texts[number], alone, quiet.labels)
        assert tuple(span for span in found[number] if not span.quoted) == alone.spans
        read += len(texts)

    examine()
    print(f"{read} texts")  # noqa: T201
    assert read >= 10_000 * min(TIMES, 1)


@cases(100)
@given(st.lists(st.text(st.characters(), max_size=200), min_size=8, max_size=8))
def test_spans_of_random_characters(loud, texts):
    for text, found in zip(texts, loud.predict_many(texts), strict=True):
        check(text, found, loud.labels, quoted=True)


@cases(100)
@given(TEXTS)
def test_explanations_are_of_the_same_spans(loud, text):
    assert [each.span for each in loud.explain(text)] == list(loud.predict(text))


@cases(250)
@given(TEXTS, st.integers(0, 3), st.sampled_from(["\n", "\r\n", "\r", "\u2028", "\x85", " "]))
def test_white_space_around_a_text_only_shifts(loud, text, number, space):
    around = space * number
    plain, found = loud.predict_many([text, around + text + around])
    assert tuples(found) == shifted(plain, len(around))


@cases(300)
@given(TEXTS)
def test_every_output_leads_to_the_words(loud, text):
    check_outputs(text, loud.predict(text), loud.model.schema.labels)


LINES = st.lists(
    st.lists(st.sampled_from([piece for piece in PIECES if not piece.isspace()]), max_size=6)
    .map(" ".join)
    .map(lambda line: line.replace("\n", "")),
    max_size=8,
)


@cases(250)
@given(LINES)
def test_line_breaks_of_any_kind_part_lines_alike(loud, lines):
    """The same spans, moved by what the breaks before them are longer."""
    check_breaks(loud, lines)


def test_a_byte_order_mark_only_shifts(loud):
    """Half the files that Windows writes begin with one."""
    texts = [text_of(np.random.default_rng(seed).bytes(80)) for seed in range(50)]
    plain = loud.predict_many(texts)
    marked = loud.predict_many([f"\ufeff{text}" for text in texts])
    assert [tuples(each) for each in marked] == [shifted(each, 1) for each in plain]


# --- documents one after another ----------------------------------------------------------

PARAGRAPHS = st.lists(st.binary(min_size=1, max_size=16).map(text_of), min_size=4, max_size=16)
CLOSED = st.lists(
    st.sampled_from(
        ["regime", "the", "said", "“reform”", '"art"', "Critics slammed", "(or not)", "it fell.",
         "Mr. Lee", "3,000", "😀", "e\u0301", "Subscribe", "and", "vote?", "who", "שלום", "—", ","]
    ), min_size=1, max_size=12,
).map(" ".join)  # fmt: skip
TAME = st.lists(CLOSED, min_size=REACH + 2, max_size=REACH + 9)


@cases(100)
@given(TAME, TAME, st.sampled_from(["\n\n", "\r\n\r\n", "\n \n", "\n\n\n"]))
def test_documents_one_after_another(loud, first, second, gap):
    one, two = "\n".join(first), "\n".join(second)
    assert read_alike(loud.model, [one, two, one + gap + two])
    event(f"far spans: {bool(check_seam(loud, one, two, gap))}")


@cases(150)
@given(PARAGRAPHS, PARAGRAPHS)
def test_hostile_documents_one_after_another(loud, first, second):
    """The same wherever no quotation left open and no transcript reaches across."""
    one, two = "\n".join(first), "\n".join(second)
    same = read_alike(loud.model, [one, two, f"{one}\n\n{two}"])
    event(f"read alike: {same}")
    assume(same)
    event(f"far spans: {bool(check_seam(loud, one, two, chr(10) * 2))}")
