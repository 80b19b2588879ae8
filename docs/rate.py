"""Measure how fast the shipped models are, and fill the figures in.

    python docs/rate.py

scores the project's own articles with each model on one core and writes the table of
docs/how-to/hundred-million-articles.md anew: the rates, and what follows from them.
"""

from __future__ import annotations

import platform
import re
import time
from dataclasses import dataclass
from pathlib import Path

from framing import Framing
from framing.annotations import read_annotations
from framing.storage import SHIPPED

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "how-to" / "hundred-million-articles.md"
ARTICLES, CORES, PRICE = 100_000_000, 64, 0.05
_PART = re.compile(r"(?<=^<!-- rate -->\n).*?(?=^<!-- rate: end -->$)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Rate:
    """Articles that one core scores in a second with a model, and their mean length."""

    model: str
    per_second: float
    words: float


def measure(model: str, texts: list[str]) -> Rate:
    """Rate over texts, by processor time, with the model loaded; half of them are for warming up."""
    framing = Framing(model)
    half = len(texts) // 2
    list(framing.predict_many(texts[:half]))
    begin = time.process_time()
    readings = list(framing.predict_many(texts[half:]))
    spent = time.process_time() - begin
    words = sum(reading.profile.words for reading in readings)
    return Rate(model, len(readings) / spent, words / len(readings))


def part(rates: list[Rate], machine: str) -> str:
    """What stands between the marks of the page."""
    rows = "\n".join(_row(rate) for rate in rates)
    return f"""
Measured with `python docs/rate.py` on the project's own articles, {rates[0].words:.0f} words long
on average, by processor time on one core ({machine}), and multiplied for {CORES} cores and an
*assumed* price of {PRICE:.2f} for a core-hour:

| model | articles per second and core | core-hours per million | price per million | \
{ARTICLES:,} on {CORES} cores |
|---|--:|--:|--:|--:|
{rows}

"""


def _row(rate: Rate) -> str:
    shown = round(rate.per_second, 1)
    hours = 1_000_000 / shown / 3600
    days = hours * ARTICLES / 1_000_000 / CORES / 24
    return f"| {rate.model} | {shown:.1f} | {hours:.1f} | {hours * PRICE:.2f} | {days:.1f} days |"


def filled(page: str, new: str) -> str:
    """The page with another part between its marks."""
    found, count = _PART.subn(lambda _: new, page)
    if count != 1:
        raise ValueError(f"{PAGE.name} has {count} places for rates, not one")
    return found


def main() -> None:
    """Measure, and write the page."""
    documents, _ = read_annotations([ROOT / "annotations" / "articles"])
    texts = [document.text for document in documents if document.text]
    rates = [measure(model, texts) for model in SHIPPED]
    for rate in rates:
        print(f"{rate.model}: {rate.per_second:.1f} articles per second and core")  # noqa: T201
    machine = f"{platform.machine()}, Python {platform.python_version()}"
    page = filled(PAGE.read_text(encoding="utf-8"), part(rates, machine))
    PAGE.write_text(page, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
