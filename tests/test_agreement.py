from __future__ import annotations

import json
import math
import re
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing.agreement import (
    FIGURES,
    AgreementReport,
    Estimate,
    LabelAgreement,
    agreement,
    cohen_kappa,
    krippendorff_alpha,
    overlapping,
)
from framing.annotations import AnnotatedDocument, Mark, text_hash
from framing.errors import AnnotationError
from framing.metrics import bootstrap, count_matches, one_to_one, partial
from framing.schema import Label, Schema

SCHEMA = Schema((Label("loaded", "", "phrase"), Label("verdict", "", "clause")))
Spans = list[tuple[int, int, str]]


def document(text: str, spans: Spans, name: str = "", group: str = "") -> AnnotatedDocument:
    marks = tuple(Mark(*span) for span in sorted(spans))
    meta = {"group": group} if group else {}
    return AnnotatedDocument(name or text[:9], text, marks, meta, text_hash(text), len(text), name)


def compare(text: str, first: Spans, second: Spans) -> AgreementReport:
    return agreement([document(text, first)], [document(text, second)], SCHEMA, repeats=10)


def words_marked(text: str, numbers: set[int], label: str = "loaded") -> Spans:
    """Spans of single words, counted from 0."""
    starts = [0, *(at + 1 for at, char in enumerate(text) if char == " ")]
    return [(starts[n], starts[n] + len(text.split(" ")[n]), label) for n in sorted(numbers)]


def loaded(report: AgreementReport) -> LabelAgreement:
    return report.labels[0]


# --- kappa --------------------------------------------------------------------------------
# Tables of two raters: both yes, first only, second only, both no.

KAPPAS = [
    # The grant proposals of the R package fmsb's manual (Kappa.test), and of many courses.
    # p_o = (20 + 15) / 50 = 0.7; yes 25/50 and 30/50, so p_e = 0.5 * 0.6 + 0.5 * 0.4 = 0.5;
    # kappa = (0.7 - 0.5) / (1 - 0.5) = 0.4.
    ((20, 5, 10, 15), 0.4),
    # Smeeton (1985), two tables with the same p_o = 60/100:
    # yes 60/100 and 70/100: p_e = 0.6 * 0.7 + 0.4 * 0.3 = 0.54; (0.6 - 0.54) / 0.46 = 0.1304;
    ((45, 15, 25, 15), 0.1304),
    # yes 60/100 and 30/100: p_e = 0.6 * 0.3 + 0.4 * 0.7 = 0.46; (0.6 - 0.46) / 0.54 = 0.2593.
    ((25, 35, 5, 35), 0.2593),
    # Never of one mind, halves: p_o = 0, p_e = 0.5; -0.5 / 0.5 = -1.
    ((0, 5, 5, 0), -1.0),
    # As chance would have it: p_o = p_e = 0.5.
    ((1, 1, 1, 1), 0.0),
    ((7, 0, 0, 3), 1.0),
]


@pytest.mark.parametrize(("cells", "expected"), KAPPAS)
def test_cohen_kappa(cells: tuple[int, ...], expected: float) -> None:
    assert cohen_kappa(np.asarray(cells, float)) == pytest.approx(expected, abs=5e-5)


@pytest.mark.parametrize(("cells", "expected"), KAPPAS)
def test_kappa_is_of_sentences(cells: tuple[int, ...], expected: float) -> None:
    # a sentence a cell; the two annotators mark different words of it
    first: Spans = []
    second: Spans = []
    lines: list[str] = []
    for number, (one, other) in enumerate(
        answer
        for count, answer in zip(cells, [(1, 1), (1, 0), (0, 1), (0, 0)], strict=True)
        for _ in range(count)
    ):
        start = sum(len(line) + 1 for line in lines)
        lines.append(f"Vile words {number} more here.")
        first += [(start, start + 4, "loaded")] * one
        second += [(start + 5, start + 10, "loaded")] * other
    report = compare(" ".join(lines), first, second)
    assert report.sentences == sum(cells)
    assert loaded(report).kappa.value == pytest.approx(expected, abs=5e-5)
    assert loaded(report).overlap_f1.value == 0
    assert report.overall.kappa.value == loaded(report).kappa.value


