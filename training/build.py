"""Make the shipped models from `annotations/`: one command, always the same bytes.

    python -m training.build --texts ../shared/texts
    python -m training.build --texts ../shared/texts --check

The first writes `framing/saved/*.skops`, their cards and `SHA256SUMS`, and adds the scores
to `training/history.jsonl`; the second builds them anew elsewhere and compares the bytes.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import numpy as np

from framing.annotations import AnnotatedDocument, find_schema, read_annotations
from framing.evaluate import Report, compare, evaluate
from framing.fitting import Rehearsal, Settings, finish, lay_foundation
from framing.lexical import Vectors
from framing.predictor import Framing
from framing.schema import Schema
from framing.storage import SAVED, SHIPPED, save_model
from training.cards import Rows, write_card
from training.report import HISTORY, last_scores

ROOT = Path(__file__).parent.parent
VECTORS = Path(__file__).parent / "vectors.npz"


def load_vectors() -> Vectors:
    """The committed static word vectors."""
    with np.load(VECTORS, allow_pickle=False) as data:
        return Vectors.from_words(data["words"].tobytes(), data["vectors"])


def rehearsal_report(documents: list[AnnotatedDocument], rehearsal: Rehearsal) -> Report:
    """Scores across the folds of training, on documents that are not written to be dense."""
    batch, names = rehearsal.corpus.batch, rehearsal.corpus.schema.names
    found: list[list[tuple[str, int, int, float]]] = [[] for _ in documents]
    for (label, first, stop), score in zip(
        rehearsal.rows.tolist(), rehearsal.row_scores.tolist(), strict=True
    ):
        span = (names[label], int(batch.start[first]), int(batch.end[stop - 1]), score)
        found[int(batch.document[first])].append(span)
    usual = np.flatnonzero(rehearsal.corpus.usual).tolist()
    return compare([documents[at] for at in usual], [found[at] for at in usual], names)


@click.command()
@click.option("--texts", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--seed", default=0, help="Decides the folds.")
@click.option("--note", default="", help="What changed, for the history.")
@click.option("--output", type=click.Path(path_type=Path), default=SAVED)
@click.option("--measure-only", is_flag=True, help="Keep the models; score the test split anew.")
@click.option("--check", is_flag=True, help="Write nothing; fail unless the same bytes come out.")
def main(
    texts: Path | None, seed: int, note: str, output: Path, measure_only: bool, check: bool
) -> None:
    """Train, save, measure."""
    paths = [ROOT / "annotations"]
    documents, missing = read_annotations(paths, texts)
    if missing:
        click.echo(f"{len(missing)} documents without text are left out", err=True)
    train = [document for document in documents if document.split != "test"]
    test = [document for document in documents if document.split == "test"]
    if check:
        sys.exit(_differ(train, find_schema(paths), seed))
    if measure_only:
        folds = {kind: entry["folds"] for kind, entry in last_scores().items()}
    else:
        folds = _train(train, find_schema(paths), seed, output)
    for kind in SHIPPED:
        _measure(kind, folds[kind], test, output, note)


def _train(
    documents: list[AnnotatedDocument], schema: Schema, seed: int, output: Path
) -> dict[str, Rows]:
    """Fit and save every kind of model; returns the scores across folds."""
    settings = Settings(seed=seed)

    def step(stage: str) -> None:
        click.echo(f"{datetime.now(UTC):%H:%M:%S} {stage}", err=True)

    foundation = lay_foundation(documents, schema, load_vectors(), settings, step)
    folds, sums = {}, []
    for kind in SHIPPED:
        model, rehearsal = finish(foundation, replace(settings, kind=kind), step)
        sums.append(f"{save_model(model, output / f'{kind}.skops')}  {kind}.skops\n")
        report = rehearsal_report(documents, rehearsal)
        click.echo(f"\n{kind}, across folds, {len(report.groups)} documents\n{report.table()}")
        folds[kind] = report.rows()
    (output / "SHA256SUMS").write_text("".join(sums), encoding="ascii")
    return folds


def _differ(documents: list[AnnotatedDocument], schema: Schema, seed: int) -> int:
    """Build the models in a folder that goes away; 1 if any is not the one that ships."""
    with TemporaryDirectory() as folder:
        _train(documents, schema, seed, Path(folder))
        built = (Path(folder) / "SHA256SUMS").read_text(encoding="ascii").splitlines()
    shipped = (SAVED / "SHA256SUMS").read_text(encoding="ascii").splitlines()
    for line in built:
        click.echo(f"{line}  {'as it ships' if line in shipped else 'NOT as it ships'}")
    return int(built != shipped)


def _measure(
    kind: str, folds: Rows, test: list[AnnotatedDocument], output: Path, note: str
) -> None:
    """Score a saved model on the test split; write its card and the history."""
    framing = Framing(output / f"{kind}.skops")
    digest = str(framing.model.meta["sha256"])
    held = evaluate(framing, test)
    click.echo(f"\n{kind}, test split of {len(test)} documents\n{held.table()}")
    write_card(output / f"{kind}.md", framing.model, digest, folds, held.rows(), len(test))
    if output == SAVED:
        entry = {
            "date": f"{datetime.now(UTC):%Y-%m-%d}",
            "model": kind,
            "sha256": digest,
            "note": note,
            "folds": folds,
            "test": held.rows(),
        }
        with HISTORY.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")


if __name__ == "__main__":
    main()
