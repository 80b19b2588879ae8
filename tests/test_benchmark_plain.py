"""The plain baseline."""

from __future__ import annotations

import numpy as np

from framing.annotations import AnnotatedDocument, text_hash
from framing.schema import Label, Schema
from training.benchmarks.plain import plain_scores
from training.benchmarks.sets import Benchmark, Row

SCHEMA = Schema((Label("bad", "bad", "clause"),))


def benchmark(texts, truth, groups):
    documents = [
        AnnotatedDocument(f"d{number}", text, (), {"group": group}, text_hash(text), len(text))
        for number, (text, group) in enumerate(zip(texts, groups, strict=True))
    ]
    rows = [
        Row(at, 0, len(text), yes) for at, (text, yes) in enumerate(zip(texts, truth, strict=True))
    ]
    return Benchmark("odd", SCHEMA, tuple(documents), tuple(rows), "macro-F1", "")


def test_words_decide():
    truth = [number % 2 == 0 for number in range(40)]
    texts = [f"a {'vile' if yes else 'plain'} thing {n}" for n, yes in enumerate(truth)]
    made = benchmark(texts, truth, [str(number) for number in range(40)])
    scores, decided = plain_scores(made, np.arange(40) // 2 % 4)
    assert decided.tolist() == truth
    assert scores[::2].min() > scores[1::2].max()


def test_the_held_out_rows_are_not_learnt_from():
    """Every text is known by heart from the other rows of its fold, and from them alone."""
    words = [f"w{number // 4}" for number in range(48)]
    truth = [number // 4 % 2 == 0 for number in range(48)]
    made = benchmark(words, truth, words)
    by_group, _ = plain_scores(made, np.arange(48) // 4 % 4)
    at_random, decided = plain_scores(made, np.arange(48) % 4)
    assert decided.tolist() == truth
    assert np.ptp(at_random) > np.ptp(by_group)