# --- alpha --------------------------------------------------------------------------------

# Krippendorff (2011), Computing Krippendorff's alpha-reliability, section A: two observers,
# ten units, yes and no, nothing missing.
#     Meg   0 1 0 0 0 0 0 0 1 0
#     Owen  1 1 1 0 0 1 0 0 0 0
# Both say yes once; Meg alone once, Owen alone three times; neither five times. Of the 20
# values n_1 = 2 + 4 = 6 are yes and n_0 = 14 no; o_01 = 1 + 3 = 4. So
# alpha = 1 - (20 - 1) * 4 / (14 * 6) = 1 - 76 / 84 = 0.095.
MEG, OWEN = {1, 8}, {0, 1, 2, 5}
ALPHAS = [
    ((1, 1, 3, 5), 0.0952),
    # n = 20, n_1 = n_0 = 10, o_01 = 10: 1 - 19 * 10 / 100 = -0.9
    ((0, 5, 5, 0), -0.9),
    # n = 8, n_1 = n_0 = 4, o_01 = 2: 1 - 7 * 2 / 16 = 0.125
    ((1, 1, 1, 1), 0.125),
    # n = 2, n_1 = n_0 = 1, o_01 = 1: 1 - 1 * 1 / 1 = 0
    ((0, 1, 0, 0), 0.0),
    ((7, 0, 0, 3), 1.0),
]


@pytest.mark.parametrize(("cells", "expected"), ALPHAS)
def test_krippendorff_alpha(cells: tuple[int, ...], expected: float) -> None:
    assert krippendorff_alpha(np.asarray(cells, float)) == pytest.approx(expected, abs=5e-5)


@pytest.mark.parametrize("end", ["", "\n", " \n\n"])
def test_alpha_is_of_tokens(end: str) -> None:
    text = "one two three four five six seven eight nine ten" + end
    report = compare(text, words_marked(text, MEG), words_marked(text, OWEN))
    assert (report.tokens, report.sentences) == (10, 1)
    assert loaded(report).alpha.value == pytest.approx(0.0952, abs=5e-5)
    assert (loaded(report).first, loaded(report).second) == (2, 4)


@pytest.mark.parametrize("cells", [(0, 0, 0, 0), (0, 0, 0, 9), (9, 0, 0, 0)])
def test_without_variation_both_are_undefined(cells: tuple[int, ...]) -> None:
    assert math.isnan(float(cohen_kappa(np.asarray(cells, float))))
    assert math.isnan(float(krippendorff_alpha(np.asarray(cells, float))))


# --- spans --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "pairs"),
    [
        ([], [], 0),
        ([(0, 5)], [], 0),
        ([(0, 5)], [(5, 9)], 0),
        ([(0, 5)], [(4, 9)], 1),
        ([(0, 9)], [(0, 2), (3, 5), (6, 9)], 1),
        # the best pair, (10, 20) with (9, 21), must not keep the other two apart
        ([(0, 10), (10, 20)], [(9, 21), (30, 31)], 1),
        ([(0, 10), (10, 20)], [(9, 19), (19, 25)], 2),
        ([(6, 9), (0, 2)], [(1, 3), (8, 12)], 2),
    ],
)
def test_overlapping(
    first: list[tuple[int, int]], second: list[tuple[int, int]], pairs: int
) -> None:
    assert overlapping(first, second) == overlapping(second, first) == pairs


TEXT = "A vile plan by vile people. It was a disgrace to all. Nothing came of it.\n"


