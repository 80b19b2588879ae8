"""The pipeline trained inside a labelled set, by the set's protocol and by article."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from framing.fitting import Settings, fold_groups
from framing.heads import Doubles
from framing.lexical import Vectors
from framing.text import Bools, Ints
from training.benchmarks import plain
from training.benchmarks.folds import Say, cross_validate
from training.benchmarks.results import Result
from training.benchmarks.rows import MEASURES, auc, truths, with_interval
from training.benchmarks.sets import Benchmark
from training.benchmarks.transfer import span_results

GIVEN = "given folds"


def protocols(benchmark: Benchmark, settings: Settings) -> Iterator[tuple[str, Ints]]:
    """Names of the protocols and the fold of each document: the set's own, then whole groups."""
    if benchmark.given is not None:
        yield GIVEN, benchmark.given
    groups = [document.group for document in benchmark.documents]
    yield f"folds by {benchmark.groups}", fold_groups(groups, settings.folds, settings.seed + 1)


def inside(
    benchmark: Benchmark, settings: Settings, vectors: Vectors, cache: Path, say: Say
) -> list[Result]:
    """Scores of both kinds of model, trained in the set itself."""
    results = []
    for protocol, fold in protocols(benchmark, settings):
        if benchmark.rows:
            results += _rows(benchmark, protocol, plain.NAME, *plain.plain_scores(benchmark, fold))
        held = cross_validate(benchmark, fold, settings, vectors, cache, say)
        for kind, each in held.items():
            if benchmark.rows:
                results += _rows(benchmark, protocol, kind, each.scores, each.decided)
            else:
                record = partial(Result.of, benchmark.name, protocol, kind)
                results += span_results(benchmark, each.spans, record)
    return results


def _rows(
    benchmark: Benchmark, protocol: str, kind: str, scores: Doubles, decided: Bools
) -> list[Result]:
    """F1 in both readings, the set's own first, and the area under the curve."""
    truth, n = truths(benchmark.rows), len(benchmark.rows)
    groups = [benchmark.documents[row.document].group for row in benchmark.rows]
    record = partial(Result.of, benchmark.name, protocol, kind)
    names = sorted(MEASURES, key=lambda name: name != benchmark.measure)
    found = [
        record(name, with_interval(partial(MEASURES[name], truth, decided), groups), n)
        for name in names
    ]
    return [*found, record("AUC", with_interval(partial(auc, truth, scores), groups), n)]
