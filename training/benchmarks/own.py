"""Our own corpus: folds of whole stories, the fixed test split, both kinds of model paired."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from framing.annotations import AnnotatedDocument
from framing.evaluate import READINGS, Report, compare
from framing.fitting import Settings, finish, fold_groups, lay_foundation
from framing.lexical import Vectors
from framing.metrics import bootstrap
from framing.model import Model
from framing.schema import Schema
from training.benchmarks.folds import Say, cross_validate, found_spans
from training.benchmarks.results import Result
from training.benchmarks.sets import Benchmark
from training.benchmarks.transfer import SPAN_SCORES

NAME = "own"
SHARES = (0.125, 0.25, 0.5, 1.0)
"""Of the training documents, for a learning curve."""


def as_benchmark(documents: Sequence[AnnotatedDocument], schema: Schema) -> Benchmark:
    """Our documents in the shape of the sets of others."""
    digest = hashlib.sha256()
    for document in documents:
        digest.update(repr((document.sha256, document.marks, document.group)).encode())
    return Benchmark(
        NAME, schema, tuple(documents), (), "span F1", digest.hexdigest(), groups="story"
    )


def test_report(model: Model, documents: Sequence[AnnotatedDocument]) -> Report:
    """Score a model on the test split, with all that it might have reported."""
    reported, possible = found_spans(model, [document.text or "" for document in documents])
    return compare(documents, reported, model.schema.names, possible)


def fold_reports(
    documents: Sequence[AnnotatedDocument],
    schema: Schema,
    settings: Settings,
    vectors: Vectors,
    cache: Path,
    say: Say,
) -> dict[str, Report]:
    """Both kinds across folds of whole stories; everything is chosen inside the training folds."""
    benchmark = as_benchmark(documents, schema)
    groups = [document.group for document in documents]
    fold = fold_groups(groups, settings.folds, settings.seed + 1)
    held = cross_validate(benchmark, fold, settings, vectors, cache, say)
    return {
        kind: compare(documents, each.spans, schema.names, each.candidates)
        for kind, each in held.items()
    }


def report_results(report: Report, protocol: str, model: str) -> Iterator[Result]:
    """Every score of a report: for all devices together, then for each."""
    record = partial(Result.of, NAME, protocol, model)
    for label in (None, *report.labels):
        name = "" if label is None else f" {label}"
        n = report.gold(label)
        for reading, score in SPAN_SCORES.items():
            value = report.score(reading, label).f1, *report.interval(reading, label)
            yield record(score + name, value, n)
        yield record(f"predicted per gold{name}", (report.ratio(label),), n)
        if label is not None:
            yield record(f"average precision{name}", (report.average_precision(label) or 0.0,), n)
            yield record(f"calibration error{name}", (report.calibration_error(label),), n)
            yield record(f"calibration chance{name}", (report.calibration_chance(label),), n)


def device_table(report: Report) -> str:
    """Plain text: every score of each device side by side."""
    head = (
        f"{'device':<23}{'n':>6}{'exact':>7}{'partial':>9}  {'interval':<11}{'1-1':>6}"
        f"{'AP':>7}{'ECE':>7}{'chance':>7}{'p/g':>7}"
    )
    lines = [head, "-" * len(head)]
    for row in report.rows():
        part = row["partial"]
        names = ("average_precision", "calibration_error", "calibration_chance")
        more = [row.get(name) for name in names]
        lines.append(
            f"{row['label']:<23}{row['n']:>6}{row['exact']['f1']:>7.3f}{part['f1']:>9.3f}"
            f"  {part['low']:.2f}-{part['high']:.2f}  {row['one-to-one']['f1']:>6.3f}"
            + "".join(" " * 7 if value is None else f"{value:>7.3f}" for value in more)
            + f"{row['predicted_per_gold']:>7.2f}"
        )
    return "\n".join(lines)


# --- boosted against linear ---------------------------------------------------------------


def difference(better: Report, other: Report, reading: str) -> tuple[float, float, float]:
    """F1 of one report less that of the other, with a paired 95% bootstrap interval.

    Both are of the same documents: whole stories are drawn for both at once.
    """
    f1 = READINGS[reading]
    rows = np.stack((better.counts.sum(1), other.counts.sum(1)), axis=1)
    value = f1(rows[:, 0].sum(0)).f1 - f1(rows[:, 1].sum(0)).f1
    low, high = bootstrap(
        lambda total: f1(total[0]).f1 - f1(total[1]).f1, rows, better.groups, repeats=2000
    )
    return value, low, high


def compared(boosted: Report, linear: Report, protocol: str) -> tuple[list[Result], str]:
    """The paired differences as results, and what they mean in a sentence."""
    found = {reading: difference(boosted, linear, reading) for reading in SPAN_SCORES}
    record = partial(Result.of, NAME, protocol, "boosted-linear")
    results = [
        record(f"{score} difference", found[reading], boosted.gold())
        for reading, score in SPAN_SCORES.items()
    ]
    return results, verdict(protocol, *found["partial"])


def verdict(protocol: str, value: float, low: float, high: float) -> str:
    """What boosting adds by a paired difference and its interval, in a sentence."""
    better = "boosted is" if low > 0 else "linear is" if high < 0 else "neither is shown to be"
    return (
        f"Boosted less linear, {protocol}, partial-overlap F1: {value:+.3f} "
        f"({low:+.3f} to {high:+.3f}, paired by story): {better} better."
    )


# --- learning curve -----------------------------------------------------------------------


def shares_of(
    documents: Sequence[AnnotatedDocument], seed: int
) -> list[tuple[float, list[AnnotatedDocument]]]:
    """Growing parts of the documents, whole groups, each part within the next."""
    groups = sorted({document.group for document in documents})
    order = np.random.default_rng(seed).permutation(len(groups)).tolist()
    place = {groups[at]: rank for rank, at in enumerate(order)}
    return [
        (share, [each for each in documents if place[each.group] < round(share * len(groups))])
        for share in SHARES
    ]


def learning_curve(
    train: Sequence[AnnotatedDocument],
    test: Sequence[AnnotatedDocument],
    schema: Schema,
    settings: Settings,
    vectors: Vectors,
    say: Say,
) -> Iterator[Result]:
    """Score on the test split of models that learnt from growing parts of the training split."""
    for share, part in shares_of(train, settings.seed):

        def step(stage: str, n: int = len(part)) -> None:
            say(f"learning curve, {n} documents: {stage}")

        foundation = lay_foundation(part, schema, vectors, settings, step)
        for kind in ("linear", "boosted"):
            model, _ = finish(foundation, replace(settings, kind=kind), step)
            report = test_report(model, test)
            for label in (None, *report.labels):
                name = "" if label is None else f" {label}"
                value = report.score("partial", label).f1, *report.interval("partial", label)
                yield Result.of(
                    NAME, f"curve {share:g}", kind, f"span F1{name}", value, report.gold(label),
                    f"{len(part)} documents",
                )  # fmt: skip