def test_figures_of_spans() -> None:
    first: Spans = [(2, 6, "loaded"), (15, 19, "loaded"), (28, 45, "verdict")]
    second: Spans = [(2, 11, "loaded"), (28, 45, "loaded")]
    report = compare(TEXT, first, second)
    found = loaded(report)
    assert (found.first, found.second) == (2, 2)
    # One pair overlaps: 2 * 1 / (2 + 2).
    assert found.overlap_f1.value == 0.5
    # Of the first's two spans one is covered whole, 1/2; of the second's, 4/9 of one, 2/9;
    # 2 * (1/2 * 2/9) / (1/2 + 2/9) = 4/13.
    assert found.partial_f1.value == pytest.approx(4 / 13)
    # 4 of 9 characters in common is less than half.
    assert found.one_to_one_f1.value == 0.0
    verdict = report.labels[1]
    assert [getattr(verdict, name).value for name in FIGURES[:3]] == [0, 0, 0]
    # Three spans against two; a match needs the same label.
    assert (report.overall.first, report.overall.second) == (3, 2)
    assert report.overall.overlap_f1.value == pytest.approx(2 / 5)
    # Sentences with any label: the same two of three, so kappa is 1.
    assert report.overall.kappa.value == 1.0
    # Its sentences: the first annotator's 1, the second's 1 and 2 of three. p_o = 2/3,
    # p_e = 1/3 * 2/3 + 2/3 * 1/3 = 4/9; (2/3 - 4/9) / (1 - 4/9) = 0.4.
    assert found.kappa.value == pytest.approx(0.4)


def test_identical_passes_agree_fully() -> None:
    spans: Spans = [(2, 6, "loaded"), (15, 19, "loaded"), (28, 45, "verdict")]
    for found in (*compare(TEXT, spans, spans).labels, compare(TEXT, spans, spans).overall):
        for name in FIGURES:
            assert getattr(found, name) == Estimate(1.0, 1.0, 1.0)


def test_disjoint_passes_do_not_agree() -> None:
    report = compare(TEXT, [(2, 6, "loaded")], [(28, 45, "loaded")])
    for found in (loaded(report), report.overall):
        for name in FIGURES[:3]:
            assert getattr(found, name) == Estimate(0.0, 0.0, 0.0)
        assert found.kappa.value < 0
        assert found.alpha.value < 0


def test_label_that_nobody_used_is_undefined() -> None:
    report = compare(TEXT, [(2, 6, "loaded")], [(2, 6, "loaded")])
    verdict = report.labels[1]
    assert verdict.to_dict()["alpha"] == {"value": None, "low": None, "high": None}
    for name in FIGURES:
        assert math.isnan(getattr(verdict, name).value)
        assert math.isnan(getattr(verdict, name).low)


def test_label_that_one_used_counts_against_them() -> None:
    report = compare(TEXT, [(2, 6, "loaded")], [])
    assert [getattr(loaded(report), name).value for name in FIGURES[:4]] == [0, 0, 0, 0]


def test_other_labels_are_left_out() -> None:
    report = compare(TEXT, [(2, 6, "loaded"), (15, 19, "hype")], [(2, 6, "loaded")])
    assert report.overall.first == 1
    assert report.overall.alpha.value == 1.0


def test_split_of_a_span_is_one_match_only() -> None:
    report = compare(TEXT, [(2, 11, "loaded")], [(2, 6, "loaded"), (7, 11, "loaded")])
    assert loaded(report).overlap_f1.value == pytest.approx(2 / 3)
    assert loaded(report).kappa.value == 1.0


# --- intervals ----------------------------------------------------------------------------


