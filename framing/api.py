"""The functions behind the commands: `framing.train` and `framing.load`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from framing.annotations import AnnotatedDocument, find_schema, from_dataset, read_annotations
from framing.fitting import Progress, Settings, fit
from framing.model import Model
from framing.predictor import Framing
from framing.schema import Schema
from framing.storage import load_model, save_model

if TYPE_CHECKING:
    from datasets import Dataset

    from framing.lexical import Vectors


def load(model: str | Path, *, include_quoted: bool = False) -> Framing:
    """Load a model; the same as `Framing(model)`.

    Raises
    ------
    ModelError
        If the model cannot be loaded.
    """
    return Framing(model, include_quoted=include_quoted)


def train(
    source: Dataset | Sequence[AnnotatedDocument] | str | Path,
    *,
    model: str = "boosted",
    texts: str | Path | None = None,
    schema: Schema | None = None,
    output: str | Path | None = None,
    vectors: Vectors | None = None,
    seed: int = 0,
    include_test: bool = False,
    start: str | Path | Model | None = None,
    progress: Progress | None = None,
) -> Framing:
    """Train a model from annotations.

    Parameters
    ----------
    source : datasets.Dataset, sequence of AnnotatedDocument, or path
        A path is an annotation file or a folder of them.
    model : {"boosted", "linear"}
    texts : path, optional
        Folder with the texts of stand-off documents; those not found are left out.
    schema : Schema, optional
        Else that beside the files, else the ten devices.
    output : path, optional
        Where the model is written.
    vectors : Vectors, optional
        Static word vectors; else those of the shipped linear model.
    seed : int
    include_test : bool
        Also learn from documents of the test split.
    start : str, Path or Model, optional
        Start from what this model says of the texts: `"linear"`, `"boosted"` or one of
        your own. It helps where marks are few. It must not have seen the documents: start
        from a shipped model only with documents that are not the project's.
    progress : callable, optional
        Called with the stage, the steps done, and all steps.

    Returns
    -------
    Framing

    Raises
    ------
    AnnotationError
        If the annotations are broken or too few.
    ModelError
        If the start cannot be loaded, or was trained from a start itself.
    """
    documents, found = _documents(source, Path(texts) if texts else None)
    if not include_test:
        documents = [document for document in documents if document.split != "test"]
    if vectors is None:
        vectors = load_model("linear").linear.vectors
    known = load_model(start) if isinstance(start, str | Path) else start
    settings = Settings(kind=model, seed=seed, start=known)
    trained, _ = fit(documents, schema or found, vectors, settings, progress)
    framing = Framing(trained)
    if output:
        trained.meta["sha256"] = save_model(trained, Path(output))
    return framing


def _documents(
    source: Dataset | Sequence[AnnotatedDocument] | str | Path, texts: Path | None
) -> tuple[list[AnnotatedDocument], Schema]:
    if isinstance(source, str | Path):
        documents, _ = read_annotations([Path(source)], texts)
        return documents, find_schema([Path(source)])
    if isinstance(source, Sequence):
        return list(source), find_schema([])
    return from_dataset(source), _dataset_schema(source)


def _dataset_schema(dataset: Dataset) -> Schema:
    """The ten devices, or clause labels by the names that the dataset declares."""
    from framing.annotations import label_names
    from framing.schema import Label

    known = find_schema([])
    names = label_names(dataset)
    if not names or set(names) <= set(known.names):
        return known
    units = {label.name: label for label in known.labels}
    return Schema(
        tuple(units.get(name, Label(name, f"Spans labelled {name}.", "phrase")) for name in names)
    )
