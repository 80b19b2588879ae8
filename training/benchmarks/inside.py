"""The pipeline trained inside a labelled set, by the set's protocol and by article."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from framing.fitting import Settings, fold_groups
from framing.lexical import Vectors
from framing.text import Ints
from training.benchmarks.folds import Held, Say, cross_validate
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
        held = cross_validate(benchmark, fold, settings, vectors, cache, say)
        for kind, outcome in held.items():
            results += _results(benchmark, protocol, kind, outcome)
    return results


def _results(benchmark: Benchmark, protocol: str, kind: str, held: Held) -> list[Result]:
    def record(score: str, value: tuple[float, float, float], n: int, note: str = "") -> Result:
        return Result(benchmark.name, protocol, score, kind, *value, n, note)

    if not benchmark.rows:
        names = benchmark.schema.names
        return span_results(benchmark, held.spans, names, record, held.candidates)
    truth = truths(benchmark.rows)
    groups = [benchmark.documents[row.document].group for row in benchmark.rows]
    n = len(truth)
    found = [
        record(name, with_interval(partial(measure, truth, held.decided), groups), n)
        for name, measure in MEASURES.items()
    ]
    found.sort(key=lambda result: result.score != benchmark.measure)
    return [*found, record("AUC", with_interval(partial(auc, truth, held.scores), groups), n)]
