"""The figures on the pages are the ones that were measured."""

from __future__ import annotations

import os

import pytest
from click.testing import CliRunner

from framing.storage import shipped_sums
from training import report


def test_the_newest_scores_are_of_the_shipped_models() -> None:
    scores = report.last_scores()
    assert {f"{kind}.skops": entry["sha256"] for kind, entry in scores.items()} == shipped_sums()


def test_pages_hold_the_measured_figures() -> None:
    texts = os.environ.get("FRAMING_TEXTS")
    if not texts:
        pytest.skip("FRAMING_TEXTS is not set")
    result = CliRunner().invoke(report.main, ["--texts", texts, "--check"])
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize("kind", ["linear", "boosted"])
def test_scores_lie_between_floor_and_ceiling(kind: str) -> None:
    """The ceiling is the alarm for test documents that leaked into training."""
    rows = {row["label"]: row for row in report.last_scores()[kind]["test"]}
    assert 0.35 < rows["all"]["partial"]["f1"] < 0.75
    assert abs(rows["all"]["partial"]["f1"] - rows["all"]["one-to-one"]["f1"]) < 0.10
    assert 0.7 < rows["all"]["predicted_per_gold"] < 1.4
