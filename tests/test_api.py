from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest
from conftest import ROOT
from test_fitting import DOCUMENTS, NO_VECTORS, OWN, QUICK, coloured

import framing
from framing.annotations import from_dict, to_dataset, write_annotations
from framing.errors import AnnotationError, ModelError
from framing.storage import load_model


def test_train_is_a_function_however_often_it_is_asked_for():
    code = (
        "import framing, framing.api, pkgutil\n"
        "from importlib import import_module\n"
        "for each in framing.__all__: assert callable(getattr(framing, each)), each\n"
        "for each in pkgutil.iter_modules(framing.__path__):\n"
        "    assert each.name not in framing.__all__, each.name\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


@pytest.fixture
def few_folds(monkeypatch):
    """`framing.train` with what is quick."""
    monkeypatch.setattr("framing.api.Settings", lambda **chosen: replace(QUICK, **chosen))


@pytest.mark.usefixtures("few_folds")
def test_a_dataset_goes_in(tmp_path):
    dataset = to_dataset(DOCUMENTS, OWN)
    output = tmp_path / "deep" / "own.skops"
    model = framing.train(dataset, model="linear", vectors=NO_VECTORS, output=output)
    assert model.labels == ("colour", "never")  # what the features declare
    assert [span.text for span in model.predict("A red cat sat. We left.")] == ["red"]
    assert model.model.meta["sha256"] == load_model(output).meta["sha256"]
    again = framing.load(output)
    assert again.predict(DOCUMENTS[5].text) == model.predict(DOCUMENTS[5].text)


@pytest.mark.usefixtures("few_folds")
def test_documents_go_in():
    model = framing.train(DOCUMENTS, model="linear", schema=OWN, vectors=NO_VECTORS)
    assert model.labels == OWN.names


@pytest.mark.usefixtures("few_folds")
def test_a_path_goes_in(tmp_path):
    write_annotations(tmp_path / "a.jsonl", DOCUMENTS)
    (tmp_path / "schema.toml").write_text(
        '[colour]\ndefinition = "d"\nunit = "phrase"\n', encoding="utf-8"
    )
    model = framing.train(str(tmp_path), model="linear", vectors=NO_VECTORS)
    assert model.labels == ("colour",)
    assert model.model.meta["documents"] == 24


@pytest.mark.usefixtures("few_folds")
def test_standoff_goes_in_where_its_texts_are(tmp_path):
    write_annotations(tmp_path / "a.jsonl", DOCUMENTS, text=False)
    (tmp_path / "texts").mkdir()
    for document in DOCUMENTS[:10]:
        (tmp_path / "texts" / f"{document.id}.txt").write_bytes(document.text.encode())
    chosen = {"model": "linear", "schema": OWN, "vectors": NO_VECTORS}
    model = framing.train(tmp_path / "a.jsonl", texts=tmp_path / "texts", **chosen)
    assert model.model.meta["documents"] == 10
    with pytest.raises(AnnotationError, match="not 0"):
        framing.train(tmp_path / "a.jsonl", **chosen)


@pytest.mark.usefixtures("few_folds")
def test_the_test_split_is_left_out():
    held = [*DOCUMENTS[:6], *(coloured(number, "test") for number in range(30, 33))]
    chosen = {"model": "linear", "schema": OWN, "vectors": NO_VECTORS}
    assert framing.train(held, **chosen).model.meta["documents"] == 6
    assert framing.train(held, include_test=True, **chosen).model.meta["documents"] == 9


@pytest.mark.usefixtures("few_folds")
def test_vectors_are_those_of_the_shipped_model_by_default(linear):
    model = framing.train(DOCUMENTS[:6], model="linear", schema=OWN)
    assert model.model.linear.vectors.index == linear.model.linear.vectors.index


@pytest.mark.usefixtures("few_folds")
def test_a_start_by_path_and_in_memory(handmade_path, handmade_model, tmp_path):
    chosen = {"model": "linear", "schema": OWN, "vectors": NO_VECTORS}
    begun = framing.train(DOCUMENTS[:6], start=handmade_path, **chosen)
    digest = load_model(handmade_path).meta["sha256"]
    assert begun.model.meta["start"] == {"name": "handmade", "sha256": digest}
    same = framing.train(DOCUMENTS[:6], start=handmade_model, **chosen)
    assert (same.model.linear.token_weights == begun.model.linear.token_weights).all()
    plain = framing.train(DOCUMENTS[:6], **chosen)
    assert plain.model.linear.start is None
    with pytest.raises(ModelError, match="no such model"):
        framing.train(DOCUMENTS[:6], start=tmp_path / "none.skops", **chosen)


@pytest.mark.usefixtures("few_folds")
def test_known_labels_keep_their_units(schema):
    """A dataset that declares class labels of the ten devices trains those devices."""
    documents = [
        from_dict(
            {
                "id": each.id, "text": each.text, "meta": each.meta,
                "spans": [{"start": m.start, "end": m.end, "label": "loaded_language"} for m in each.marks],
            },
            "",
        )
        for each in DOCUMENTS[:6]
    ]  # fmt: skip
    model = framing.train(to_dataset(documents, schema), model="linear", vectors=NO_VECTORS)
    assert set(schema.names) <= set(model.labels)
    units = {label.name: label.unit for label in model.model.schema.labels}
    assert (units["editorializing"], units["promotional_link"]) == ("clause", "insert")
