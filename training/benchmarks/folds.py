"""Training inside a set: the project's own training, fold by fold, on documents of whole groups.

Everything that is chosen (candidates, calibration, thresholds) is chosen on the
documents that the fold trains on; the held-out ones are only scored.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

import framing
from framing.annotations import AnnotatedDocument
from framing.evaluate import Found
from framing.fitting import KINDS, Rehearsal, Settings, finish, lay_foundation
from framing.heads import Doubles
from framing.lexical import Vectors
from framing.model import Model
from framing.text import Bools, Ints
from training.benchmarks.rows import choose_level, model_scores, owners, row_scores, truths
from training.benchmarks.sets import Benchmark, Row

Say = Callable[[str], None]
_LEAST = 0.02
"""Score from which a span counts among those that might have been reported."""
_TOGETHER = 64


@dataclass(slots=True, eq=False)
class Held:
    """What models say of documents that they have not seen.

    Attributes
    ----------
    spans, candidates : list, one a document, of (label, start, end, score)
        Those reported; and all that might have been.
    scores : array of float64, shape (n_rows,)
    decided : array of bool, shape (n_rows,)
        Yes or no by a threshold that was chosen on the training folds.
    """

    spans: list[list[Found]]
    candidates: list[list[Found]]
    scores: Doubles
    decided: Bools


def found_spans(
    model: Model, texts: Sequence[str], *, quoted: bool = False
) -> tuple[list[list[Found]], list[list[Found]]]:
    """Spans that a model reports of each text, and those that it might have reported."""
    names = model.schema.names
    reported: list[list[Found]] = [[] for _ in texts]
    possible: list[list[Found]] = [[] for _ in texts]
    low = np.full(len(names), _LEAST)
    for begin in range(0, len(texts), _TOGETHER):
        scored = model.score(texts[begin : begin + _TOGETHER], quoted=quoted)
        batch = scored.batch
        for target, levels in ((reported, None), (possible, low)):
            rows, scores = model.decode(scored, levels)
            for (label, first, stop), score in zip(rows.tolist(), scores.tolist(), strict=True):
                span = (names[label], int(batch.start[first]), int(batch.end[stop - 1]), score)
                target[begin + int(batch.document[first])].append(span)
    return reported, possible


def cross_validate(
    benchmark: Benchmark,
    fold: Ints,
    settings: Settings,
    vectors: Vectors,
    cache: Path,
    say: Say = lambda line: None,
) -> dict[str, Held]:
    """Train on all folds but one and score that one, in turn.

    Parameters
    ----------
    benchmark : Benchmark
    fold : array of int64, shape (n_documents,)
    settings : Settings
    vectors : Vectors
    cache : Path
        Folder for the outcome of each fold; one that is there is not trained again.
    say : callable
        Told of each step.

    Returns
    -------
    dict of str to Held
        For each kind of model.
    """
    n = len(benchmark.documents)
    held = {
        kind: Held([[]] * n, [[]] * n, np.zeros(len(benchmark.rows)), _no(benchmark.rows))
        for kind in KINDS
    }
    rows = owners(benchmark.rows)
    for number in np.unique(fold).tolist():
        mine = np.flatnonzero(fold == number)
        outcome = _one_fold(benchmark, fold != number, settings, vectors, cache, say)
        for kind, part in outcome.items():
            into = held[kind]
            for at, spans, candidates in zip(
                mine.tolist(), part["spans"], part["candidates"], strict=True
            ):
                into.spans[at] = [tuple(span) for span in spans]
                into.candidates[at] = [tuple(span) for span in candidates]
            where = np.flatnonzero(np.isin(rows, mine))
            into.scores[where] = part["rows"]
            into.decided[where] = into.scores[where] >= part["level"]
    return held


def _no(rows: Sequence[Row]) -> Bools:
    return np.zeros(len(rows), bool)


def _one_fold(
    benchmark: Benchmark,
    train: Bools,
    settings: Settings,
    vectors: Vectors,
    cache: Path,
    say: Say,
) -> dict[str, Any]:
    """Outcome of both kinds of model on the documents that are not in training."""
    path = cache / f"{benchmark.name}-{_key(benchmark, train, settings, vectors)}.json"
    if path.exists():
        return json.loads(path.read_text(encoding="utf-8"))
    chosen, rest = np.flatnonzero(train).tolist(), np.flatnonzero(~train).tolist()
    documents = [benchmark.documents[at] for at in chosen]
    texts = [benchmark.documents[at].text or "" for at in rest]
    known, unknown = _of(benchmark.rows, chosen), _of(benchmark.rows, rest)

    def step(stage: str) -> None:
        say(f"{benchmark.name}, {len(documents)} documents: {stage}")

    foundation = lay_foundation(documents, benchmark.schema, vectors, settings, step)
    outcome = {}
    for kind in KINDS:
        model, rehearsal = finish(foundation, replace(settings, kind=kind), step)
        spans, candidates = found_spans(model, texts)
        outcome[kind] = {
            "spans": spans,
            "candidates": candidates,
            "rows": model_scores(model, texts, unknown, rest, [0]).tolist(),
            "level": _level(benchmark, rehearsal, documents, known, chosen),
        }
    cache.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(outcome), encoding="utf-8")
    return outcome


def _level(
    benchmark: Benchmark,
    rehearsal: Rehearsal,
    documents: Sequence[AnnotatedDocument],
    rows: Sequence[Row],
    numbers: Sequence[int],
) -> float:
    """Threshold for rows, by what training saw across its own folds."""
    if not rows:
        return 1.0
    usable = [number for number, each in zip(numbers, documents, strict=True) if each.text]
    scores = row_scores(rehearsal.corpus.batch, rehearsal.sentences[:, 0], rows, usable)
    return choose_level(truths(rows), scores, benchmark.measure)


def _of(rows: Sequence[Row], documents: Sequence[int]) -> list[Row]:
    chosen = set(documents)
    return [row for row in rows if row.document in chosen]


def _key(benchmark: Benchmark, train: Bools, settings: Settings, vectors: Vectors) -> str:
    """Name of an outcome: it changes with the data, the folds, the settings and the code."""
    digest = hashlib.sha256()
    for part in (
        benchmark.digest,
        repr(benchmark.schema),
        train.tobytes(),
        repr(replace(settings, jobs=1)),
        str(settings.start.meta["sha256"]) if settings.start else "",
        vectors.table.tobytes(),
    ):
        digest.update(part if isinstance(part, bytes) else part.encode())
    digest.update(_code())
    return digest.hexdigest()[:16]


@lru_cache(maxsize=1)
def _code() -> bytes:
    """Digest of the code and the words that outcomes depend on, as they were when it began."""
    ours = [Path(__file__).with_name(f"{name}.py") for name in ("folds", "rows", "sets")]
    words = (Path(framing.__file__).parent / "lexicon").glob("*.txt")
    digest = hashlib.sha256()
    for path in (*deciding("fitting"), *ours, *sorted(words)):
        digest.update(path.read_bytes())
    return digest.digest()


def deciding(name: str) -> list[Path]:
    """Files of the library that a module is made of: itself and all that it imports."""
    package = Path(framing.__file__).parent
    found: set[Path] = set()
    queue = [name]
    while queue:
        at = package / queue.pop()
        files = set(at.glob("*.py")) if at.is_dir() else {at.with_suffix(".py")}
        for path in filter(Path.is_file, files - found):
            found.add(path)
            text = path.read_text(encoding="utf-8")
            queue += re.findall(r"^ *from framing\.(\w+)", text, re.MULTILINE)
            queue += re.findall(r"^ *from framing import (\w+)", text, re.MULTILINE)
    return sorted(found)
