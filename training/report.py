"""Put the measured figures into README, data card and docs, so that nobody types them.

    python -m training.report --texts ../shared/texts [--check]

Scores come from the last entries of `training/history.jsonl` and `training/benchmarks.jsonl`,
agreement and counts from `annotations/`.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import click

from framing.agreement import AgreementReport, agreement
from framing.annotations import find_schema, read_annotations
from framing.statistics import bars, describe, table
from training.benchmarks import pages as benchmark_pages

ROOT = Path(__file__).parent.parent
BENCHMARKS = ROOT / "docs" / "explanation" / "benchmarks.md"
HISTORY = Path(__file__).parent / "history.jsonl"


def last_scores() -> dict[str, dict[str, Any]]:
    """Newest entry of each kind of model in the history."""
    entries = [json.loads(line) for line in HISTORY.read_text(encoding="utf-8").splitlines()]
    return {entry["model"]: entry for entry in entries}


def fill(page: str, name: str, content: str) -> str:
    """A page with the part between two markers replaced."""
    pattern = re.compile(rf"(<!-- {name}: begin -->\n).*?(<!-- {name}: end -->)", re.DOTALL)
    if not pattern.search(page):
        raise ValueError(f"no markers for {name!r}")
    return pattern.sub(lambda match: f"{match[1]}{content}\n{match[2]}", page)


def score_table(ceiling: AgreementReport) -> str:
    """Markdown table of both models beside the agreement of two passes."""
    scores = last_scores()
    linear, boosted = scores["linear"], scores["boosted"]
    passes = {each.label: each.partial_f1.value for each in ceiling.labels}
    passes["all"] = ceiling.overall.partial_f1.value
    lines = [
        "| device | n folds | boosted, folds | n test | boosted, test | linear, test | passes |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    rows = zip(boosted["folds"], boosted["test"], linear["test"], strict=True)
    for fold, test, other in rows:
        label = fold["label"]
        lines.append(
            f"| {label} | {fold['n']} | {_figure(fold)} | {test['n']} | {_figure(test)} "
            f"| {_figure(other)} | {passes[label]:.2f} |"
        )
    return "\n".join(lines)


def _figure(row: dict[str, Any]) -> str:
    part = row["partial"]
    return f"{part['f1']:.2f} ({part['low']:.2f} to {part['high']:.2f})"


def filled(page: str, history: Path = ROOT / "training" / "benchmarks.jsonl") -> str:
    """The page of benchmarks with the newest scores."""
    entries = benchmark_pages.newest(history)
    parts = {
        "sets": benchmark_pages.set_table(entries),
        "devices": benchmark_pages.own_table(entries),
        "paired": benchmark_pages.paired_line(entries),
        "curve": benchmark_pages.curve_table(entries),
    }
    for name, content in parts.items():
        page = fill(page, name, content)
    return page


@click.command()
@click.option(
    "--texts", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True
)
@click.option("--check", is_flag=True, help="Change nothing; fail if a page is out of date.")
def main(texts: Path, check: bool) -> None:
    """Fill in the figures."""
    folder = ROOT / "annotations"
    schema = find_schema([folder])
    first, _ = read_annotations([folder / "agreement" / "first.jsonl"], texts)
    second, _ = read_annotations([folder / "agreement" / "second.jsonl"], texts)
    agreed = agreement(first, second, schema)
    documents, missing = read_annotations([folder], texts)
    counted = describe([*documents, *missing], schema)
    card = (folder / "README.md").read_text(encoding="utf-8")
    card = fill(card, "stats", f"```text\n{table(counted)}\n```")
    card = fill(card, "agreement", f"```text\n{agreed.table()}\n```")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    readme = fill(readme, "scores", score_table(agreed))
    pages = {
        folder / "README.md": card,
        ROOT / "README.md": readme,
        ROOT / "docs" / "images" / "corpus.svg": bars(counted),
        BENCHMARKS: filled(BENCHMARKS.read_text(encoding="utf-8")),
    }
    stale = [path for path, text in pages.items() if _read(path) != text]
    for path in stale:
        click.echo(f"{path}: {'out of date' if check else 'written'}")
        if not check:
            path.write_text(pages[path], encoding="utf-8")
    sys.exit(1 if check and stale else 0)


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


if __name__ == "__main__":
    main()