def corpus(n: int, seed: int, *, words: int = 40) -> list[AnnotatedDocument]:
    """Documents of which each pass marks words by chance, the first third alike."""
    rng = np.random.default_rng(seed)
    documents = []
    for number in range(n):
        text = f"Story {number} " + "Goes on and on. " * (words // 4)
        text = text.strip()
        shared = np.random.default_rng(number)
        count = len(text.split(" "))
        chosen = {*shared.choice(count, 3).tolist(), *rng.choice(count, 2).tolist()}
        documents.append(
            document(text, words_marked(text, chosen), f"d{number}", f"g{number // 2}")
        )
    return documents


def test_intervals_are_those_of_metrics() -> None:
    first, second = corpus(12, 1), corpus(12, 2)
    report = agreement(first, second, SCHEMA, repeats=200, seed=7)
    rows = np.array(
        [
            count_matches(
                [(m.start, m.end) for m in one.marks], [(m.start, m.end) for m in other.marks]
            )
            for one, other in zip(first, second, strict=True)
        ]
    )
    groups = [each.group for each in first]
    for name, score in (("partial_f1", partial), ("one_to_one_f1", one_to_one)):
        found = getattr(loaded(report), name)
        low, high = bootstrap(lambda c, s=score: s(c).f1, rows, groups, repeats=200, seed=7)  # type: ignore[misc]
        assert found.value == pytest.approx(score(rows.sum(0)).f1)
        assert (found.low, found.high) == (pytest.approx(low), pytest.approx(high))
        assert found.low < found.value < found.high


def cells(one: AnnotatedDocument, other: AnnotatedDocument, units: str) -> list[int]:
    """Units, by a pattern, that hold words of both, of the first, the second, neither."""
    found = [0, 0, 0, 0]
    for unit in re.finditer(units, str(one.text)):
        inside = [
            any(mark.start < unit.end() and unit.start() < mark.end for mark in each.marks)
            for each in (one, other)
        ]
        found[3 - 2 * inside[0] - inside[1]] += 1
    return found


@pytest.mark.parametrize(
    ("name", "units", "statistic"),
    [
        ("kappa", r"[^.]+\.", cohen_kappa),
        ("alpha", r"\w+|\.", krippendorff_alpha),
    ],
)
def test_intervals_of_sentences_and_tokens(
    name: str, units: str, statistic: Callable[[Any], Any]
) -> None:
    first, second = corpus(9, 1), corpus(9, 2)
    rows = np.array([cells(*pair, units) for pair in zip(first, second, strict=True)], float)
    low, high = bootstrap(
        lambda total: float(statistic(total)), rows, [each.group for each in first], repeats=100
    )
    found = getattr(loaded(agreement(first, second, SCHEMA, repeats=100)), name)
    assert found.value == pytest.approx(float(statistic(rows.sum(0))))
    assert (found.low, found.high) == (pytest.approx(low), pytest.approx(high))
    assert low < high


def test_groups_are_drawn_whole() -> None:
    first, second = corpus(12, 1), corpus(12, 2)
    together = [replace(each, meta={"group": "one"}) for each in first]
    report = agreement(together, second, SCHEMA, repeats=50)
    assert (report.documents, report.groups) == (12, 1)
    found = loaded(report).alpha
    assert found.low == found.high == pytest.approx(found.value)
    apart = agreement(first, second, SCHEMA, repeats=50)
    assert apart.groups == 6
    assert loaded(apart).alpha.value == pytest.approx(found.value)
    assert loaded(apart).alpha.low < loaded(apart).alpha.high


def test_seed_decides() -> None:
    first, second = corpus(8, 1), corpus(8, 2)
    once, again, other = (agreement(first, second, SCHEMA, seed=s, repeats=40) for s in (1, 1, 2))
    assert once.to_dict() == again.to_dict()
    assert loaded(once).kappa.value == loaded(other).kappa.value
    assert once.to_dict() != other.to_dict()


def test_undefined_draws_are_left_out() -> None:
    # the only spans are in one of three documents: draws without it have no figure
    first = [document(f"Vile {n}.", [(0, 4, "loaded")] if n == 0 else []) for n in range(3)]
    found = loaded(agreement(first, first, SCHEMA, repeats=100))
    for name in FIGURES:
        assert getattr(found, name) == Estimate(1.0, 1.0, 1.0)


def test_no_draws_no_intervals() -> None:
    found = loaded(agreement(corpus(4, 1), corpus(4, 2), SCHEMA, repeats=0))
    assert found.alpha.value > 0
    assert math.isnan(found.alpha.low)


def test_speed() -> None:
    first, second = corpus(120, 1, words=600), corpus(120, 2, words=600)
    begun = time.process_time()
    agreement(first, second, SCHEMA)
    assert time.process_time() - begun < 5


# --- which documents ----------------------------------------------------------------------


def test_documents_are_matched_by_text() -> None:
    first, second = corpus(5, 1), corpus(5, 2)
    ordered = agreement(first, second, SCHEMA)
    shuffled = agreement(first, [replace(each, id=each.id + "x") for each in second[::-1]], SCHEMA)
    assert shuffled.to_dict() == ordered.to_dict()
    assert ordered.documents == 5
    assert ordered.only_first == ordered.only_second == ordered.without_text == ()


def test_documents_of_one_pass_are_named_and_left_out() -> None:
    first, second = corpus(5, 1), corpus(5, 2)
    report = agreement(first[:4], second[1:], SCHEMA)
    assert (report.only_first, report.only_second) == (("d0",), ("d4",))
    assert report.documents == 3
    alone = agreement(first[1:4], second[1:4], SCHEMA)
    assert report.to_dict()["labels"] == alone.to_dict()["labels"]
    assert "1 only the first annotator marked: d0" in report.table()
    assert "1 only the second annotator marked: d4" in report.table()
    assert report.to_dict()["only_first"] == ["d0"]


def test_text_is_taken_from_either_side() -> None:
    first, second = corpus(3, 1), corpus(3, 2)
    whole = agreement(first, second, SCHEMA).to_dict()
    bare = [replace(each, text=None) for each in first]
    assert agreement(bare, second, SCHEMA).to_dict() == whole
    assert agreement(second, bare, SCHEMA).documents == 3
    lost = [replace(second[0], text=None), *second[1:]]
    report = agreement(bare, lost, SCHEMA)
    assert report.without_text == ("d0",)
    assert report.documents == 2
    assert "1 text not found, left out: d0" in report.table()


@pytest.mark.parametrize(
    ("first", "second", "says"),
    [
        ([], [], "no document"),
        (corpus(2, 1)[:1], corpus(2, 1)[1:], "no document"),
        (corpus(1, 1) * 2, corpus(1, 1), "d0 and d0 have the same text.*first"),
        (corpus(1, 1), [*corpus(1, 1), *corpus(1, 2)], "d0 and d0 have the same text.*second"),
        (
            [replace(each, text=None) for each in corpus(2, 1)],
            [replace(each, text=None) for each in corpus(2, 1)],
            "no text of the 2 documents",
        ),
    ],
)
def test_what_cannot_be_compared(
    first: list[AnnotatedDocument], second: list[AnnotatedDocument], says: str
) -> None:
    with pytest.raises(AnnotationError, match=says):
        agreement(first, second, SCHEMA)


def test_empty_text() -> None:
    report = compare("", [], [])
    assert (report.sentences, report.tokens) == (0, 0)
    assert math.isnan(report.overall.kappa.value)


# --- the report ---------------------------------------------------------------------------


def test_to_dict_is_json() -> None:
    report = agreement(corpus(4, 1), corpus(4, 2), SCHEMA, repeats=20)
    data = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert data["documents"] == 4
    assert [each["label"] for each in data["labels"]] == ["loaded", "verdict"]
    assert data["overall"]["label"] == "all labels"
    assert data["overall"]["kappa"]["value"] == round(report.overall.kappa.value, 4)
    assert set(data["overall"]) == {"label", "first", "second", *FIGURES}


def estimate(value: float, low: float, high: float) -> LabelAgreement:
    return LabelAgreement("loaded", 1234, 12, *[Estimate(value, low, high)] * 5)


@pytest.mark.parametrize(
    ("found", "figure", "interval"),
    [
        (estimate(0.834, 0.7, 0.906), ".83", "[.70,.91]"),
        (estimate(1, 1, 1), "1.00", "[1.00,1.00]"),
        (estimate(-0.12, -0.999, -0.004), "-.12", "[-1.00,.00]"),
        (estimate(math.nan, math.nan, math.nan), "-", ""),
    ],
)
def test_rows_of_the_table(found: LabelAgreement, figure: str, interval: str) -> None:
    lines = AgreementReport(3, 2, 9, 99, (found,), found).table().splitlines()
    row = next(number for number, line in enumerate(lines) if line.startswith("loaded"))
    assert lines[row].split() == ["loaded", *[figure] * 5]
    assert lines[row + 1].replace("][", "] [").split() == [
        "1,234", "and", "12", *[interval] * 5 * bool(interval),
    ]  # fmt: skip


def test_table_is_at_most_80_columns_wide() -> None:
    schema = Schema((Label("l" * 60, "", "phrase"), Label("verdict", "", "clause")))
    first = [document(f"{n} text.", [(0, 1, "l" * 60)], f"name{n}" * 30) for n in range(60)]
    report = agreement(first, first[::2], schema, repeats=10)
    lines = report.table().splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0] == "30 documents, 30 groups"
    assert "Krippendorff (2004)" in report.table()
    worst = replace(report, overall=estimate(-1, -1, -0.5))
    assert max(map(len, worst.table().splitlines())) <= 80


