"""Every Python writes the same, with one job and with two; here with those that are to be had.

`FRAMING_PYTHONS` names more interpreters with the project's dependencies, parted as in `PATH`.
`python -m tests.versions` does the same with both shipped models over all articles.
"""

from __future__ import annotations

import os
import sys

import pytest
from conftest import ROOT
from versions import Row, differing, score, write_articles

OTHERS = [each for each in os.environ.get("FRAMING_PYTHONS", "").split(os.pathsep) if each]
ROW = Row("3.11.1 2.0.0 1.9.0", "linear", 1, 5, 9, "a" * 64)


def test_pythons_and_jobs_write_the_same(tmp_path):
    write_articles(tmp_path)
    for path in sorted(tmp_path.iterdir())[80:]:  # more than one lot remains, so two jobs share it
        path.unlink()
    texts = [ROOT / "docs" / "examples", tmp_path]
    rows = [row for python in [sys.executable, *OTHERS] for row in score(python, texts, ["linear"])]
    assert len(rows) == 2 * (1 + len(OTHERS))
    assert rows[0].documents > 80
    assert rows[0].spans > 100
    assert differing(rows) == []


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ([ROW], []),
        ([Row("3.13.0 2.0.0 1.9.0", "linear", 1, 5, 9, "b" * 64)], ["linear"]),
        ([Row("3.11.1 2.0.0 1.9.0", "linear", 2, 5, 9, "b" * 64)], ["linear"]),
        ([Row("3.11.1 2.0.0 1.9.0", "boosted", 1, 5, 9, "b" * 64)], []),
    ],
)
def test_one_that_differs_is_noticed(others, expected):
    assert differing([ROW, *others]) == expected
