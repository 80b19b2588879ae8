"""The shipped models on labelled sets whose labels they have never seen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from framing.annotations import Mark
from framing.evaluate import Found, compare
from framing.model import Model
from framing.text import Bools
from training.benchmarks.folds import found_spans
from training.benchmarks.results import Result
from training.benchmarks.rows import (
    Weights,
    auc,
    f1,
    macro_f1,
    model_scores,
    truths,
    with_interval,
)
from training.benchmarks.sets import Benchmark, Record, Row, joined, read_records

INSERT = "promotional_link"
VAGUE = "vague_attribution"
LOOKED_FOR: dict[str, tuple[str, ...]] = {"weasel": (VAGUE, "speculation")}
"""Devices that a set's yes stands for; where none are named, any but the insert, which
is no part of the article."""


def columns_for(name: str, model: Model) -> list[int]:
    """Columns of the devices that a set's yes stands for."""
    names = LOOKED_FOR.get(name) or [
        label.name for label in model.schema.labels if label.unit != "insert"
    ]
    return [column for column, label in enumerate(model.schema.names) if label in names]


def transfer(benchmark: Benchmark, model: Model, digest: str, folder: Path) -> list[Result]:
    """Scores of a shipped model on a set.

    Parameters
    ----------
    benchmark : Benchmark
    model : Model
    digest : str
        SHA-256 of the model.
    folder : Path
        Where the set's file is.
    """
    record = partial(Result.of, benchmark.name, "transfer", f"{model.kind} {digest[:12]}")
    if benchmark.name == "polnear":
        return _attributions(benchmark, model, record, folder)
    if benchmark.name == "promo_blocks":
        return _inserts(benchmark, model, record)
    if benchmark.rows:
        return _rows(benchmark, model, record)
    return _spans(benchmark, model, record)


_Record = Callable[..., Result]


def _texts(benchmark: Benchmark) -> list[str]:
    return [document.text or "" for document in benchmark.documents]


def _groups(benchmark: Benchmark) -> list[str]:
    """Group of each row."""
    return [benchmark.documents[row.document].group for row in benchmark.rows]


def _rows(benchmark: Benchmark, model: Model, record: _Record) -> list[Result]:
    """Ranking of rows by any device; and whether a device is reported in them."""
    texts, numbers = _texts(benchmark), range(len(benchmark.documents))
    columns, truth = columns_for(benchmark.name, model), truths(benchmark.rows)
    quoted, groups = benchmark.schema.speech, _groups(benchmark)
    scores = model_scores(model, texts, benchmark.rows, numbers, columns, quoted=quoted)
    names = {model.schema.names[column] for column in columns}
    reported = covered(benchmark.rows, found_spans(model, texts, quoted=quoted)[0], names, 0.0)
    note = ", ".join(sorted(names)) if len(names) < 3 else "any device but the insert"
    note += "; quotations read" if quoted else ""
    return [
        record("AUC", with_interval(partial(auc, truth, scores), groups), len(truth), note),
        record(
            "macro-F1 of reported", with_interval(partial(macro_f1, truth, reported), groups),
            len(truth), note,
        ),
    ]  # fmt: skip


def covered(
    rows: Sequence[Row], spans: Sequence[Sequence[Found]], names: set[str], least: float
) -> Bools:
    """Rows of which more than a share lies in spans of these labels: shape (n_rows,)."""
    pieces = [joined((s[1], s[2]) for s in found if s[0] in names) for found in spans]
    shares = [
        sum(
            max(0, min(end, row.end) - max(start, row.start)) for start, end in pieces[row.document]
        )
        / max(row.end - row.start, 1)
        for row in rows
    ]
    return np.array(shares) > least


def _inserts(benchmark: Benchmark, model: Model, record: _Record) -> list[Result]:
    """Blocks of a page that lie in reported inserts by half or more."""
    reported = found_spans(model, _texts(benchmark))[0]
    decided = covered(benchmark.rows, reported, {INSERT}, 0.5)
    truth, groups = truths(benchmark.rows), _groups(benchmark)
    columns = [model.schema.names.index(INSERT)]
    numbers = range(len(benchmark.documents))
    scores = model_scores(model, _texts(benchmark), benchmark.rows, numbers, columns)
    return [
        record("F1", with_interval(partial(f1, truth, decided), groups), len(truth), INSERT),
        record("AUC", with_interval(partial(auc, truth, scores), groups), len(truth), INSERT),
    ]


