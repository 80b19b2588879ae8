"""Make the shipped models from `annotations/`: one command, always the same bytes.

    python -m training.build --texts ../shared/texts

Writes `framing/saved/*.skops`, their cards and `SHA256SUMS`, and adds the scores to
`training/history.jsonl`.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click
import numpy as np

from framing.annotations import AnnotatedDocument, find_schema, read_annotations
from framing.evaluate import Report, compare, evaluate
from framing.features import Vectors
from framing.predictor import Framing
from framing.storage import SAVED, SHIPPED, save_model
from framing.train import Foundation, Rehearsal, Settings, finish, lay_foundation
from training.cards import write_card

ROOT = Path(__file__).parent.parent
HISTORY = Path(__file__).parent / "history.jsonl"
VECTORS = Path(__file__).parent / "vectors.npz"


def load_vectors() -> Vectors:
    """The committed static word vectors."""
    with np.load(VECTORS, allow_pickle=False) as data:
        return Vectors.from_words(data["words"].tobytes(), data["vectors"])


def rehearsal_report(documents: list[AnnotatedDocument], rehearsal: Rehearsal) -> Report:
    """Scores across the folds of training."""
    batch, names = rehearsal.corpus.batch, rehearsal.corpus.schema.names
    found: list[list[tuple[str, int, int, float]]] = [[] for _ in documents]
    for (label, first, stop), score in zip(
        rehearsal.rows.tolist(), rehearsal.row_scores.tolist(), strict=True
    ):
        span = (names[label], int(batch.start[first]), int(batch.end[stop - 1]), score)
        found[int(batch.document[first])].append(span)
    return compare(documents, found, names)


@click.command()
@click.option("--texts", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--seed", default=0)
@click.option("--note", default="", help="What changed, for the history.")
@click.option("--output", type=click.Path(path_type=Path), default=SAVED)
def main(texts: Path | None, seed: int, note: str, output: Path) -> None:
    """Train, measure, save."""
    paths = [ROOT / "annotations"]
    documents, missing = read_annotations(paths, texts)
    if missing:
        click.echo(f"{len(missing)} documents without text are left out", err=True)
    train = [document for document in documents if document.split != "test"]
    test = [document for document in documents if document.split == "test"]
    settings = Settings(seed=seed)

    def step(stage: str) -> None:
        click.echo(f"{datetime.now(UTC):%H:%M:%S} {stage}", err=True)

    foundation = lay_foundation(train, find_schema(paths), load_vectors(), settings, step)
    sums = []
    for kind in SHIPPED:
        digest = _build(kind, foundation, settings, train, test, output, note)
        sums.append(f"{digest}  {kind}.skops\n")
    (output / "SHA256SUMS").write_text("".join(sums), encoding="ascii")


def _build(
    kind: str,
    foundation: Foundation,
    settings: Settings,
    train: list[AnnotatedDocument],
    test: list[AnnotatedDocument],
    output: Path,
    note: str,
) -> str:
    """Fit, save and measure one kind of model; returns its SHA-256."""
    model, rehearsal = finish(foundation, replace(settings, kind=kind))
    path = output / f"{kind}.skops"
    digest = save_model(model, path)
    folds = rehearsal_report(train, rehearsal)
    held = evaluate(Framing(path), test)
    click.echo(f"\n{kind}, across folds of {len(train)} documents\n{folds.table()}")
    click.echo(f"\n{kind}, test split of {len(test)} documents\n{held.table()}")
    write_card(output / f"{kind}.md", model, digest, folds, held)
    if output == SAVED:
        _remember(kind, digest, folds, held, note)
    return digest


def _remember(kind: str, digest: str, folds: Report, held: Report, note: str) -> None:
    """Add the scores to the history."""
    entry = {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "model": kind,
        "sha256": digest,
        "note": note,
        "folds": folds.rows(),
        "test": held.rows(),
    }
    with HISTORY.open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry) + "\n")


if __name__ == "__main__":
    main()
