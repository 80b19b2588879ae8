"""What was measured, as plain data, as tables and on the page."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from training.report import fill
from training.speed.articles import Articles
from training.speed.contestants import FLOOR, Contestant
from training.speed.growth import Measured
from training.speed.start import LIMITS, UNIT, Starts
from training.speed.timing import Range, Rounds, ratios

ROOT = Path(__file__).parents[2]
HISTORY = ROOT / "training" / "speed.jsonl"
PAGE = ROOT / "docs" / "explanation" / "speed.md"
Row = dict[str, Any]


# --- plain data ---------------------------------------------------------------------------


def machine() -> Row:
    """What it was measured on."""
    packages = ("numpy", "scipy", "scikit-learn", "skops")
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        **{name: version(name) for name in packages},
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text("utf-8").splitlines() if info.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown"


def speed_rows(contestants: Sequence[Contestant], rounds: Rounds, articles: Articles) -> list[Row]:
    """A row for each contestant."""
    vader = next((each.name for each in contestants if each.name.startswith("VADER")), None)
    density = articles.n_sentences / articles.megabytes
    return [
        {
            "name": each.name,
            "does": each.does,
            "sentences_per_second": round(density / Range.of(rounds[each.name]).median),
            "megabytes_per_second": round(1 / Range.of(rounds[each.name]).median, 3),
            "vader": vader and plain(ratios(rounds, each.name, vader)),
            "token_passes": plain(ratios(rounds, FLOOR, each.name)),
        }
        for each in contestants
    ]


def start_rows(starts: Starts) -> list[Row]:
    """A row for each command."""
    return [
        {
            "command": name,
            "seconds": plain(Range.of(seconds)),
            "ratio": plain(ratios(starts.clock, UNIT, name)),
            "processor_ratio": plain(ratios(starts.processor, UNIT, name)),
            "limit": LIMITS.get(name),
        }
        for name, seconds in starts.clock.items()
    ]


def plain(values: Range) -> list[float]:
    """Median, least and most, to four figures."""
    return [float(f"{value:.4g}") for value in (values.median, values.low, values.high)]


# --- tables -------------------------------------------------------------------------------


def table(entry: Row) -> str:
    """All that an entry of the history holds, at most 80 columns wide."""
    parts = [_heading(entry)]
    if entry.get("speed"):
        parts.append(_speed_table(entry["speed"]))
    if entry.get("growth"):
        parts.append(_growth_table(entry["growth"]))
    if entry.get("start"):
        parts.append(_start_table(entry["start"]))
    if entry.get("jobs"):
        jobs = entry["jobs"]
        parts.append(
            f"framing score on {jobs['megabytes']:g} MB: --jobs 2 is "
            f"{_three(jobs['gain'])} times as fast as one,\n"
            f"in {_three(jobs['work'])} times the processor seconds"
        )
    return "\n\n".join(parts)


def _heading(entry: Row) -> str:
    on, of = entry["machine"], entry["articles"]
    return (
        f"{of['texts']} articles, {of['megabytes']:.2f} MB, {of['sentences']} sentences; "
        f"{entry['rounds']} rounds in turns\n"
        f"{on['processor']}, {on['cores']} cores, load {on['load']}, {on['system']}\n"
        f"Python {on['python']}, numpy {on['numpy']}, scikit-learn {on['scikit-learn']}"
    )


def _three(values: Sequence[float]) -> str:
    middle, low, high = map(_figure, values)
    return f"{middle} ({low} to {high})"


def _figure(value: float) -> str:
    places = 3 if value < 0.1 else 2 if value < 10 else 1 if value < 100 else 0
    return f"{value:.{places}f}"


def _speed_table(rows: Sequence[Row]) -> str:
    lines = [f"{'':23}{'sent./s':>8}{'MB/s':>7}  {'speed / VADER':20}{'cost / token pass':20}"]
    for row in rows:
        vader = _three(row["vader"]) if row["vader"] else "-"
        lines.append(
            f"{row['name']:23}{row['sentences_per_second']:8}{row['megabytes_per_second']:7.2f}"
            f"  {vader:20}{_three(row['token_passes'])}"
        )
    return "\n".join(line.rstrip() for line in lines)


def _growth_table(rows: Sequence[Row]) -> str:
    lines = [f"{'':23}{'MB':>8}{'s/MB':>8}{'token passes':>14}{'peak MB':>9}"]
    lines += [
        f"{row['model'] + ': ' + row['shape']:23}{row['megabytes']:8g}"
        f"{row['seconds_per_megabyte']:8.3f}{row['token_passes']:14.2f}{row['peak_megabytes']:9.0f}"
        for row in rows
    ]
    return "\n".join(lines)


def _start_table(rows: Sequence[Row]) -> str:
    lines = [f"{'':39}{'seconds':>8}  {'in units of the import':24}at most"]
    for row in rows:
        limit = f"{row['limit']:g}" if row["limit"] else ""
        lines.append(
            f"{row['command']:39}{row['seconds'][0]:8.2f}  {_three(row['ratio']):24}{limit}"
        )
    return "\n".join(line.rstrip() for line in lines)


def spread(rows: Sequence[Measured]) -> float:
    """By how much the dearest megabyte of articles exceeds the cheapest, from 1 MB on."""
    costs = [
        row["token_passes"] for row in rows if row["shape"] == "articles" and row["megabytes"] >= 1
    ]
    return max(costs) / min(costs) - 1


# --- history and page ---------------------------------------------------------------------


def last_entry() -> Row:
    """Newest entry of the history."""
    return json.loads(HISTORY.read_text(encoding="utf-8").splitlines()[-1])


def record(entry: Row) -> None:
    """Add an entry to the history and fill in the page."""
    with HISTORY.open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry) + "\n")
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8"), entry), encoding="utf-8")


def filled(page: str, entry: Row) -> str:
    """The page with the tables of an entry."""
    return fill(page, "speed", f"```text\n{table(entry)}\n```")