def _spans(benchmark: Benchmark, model: Model, record: _Record) -> list[Result]:
    """Spans of any device but the insert, taken together, as the set's spans."""
    quoted = benchmark.schema.speech
    reported = found_spans(model, _texts(benchmark), quoted=quoted)[0]
    words = [[span for span in spans if span[0] != INSERT] for spans in reported]
    return span_results(benchmark, words, record)


def span_results(
    benchmark: Benchmark, found: Sequence[Sequence[Found]], record: _Record
) -> list[Result]:
    """Partial-overlap F1, one-to-one F1 beside it, predicted per gold: all labels as one."""
    gold = [
        replace(document, marks=tuple(Mark(start, end, ANY) for start, end in joined(spans)))
        for document in benchmark.documents
        for spans in [[(mark.start, mark.end) for mark in document.marks]]
    ]
    pieces = [joined((start, end) for _, start, end, _ in spans) for spans in found]
    report = compare(gold, [[(ANY, *piece, 1.0) for piece in each] for each in pieces], (ANY,))
    n = report.gold()
    results = [
        record(name, (report.score(reading).f1, *report.interval(reading)), n)
        for reading, name in SPAN_SCORES.items()
    ]
    return [*results, record("predicted per gold", (report.ratio(),), n)]


ANY = "any"
SPAN_SCORES = {"partial": "span F1", "one-to-one": "one-to-one F1", "exact": "exact F1"}


# --- attributions -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Attribution:
    """An attribution of PolNeAR: where its cue begins, who is named, what is quoted."""

    cue: int
    sourceless: bool
    named: bool
    content: tuple[tuple[int, int], ...]


def attributions(record: Record) -> list[Attribution]:
    """Attributions of one article that have a cue."""
    parts: dict[str, dict[str, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for span in record["spans"]:
        parts[span["attribution"]][span["label"]].append(span)
    found = []
    for by_label in parts.values():
        if not by_label["cue"]:
            continue
        names = " ".join(span["text"] for span in by_label["source"]).split()
        found.append(
            Attribution(
                by_label["cue"][0]["start"],
                bool(by_label["attribution-no-source"]),
                any(word[:1].isupper() and word.lower() not in _NO_NAMES for word in names),
                tuple((span["start"], span["end"]) for span in by_label["content"]),
            )
        )
    return found


_NO_NAMES = frozenset("a an he her his i it many one others she some the their they we who".split())  # noqa: SIM905


def _attributions(
    benchmark: Benchmark, model: Model, record: _Record, folder: Path
) -> list[Result]:
    """Sentences of attributions without a source against those with a named one.

    And what is reported inside the content that quotation marks hold.
    """
    texts, truth, scores, groups = _texts(benchmark), [], [], []
    column = model.schema.names.index(VAGUE)
    inside, totals = [], []
    reported = found_spans(model, texts)[0]
    for number, source in enumerate(read_records(folder / f"{benchmark.name}.jsonl")):
        text, found = texts[number], attributions(source)
        scored = model.score([text])
        probability = model.sentence_probabilities(scored)[:, column]
        starts = scored.batch.start[scored.batch.sentence_start[:-1]]
        kinds: dict[int, bool] = {}
        for each in found:
            at = int(np.searchsorted(starts, each.cue, "right")) - 1
            if each.sourceless or each.named:
                kinds[at] = kinds.get(at, False) or each.sourceless
        for at, sourceless in kinds.items():
            truth.append(sourceless)
            scores.append(probability[at])
            groups.append(benchmark.documents[number].group)
        quoted = [(a, b) for each in found for a, b in each.content if text[a:b][:1] in _MARKS]
        spans = [(start, end) for _, start, end, _ in reported[number]]
        inside.append(sum(any(a <= s and e <= b for a, b in quoted) for s, e in spans))
        totals.append(len(spans))
    area = partial(auc, np.array(truth), np.array(scores))
    return [
        record("AUC", with_interval(area, groups), len(truth), "no source against a named one"),
        record(
            "share inside quotations", _share(inside, totals), sum(totals),
            "of all reported spans, those wholly inside quoted content",
        ),
    ]  # fmt: skip


_MARKS = ('"', "“", "‘", "'")


def _share(part: Sequence[int], whole: Sequence[int]) -> tuple[float, float, float]:
    """Share of sums over articles, with its bootstrap interval."""
    parts, wholes = np.array(part), np.array(whole)

    def share(weights: Weights) -> float:
        total = float(weights @ wholes)
        return float(weights @ parts) / total if total else 0.0

    return with_interval(share, [str(number) for number in range(len(parts))])
