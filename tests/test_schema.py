from __future__ import annotations

import tomllib

import pytest
from conftest import ROOT

from framing.errors import AnnotationError
from framing.schema import UNITS, Label, Schema, read_schema

DEVICES = (
    "editorializing", "loaded_language", "loaded_attribution", "vague_attribution",
    "unattributed_assertion", "imputed_motive", "speculation", "sensationalism", "scare_quotes",
    "promotional_link",
)  # fmt: skip


def test_the_ten_devices():
    schema = read_schema(ROOT / "annotations" / "schema.toml")
    assert schema.names == DEVICES
    units = {label.name: label.unit for label in schema.labels}
    clauses = {"editorializing", "unattributed_assertion", "imputed_motive", "speculation"}
    assert {name for name, unit in units.items() if unit == "clause"} == clauses
    assert {name for name, unit in units.items() if unit == "insert"} == {"promotional_link"}
    assert [label.name for label in schema.labels if label.quotation] == ["scare_quotes"]
    for label in schema.labels:
        assert label.definition
        assert "[" in label.example
        assert "[" not in label.counter_example
        assert label.counter_example


def test_the_package_has_the_same_schema():
    inside = ROOT / "framing" / "saved" / "schema.toml"
    assert inside.read_bytes() == (ROOT / "annotations" / "schema.toml").read_bytes()


def test_to_dict_is_what_was_read():
    path = ROOT / "annotations" / "schema.toml"
    schema = read_schema(path)
    assert Schema.from_dict(schema.to_dict()) == schema
    with path.open("rb") as file:
        for name, entry in tomllib.load(file).items():
            assert {**entry, "quotation": entry.get("quotation", False)} == schema.to_dict()[name]


def test_a_schema_of_ones_own(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text('[hype]\ndefinition = "d"\nunit = "insert"\nquotation = true\n')
    assert read_schema(path).labels == (Label("hype", "d", "insert", quotation=True),)


def test_labels_that_are_marked_in_speech_too(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text('[hype]\ndefinition = "d"\nunit = "phrase"\nspeech = true\n')
    schema = read_schema(path)
    assert schema.labels == (Label("hype", "d", "phrase", speech=True),)
    assert schema.speech
    assert Schema.from_dict(schema.to_dict()) == schema
    assert not read_schema(ROOT / "annotations" / "schema.toml").speech


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "[a]\ndefinition = 'd'\nunit = 'phrase'\nspeech = true\n"  # noqa: ISC004
            "[b]\ndefinition = 'd'\nunit = 'phrase'",
            "some labels have speech = true and others not; give it to all or to none",
        ),
        ("", "no labels"),
        ("[hype", "own.toml: "),
        ("hype = 1", "label 'hype' is no table of keys"),
        (
            "[hype]\ndefinition = 'd'",
            "label 'hype' has unit None; choose one of phrase, clause, insert",
        ),
        ("[hype]\nunit = 'word'", "has unit 'word'"),
        ("[hype]\nunit = ['phrase']", "has unit"),
        ("[a]\nunit = 'phrase'\n[a]\nunit = 'phrase'", "own.toml: "),
    ],
)
def test_broken_schemas_are_named(tmp_path, content, message):
    path = tmp_path / "own.toml"
    path.write_text(content)
    with pytest.raises(AnnotationError) as caught:
        read_schema(path)
    assert str(caught.value).startswith(str(path))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"\xff", None])
def test_schemas_that_cannot_be_read_are_named(tmp_path, content):
    path = tmp_path / "own.toml"
    if content:
        path.write_bytes(content)
    with pytest.raises(AnnotationError, match=r"own\.toml: "):
        read_schema(path)


def test_a_label_needs_a_definition():
    with pytest.raises(AnnotationError, match="definition"):
        Schema.from_dict({"hype": {"unit": "phrase"}})


def test_units():
    assert UNITS == ("phrase", "clause", "insert")
