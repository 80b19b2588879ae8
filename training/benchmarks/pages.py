"""The newest benchmark scores of the history as Markdown tables, for the docs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from training.benchmarks.own import NAME, verdict
from training.benchmarks.plain import NAME as PLAIN
from training.benchmarks.results import HISTORY

Entries = dict[tuple[str, str, str], dict[str, dict[str, Any]]]
"""Newest entry by set, protocol and score, then by kind of model."""

_CURVE = "curve"
_DEVICE_SCORES = (
    "exact F1", "span F1", "one-to-one F1", "average precision", "calibration error",
    "calibration chance", "predicted per gold",
)  # fmt: skip


def newest(path: Path = HISTORY) -> Entries:
    """The last entry of each score in the history; nothing where there is no history."""
    found: Entries = {}
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            key = entry["set"], entry["protocol"], entry["score"]
            found.setdefault(key, {})[entry["model"].split()[0]] = entry
    return found


def set_table(entries: Entries) -> str:
    """Scores on sets of others: both models, the plain baseline, what was published."""
    lines = [
        "| set | how | score | n | boosted | linear | plain, same folds | floor | published |",
        "|---|---|---|--:|--:|--:|--:|--:|---|",
    ]
    for (name, protocol, score), models in entries.items():
        if name != NAME:
            any_model = next(iter(models.values()))
            cells = [_cell(models.get(kind)) for kind in ("boosted", "linear", PLAIN)]
            floor = f"{any_model['floor']:.2f}" if "floor" in any_model else ""
            shown = [name, protocol, score, f"{any_model['n']:,}", *cells, floor]
            lines.append(_line([*shown, any_model.get("published", "")]))
    return "\n".join(lines)


def own_table(entries: Entries, protocol: str = "test split", model: str = "boosted") -> str:
    """Every score of each device by one protocol."""
    found = {
        score: models[model]
        for (name, way, score), models in entries.items()
        if name == NAME and way == protocol and model in models
    }
    devices = [score.removeprefix("exact F1 ") for score in found if score.startswith("exact F1 ")]
    lines = [
        _line(["device", "n", *_DEVICE_SCORES]),
        "|---" + "|--:" * (1 + len(_DEVICE_SCORES)) + "|",
    ]
    for device in [*devices, ""]:
        entry = [found.get(f"{score} {device}".strip()) for score in _DEVICE_SCORES]
        n = next((each["n"] for each in entry if each), 0)
        cells = [_cell(each) if each else "" for each in entry]
        lines.append(_line([device or "all", f"{n:,}", *cells]))
    return "\n".join(lines)


def paired_line(entries: Entries, protocol: str = "test split") -> str:
    """What boosting adds, in a sentence."""
    models = entries.get((NAME, protocol, "span F1 difference"), {})
    entry = models.get("boosted-linear")
    if entry is None:
        return "Not measured yet."
    return verdict(protocol, entry["value"], entry["low"], entry["high"])


def curve_table(entries: Entries, model: str = "boosted") -> str:
    """Partial-overlap F1 on the test split after learning from growing parts."""
    shares = sorted({way for name, way, _ in entries if way.startswith(_CURVE)}, key=_share)
    scores = dict.fromkeys(score for _, way, score in entries if way.startswith(_CURVE))
    lines = [_line(["device", *shares]), "|---" + "|--:" * len(shares) + "|"]
    for score in scores:
        cells = [_cell(entries.get((NAME, way, score), {}).get(model)) for way in shares]
        lines.append(_line([score.removeprefix("span F1").strip() or "all", *cells]))
    return "\n".join(lines) if scores else "Not measured yet."


def _share(protocol: str) -> float:
    return float(protocol.split()[1])


def _cell(entry: dict[str, Any] | None) -> str:
    if entry is None:
        return ""
    if "low" not in entry:
        return f"{entry['value']:.2f}"
    return f"{entry['value']:.2f} ({entry['low']:.2f} to {entry['high']:.2f})"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