# --- properties ---------------------------------------------------------------------------


@st.composite
def passes(draw: st.DrawFn) -> tuple[list[AnnotatedDocument], list[AnnotatedDocument]]:
    """Two passes over the same few documents; spans of a label do not overlap."""
    firsts: list[AnnotatedDocument] = []
    seconds: list[AnnotatedDocument] = []
    for number in range(draw(st.integers(1, 3))):
        text = f"{number} " + draw(st.text("ab .\n\u0301“”", min_size=20, max_size=40))
        for into in (firsts, seconds):
            spans: Spans = []
            for label in SCHEMA.names:
                edges = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
                spans += [(*pair, label) for pair in list(pairwise(edges))[::2]]
            into.append(document(text, spans, f"d{number}"))
    return firsts, seconds


@settings(deadline=None)
@given(passes())
def test_symmetry(both: tuple[list[AnnotatedDocument], list[AnnotatedDocument]]) -> None:
    one = agreement(*both, SCHEMA, repeats=20)
    other = agreement(*both[::-1], SCHEMA, repeats=20)
    assert (one.sentences, one.tokens) == (other.sentences, other.tokens)
    for ours, theirs in zip(
        (*one.labels, one.overall), (*other.labels, other.overall), strict=True
    ):
        assert (ours.first, ours.second) == (theirs.second, theirs.first)
        for name in FIGURES:
            a, b = getattr(ours, name), getattr(theirs, name)
            assert (a.value, a.low, a.high) == pytest.approx((b.value, b.low, b.high), nan_ok=True)


@settings(deadline=None)
@given(passes())
def test_bounds(both: tuple[list[AnnotatedDocument], list[AnnotatedDocument]]) -> None:
    report = agreement(*both, SCHEMA, repeats=20)
    for found in (*report.labels, report.overall):
        values = [getattr(found, name).value for name in FIGURES]
        assert all(math.isnan(value) or -1 <= value <= 1 + 1e-9 for value in values)
        assert all(math.isnan(value) or value >= 0 for value in values[:3])
        # what shares half of its union overlaps, and so does what is covered in part
        assert math.isnan(values[0]) or values[2] <= values[0] + 1e-9


@settings(deadline=None)
@given(passes())
def test_a_pass_agrees_with_itself(
    both: tuple[list[AnnotatedDocument], list[AnnotatedDocument]],
) -> None:
    report = agreement(both[0], both[0], SCHEMA, repeats=20)
    for found in (*report.labels, report.overall):
        for name in FIGURES:
            value = getattr(found, name).value
            assert math.isnan(value) or value == pytest.approx(1)
        assert math.isnan(found.overlap_f1.value) == (found.first == 0)
