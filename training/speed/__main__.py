"""The command: measure, print, and keep what was measured."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

PARTS = ("speed", "growth", "start", "jobs")
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@click.command()
@click.option("--texts", type=click.Path(exists=True, file_okay=False, path_type=Path),
              envvar="FRAMING_TEXTS", help="Folder of articles; else those that ship.")  # fmt: skip
@click.option("--rounds", default=5, help="Times that everything is timed.")
@click.option("--sizes", default="0.1,1,10,100,1000", help="Megabytes of the growing archive.")
@click.option("--jobs-size", default=200.0, help="Megabytes of the folder for --jobs.")
@click.option("--models", default="linear,boosted", help="Which of ours.")
@click.option("--part", "parts", multiple=True, type=click.Choice(PARTS),
              help="Only this part; may be repeated.")  # fmt: skip
@click.option("--quick", is_flag=True, help="Few rounds and small sizes.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--check", is_flag=True, help="Measure nothing; fail if the page is out of date.")
def main(
    texts: Path | None,
    rounds: int,
    sizes: str,
    jobs_size: float,
    models: str,
    parts: tuple[str, ...],
    quick: bool,
    as_json: bool,
    check: bool,
) -> None:
    """Time the library beside other tools; a whole run goes into the history and the page."""
    os.environ.update(dict.fromkeys(_THREADS, "1"))  # before numpy, and for what is started here
    from training.speed import tables

    if check:
        page = tables.PAGE.read_text(encoding="utf-8")
        sys.exit(tables.filled(page, tables.last_entry()) != page)
    amounts = [float(size) for size in sizes.split(",")]
    if quick:
        rounds, amounts, jobs_size = min(rounds, 2), [each for each in amounts if each <= 1], 5.0
    whole = not (quick or parts)
    entry = _measure(texts, rounds, amounts, jobs_size, models.split(","), parts or PARTS)
    if whole:
        tables.record(entry)
    click.echo(json.dumps(entry) if as_json else tables.table(entry))


def _measure(
    texts: Path | None,
    rounds: int,
    sizes: list[float],
    jobs_size: float,
    models: list[str],
    parts: tuple[str, ...],
) -> dict[str, Any]:
    from framing.storage import shipped_sums
    from training.speed import jobs, start, tables
    from training.speed.articles import Articles, read_articles

    articles = Articles.of(read_articles(texts))
    entry: dict[str, Any] = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": tables.machine(),
        "models": shipped_sums(),
        "articles": {
            "texts": len(articles.texts),
            "megabytes": round(articles.megabytes, 3),
            "sentences": articles.n_sentences,
        },
        "rounds": rounds,
    }
    if "speed" in parts:
        entry["speed"] = _speed(articles, models, rounds)
    if "growth" in parts:
        entry["growth"] = _growth(texts, sizes, models)
    if "start" in parts:
        entry["start"] = tables.start_rows(start.time_starts(rounds, _say))
    if "jobs" in parts and jobs.has_jobs():
        found = jobs.gain(articles.texts, jobs_size, min(rounds, 3), _say)
        entry["jobs"] = {
            "megabytes": jobs_size,
            "gain": tables.plain(found.clock),
            "work": tables.plain(found.work),
        }
    return entry


def _speed(articles: Any, models: list[str], rounds: int) -> list[dict[str, Any]]:
    from threadpoolctl import threadpool_limits

    from framing.predictor import Framing
    from training.speed import contestants, tables, timing

    others, missing = contestants.peers()
    for line in missing:
        click.echo(line, err=True)
    chosen = [contestants.floor()]
    for model in models:
        chosen += contestants.ours(Framing(model))
    chosen += others
    with threadpool_limits(1):
        found = timing.time_in_turns(chosen, articles.halves(), rounds, _say)
    return tables.speed_rows(chosen, found, articles)


def _growth(texts: Path | None, sizes: list[float], models: list[str]) -> list[dict[str, Any]]:
    from training.speed import growth

    longest = max(sizes)
    wanted = [("articles", size, model) for model in models for size in sizes
              if model == "linear" or size <= 10]  # fmt: skip
    wanted += [("document", min(50.0, longest), models[0]), ("line", min(5.0, longest), models[0])]
    found = []
    for shape, size, model in wanted:
        _say(f"growth: {size:g} MB, {shape}, {model}")
        found.append(growth.measure(shape, size, model, texts))
    return found


def _say(line: str) -> None:
    click.echo(line, err=True)


if __name__ == "__main__":
    main()
