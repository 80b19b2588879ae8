"""Scores beside what was published: records, the table, the history, the alarms."""

from __future__ import annotations

import json
import subprocess
import tomllib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HISTORY = Path(__file__).parent.parent / "benchmarks.jsonl"
PUBLISHED = Path(__file__).parent / "published.toml"


@dataclass(frozen=True, slots=True)
class Result:
    """One score.

    Attributes
    ----------
    set, protocol, score : str
        What was measured, how (`transfer`, or what the folds keep together), and the
        name of the score.
    model : str
        Kind of the model, and the start of the SHA-256 of a shipped one.
    value : float
    n : int
        Rows or marked spans.
    low, high : float, optional
        Ends of the 95% bootstrap interval, drawing whole groups.
    note : str
    """

    set: str
    protocol: str
    score: str
    model: str
    value: float
    n: int
    low: float | None = None
    high: float | None = None
    note: str = ""

    @classmethod
    def of(
        cls, name: str, protocol: str, model: str, score: str,
        value: tuple[float, ...], n: int, note: str = "",
    ) -> Result:  # fmt: skip
        """A result from a value, alone or with the ends of its interval."""
        low, high = value[1:] if len(value) > 1 else (None, None)
        return cls(name, protocol, score, model, value[0], n, low, high, note)


@dataclass(frozen=True, slots=True)
class Reference:
    """What a score is to be read beside.

    Attributes
    ----------
    published, note : str
        Figures of others, with their systems.
    floor, target, ceiling : float, optional
        Of a plain baseline; what we want; and above what nobody would believe it.
    """

    published: str = ""
    floor: float | None = None
    target: float | None = None
    ceiling: float | None = None


@dataclass(frozen=True, slots=True)
class References:
    """All figures of `published.toml`."""

    rows: dict[tuple[str, str, str], Reference] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path = PUBLISHED) -> References:
        """Read the file: tables by set, then `transfer` or `inside`, then score."""
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        return cls(
            {
                (name, way, score): Reference(**entry)
                for name, ways in data.items()
                for way, scores in ways.items()
                for score, entry in scores.items()
            }
        )

    def of(self, result: Result) -> Reference:
        """Reference of a score; an empty one where there is none."""
        way = "transfer" if result.protocol == "transfer" else "inside"
        return self.rows.get((result.set, way, result.score), Reference())


def alarms(results: Sequence[Result], references: References) -> list[str]:
    """One line for each score that is too good: something leaked."""
    return [
        f"{result.set}, {result.protocol}, {result.model}: {result.score} {result.value:.3f} is "
        f"above {ceiling:.2f}, which nobody reaches: look for test rows in the training"
        for result in results
        if (ceiling := references.of(result).ceiling) is not None and result.value > ceiling
    ]


def table(results: Sequence[Result], references: References) -> str:
    """Plain text, one line a score."""
    head = (
        f"{'set':<13}{'protocol':<18}{'model':<9}{'score':<24}{'value':>6}  {'interval':<13}"
        f"{'n':>6} {'floor':>6} {'target':>7}  published"
    )
    lines = [head, "-" * len(head)]
    for each in results:
        reference = references.of(each)
        lines.append(
            f"{each.set:<13}{each.protocol:<18}{each.model.split()[0]:<9}{each.score:<24}"
            f"{each.value:>6.3f}  {_interval(each):<13}{each.n:>6}"
            f" {_figure(reference.floor):>6} {_goal(each, reference):>7}  {reference.published}".rstrip()
        )
    return "\n".join(lines)


def _interval(result: Result) -> str:
    if result.low is None or result.high is None:
        return ""
    return f"{result.low:.3f}-{result.high:.3f}"


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _goal(result: Result, reference: Reference) -> str:
    """The target, and whether it is met."""
    if reference.target is None:
        return ""
    return f"{reference.target:.2f}{'+' if result.value >= reference.target else '-'}"


def write_history(
    results: Sequence[Result], references: References, note: str, path: Path = HISTORY
) -> None:
    """Add one line a score to the history."""
    stamp = {"date": f"{datetime.now(UTC):%Y-%m-%d}", "commit": commit(), "run": note}
    with path.open("a", encoding="utf-8", newline="\n") as file:
        for result in results:
            file.write(json.dumps(_entry(result, references) | stamp) + "\n")


def _entry(result: Result, references: References) -> dict[str, Any]:
    entry = asdict(result) | asdict(references.of(result))
    known = {key: value for key, value in entry.items() if value not in (None, "")}
    return {
        key: round(value, 4) if isinstance(value, float) else value for key, value in known.items()
    }


def commit() -> str:
    """Short name of the commit that is checked out, `+` after it if files have changed."""
    command = ["git", "-C", str(HISTORY.parent), "describe", "--always", "--dirty=+"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()
