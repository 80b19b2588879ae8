"""Measure the shipped models and the training: on sets of others, and on our own corpus.

    python -m training.benchmarks --benchmarks DIR --texts DIR [--only babe,own] [--transfer-only]

Prints one table and adds a line a score to `training/benchmarks.jsonl`. Ends with exit
code 1 if a score is too good to be true.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import click

from framing.annotations import AnnotatedDocument, find_schema, read_annotations
from framing.evaluate import Report
from framing.fitting import KINDS, Settings
from framing.storage import load_model
from training.benchmarks import own
from training.benchmarks.inside import inside
from training.benchmarks.reliability import reliability
from training.benchmarks.results import (
    HISTORY,
    References,
    Result,
    alarms,
    table,
    write_history,
)
from training.benchmarks.sets import ADAPTERS, read_set
from training.benchmarks.transfer import SPAN_SCORES, transfer
from training.build import ROOT, load_vectors

PICTURE = ROOT / "docs" / "images" / "reliability.svg"
FOLDER = ROOT / "annotations"
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


def _say(line: str) -> None:
    click.echo(f"{datetime.now(UTC):%H:%M:%S} {line}", err=True)


@click.command()
@click.option("--benchmarks", type=_FOLDER, help="Folder with the sets of others.")
@click.option("--texts", type=_FOLDER, help="Folder with the texts of our own corpus.")
@click.option("--only", multiple=True, help=f"Some of: {', '.join((*ADAPTERS, own.NAME))}.")
@click.option("--transfer-only", is_flag=True, help="Train nothing; apply the shipped models.")
@click.option("--learning-curve", is_flag=True, help="Our own corpus in growing parts. Long.")
@click.option("--cache", type=click.Path(path_type=Path), help="Folder for finished folds.")
@click.option("--jobs", default=1, show_default=True, help="Models fitted at once.")
@click.option("--seed", default=0, show_default=True, help="Decides the folds.")
@click.option("--note", default="", help="What changed, for the history.")
@click.option("--history", type=click.Path(path_type=Path), default=HISTORY, show_default=True)
@click.option("--picture", type=click.Path(path_type=Path), default=PICTURE, show_default=True)
def main(
    benchmarks: Path | None,
    texts: Path | None,
    only: tuple[str, ...],
    transfer_only: bool,
    learning_curve: bool,
    cache: Path | None,
    jobs: int,
    seed: int,
    note: str,
    history: Path,
    picture: Path,
) -> None:
    """Measure, print, remember."""
    settings = Settings(seed=seed, jobs=jobs)
    run = Run(benchmarks, texts, settings, cache or _cache(), picture, transfer_only)
    references, too_good = References.read(), []
    for name in _names(",".join(only)):
        results = run.own() if name == own.NAME else run.other(name)
        if results:
            click.echo(f"{table([each for each in results if _whole(each)], references)}\n")
            write_history(results, references, note, history)
        too_good += alarms(results, references)
    if learning_curve:
        for result in run.curve():  # each is kept as it comes, for the last take hours
            click.echo(table([result], references).splitlines()[-1])
            write_history([result], references, note, history)
    for line in too_good:
        click.echo(f"alarm: {line}", err=True)
    sys.exit(1 if too_good else 0)


def _whole(result: Result) -> bool:
    """Whether a score is of a whole set: those by device have a table of their own."""
    names = (*SPAN_SCORES.values(), "predicted per gold")
    return result.set != own.NAME or result.score in names or result.score.endswith("difference")


def _cache() -> Path:
    return Path(tempfile.gettempdir()) / "framing-benchmarks"


def _names(only: str) -> list[str]:
    """The sets asked for, in the order of the table."""
    known = (*ADAPTERS, own.NAME)
    asked = [name.strip() for name in only.split(",") if name.strip()]
    for name in asked:
        if name not in known:
            raise click.BadParameter(f"no set {name!r}; known are {', '.join(known)}")
    return [name for name in known if not asked or name in asked]


@dataclass(frozen=True, slots=True)
class Run:
    """What one call of the command measures with."""

    benchmarks: Path | None
    texts: Path | None
    settings: Settings
    cache: Path
    picture: Path
    transfer_only: bool

    def other(self, name: str) -> list[Result]:
        """Scores on a set of others; none, and a line that says so, where it is missing."""
        if self.benchmarks is None or not (self.benchmarks / f"{name}.jsonl").is_file():
            click.echo(f"{name}: no {name}.jsonl in --benchmarks, left out", err=True)
            return []
        benchmark = read_set(name, self.benchmarks)
        results: list[Result] = []
        for kind in KINDS:
            model = load_model(kind)
            results += transfer(benchmark, model, str(model.meta["sha256"]), self.benchmarks)
        if not self.transfer_only:
            # The shipped model has not seen a label of a set; our own corpus it has, see own.
            settings = replace(self.settings, start=load_model("linear"))
            results += inside(benchmark, settings, load_vectors(), self.cache, _say)
        return results

    def documents(self) -> tuple[list[AnnotatedDocument], list[AnnotatedDocument]]:
        """Our documents of the training and of the test split."""
        documents, missing = read_annotations([FOLDER], self.texts)
        if missing:
            click.echo(f"{len(missing)} documents without text are left out", err=True)
        train = [document for document in documents if document.split != "test"]
        return train, [document for document in documents if document.split == "test"]

    def own(self) -> list[Result]:
        """Scores of our own corpus: test split, folds, both kinds paired."""
        train, test = self.documents()
        models = {kind: load_model(kind) for kind in KINDS}
        reports = {kind: own.test_report(model, test) for kind, model in models.items()}
        names = {kind: f"{kind} {model.meta['sha256'][:12]}" for kind, model in models.items()}
        results = _both(reports, "test split", names)
        self.picture.write_text(reliability(reports["boosted"]), encoding="utf-8")
        if not self.transfer_only:
            tools = self.settings, load_vectors(), self.cache, _say
            results += _both(
                own.fold_reports(train, find_schema([FOLDER]), *tools), "folds by story", {}
            )
        return results

    def curve(self) -> Iterator[Result]:
        """Scores on the test split after learning from growing parts of the training split."""
        train, test = self.documents()
        schema = find_schema([FOLDER])
        yield from own.learning_curve(train, test, schema, self.settings, load_vectors(), _say)


def _both(reports: dict[str, Report], protocol: str, names: dict[str, str]) -> list[Result]:
    """Scores of both kinds by one protocol, and their paired difference."""
    results: list[Result] = []
    for kind, report in reports.items():
        click.echo(f"{kind}, {protocol}\n{own.device_table(report)}\n")
        results += own.report_results(report, protocol, names.get(kind, kind))
    paired, verdict = own.compared(reports["boosted"], reports["linear"], protocol)
    click.echo(f"{verdict}\n")
    return [*results, *paired]


if __name__ == "__main__":
    main()
