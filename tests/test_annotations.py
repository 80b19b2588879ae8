from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import ARTICLES, ROOT, TEXTS
from hypothesis import given
from hypothesis import strategies as st

from framing.annotations import (
    DENSE,
    META_KEYS,
    MOST_CHARS,
    AnnotatedDocument,
    Mark,
    annotation_files,
    find_schema,
    find_texts,
    from_dataset,
    from_dict,
    label_names,
    parse_line,
    read_annotations,
    read_file,
    shown,
    text_hash,
    to_dataset,
    to_dataset_dict,
    write_annotations,
)
from framing.errors import AnnotationError
from framing.schema import Label, Schema

SCHEMA = Schema((Label("loaded", "", "phrase"), Label("verdict", "", "clause")))
TEXT = "The vile mob ran. 😀 It fell.\r\n"
DATA = {
    "id": "one",
    "text": TEXT,
    "spans": [
        {"start": 4, "end": 8, "label": "loaded"},
        {"start": 0, "end": 16, "label": "verdict"},
    ],
    "meta": {"genre": "news", "license": "CC0-1.0", "group": "g"},
}
STANDOFF = {
    "id": "two", "sha256": text_hash(TEXT), "chars": len(TEXT), "spans": DATA["spans"], "meta": {},
}  # fmt: skip


def written(path, *rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


# --- one document -------------------------------------------------------------------------


def test_a_document():
    document = from_dict(DATA, "here")
    assert (document.id, document.text, document.chars) == ("one", TEXT, len(TEXT))
    assert document.marks == (Mark(0, 16, "verdict"), Mark(4, 8, "loaded"))  # in text order
    assert document.meta == DATA["meta"]
    assert document.sha256 == text_hash(TEXT)
    assert document.where == "here"
    assert (document.group, document.split) == ("g", "train")


def test_a_document_says_least():
    document = from_dict({"text": "ab"}, "here")
    assert document.id == text_hash("ab")[:16]
    assert (document.marks, document.meta) == ((), {})
    assert (document.group, document.split) == (document.id, "train")
    assert from_dict({"text": "", "meta": {"split": "test"}}, "").split == "test"


def test_a_standoff_document():
    document = from_dict(STANDOFF, "here")
    assert document.text is None
    assert (document.sha256, document.chars) == (text_hash(TEXT), len(TEXT))
    assert len(document.marks) == 2


def test_to_dict_is_what_was_read():
    assert from_dict(DATA, "").to_dict() == {**DATA, "spans": DATA["spans"][::-1]}
    assert from_dict(STANDOFF, "").to_dict()["sha256"] == STANDOFF["sha256"]
    assert "text" not in from_dict(DATA, "").to_dict(text=False)
    assert from_dict(DATA, "").to_dict(text=False)["chars"] == len(TEXT)


def test_annotators_are_kept():
    spans = [{"start": 0, "end": 1, "label": "loaded", "annotator": "kim"}]
    document = from_dict({**DATA, "spans": spans}, "")
    assert document.marks[0].annotator == "kim"
    assert document.to_dict()["spans"] == spans


def test_marks_are_equal_whoever_made_them():
    assert Mark(0, 1, "x", "kim") == Mark(0, 1, "x") != Mark(0, 1, "y")
    assert sorted([Mark(1, 2, "a"), Mark(0, 2, "b"), Mark(0, 2, "a"), Mark(0, 1, "c")]) == [
        Mark(0, 1, "c"), Mark(0, 2, "a"), Mark(0, 2, "b"), Mark(1, 2, "a"),
    ]  # fmt: skip
    assert Mark(0, 1, "x").annotator is None


def test_lines_of_a_file():
    spans = [{"start": 0, "end": 3, "label": "x"}]
    document = from_dict({"id": "a", "text": "abc", "spans": spans, "meta": {"topic": "t"}}, "")
    line = document.to_dict()
    assert line == {"id": "a", "text": "abc", "spans": spans, "meta": {"topic": "t"}}
    assert list(line) == ["id", "text", "spans", "meta"]
    bare = document.to_dict(text=False)
    assert bare == {
        "id": "a", "sha256": text_hash("abc"), "chars": 3, "spans": spans, "meta": {"topic": "t"},
    }  # fmt: skip
    assert list(bare) == ["id", "sha256", "chars", "spans", "meta"]
    assert replace(document, text=None).to_dict() == bare
    assert AnnotatedDocument("a", "abc", (), {}, "", 3).where == ""


def test_hashes_are_of_utf_8():
    assert text_hash("é") == "4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c"
    assert text_hash("\ud800") != text_hash("?")


@pytest.mark.parametrize(
    ("identity", "expected"),
    [("a", "a"), (5, "5"), (0, "0"), (1.5, "1.5"), ("", None), (None, None), (" ", " ")],
)
def test_ids(identity, expected):
    found = from_dict({"id": identity, "text": "ab"}, "").id
    assert found == (text_hash("ab")[:16] if expected is None else expected)
    standoff = from_dict({"sha256": "0123456789abcdefXYZ", "chars": 2}, "")
    assert standoff.id == "0123456789abcdef"


@pytest.mark.parametrize(("wrong", "kind"), [([], "list"), ({}, "dict")])
def test_ids_that_are_no_string_are_named(wrong, kind):
    with pytest.raises(AnnotationError, match=f"here: id is no string, but {kind}$"):
        from_dict({"id": wrong, "text": "ab"}, "here")


@pytest.mark.parametrize(
    ("annotator", "expected"), [("kim", "kim"), (3, "3"), ("", None), (0, None), (None, None)]
)
def test_annotators(annotator, expected):
    span = {"start": 0, "end": 1, "label": "x", "annotator": annotator}
    (mark,) = from_dict({"text": "ab", "spans": [span]}, "").marks
    assert mark.annotator == expected


def test_annotators_that_are_no_string_are_named():
    span = {"start": 0, "end": 1, "label": "x", "annotator": ["kim"]}
    with pytest.raises(AnnotationError, match=r"^here: annotator is no string: \['kim'\]$"):
        from_dict({"text": "ab", "spans": [span]}, "here")


def test_groups_and_splits_are_strings():
    document = from_dict({"id": "a", "text": "", "meta": {"group": 5, "split": 6}}, "")
    assert (document.group, document.split) == ("5", "6")


@pytest.mark.parametrize("chars", [0, 1, MOST_CHARS, -MOST_CHARS])
def test_a_standoff_text_may_have_two_thousand_million_characters(chars):
    document = from_dict({"sha256": "ab", "chars": chars}, "")
    assert (document.text, document.sha256, document.chars) == (None, "ab", chars)
    assert MOST_CHARS == 2_147_483_647


def test_a_text_may_tell_its_length():
    assert from_dict({"text": "ab", "chars": 2, "sha256": text_hash("ab")}, "").chars == 2


def test_a_mark_may_take_the_whole_text():
    spans = [{"start": 0, "end": 2, "label": "x"}]
    assert from_dict({"text": "ab", "spans": spans}, "").marks == (Mark(0, 2, "x"),)
    assert from_dict({"text": "ab", "spans": None, "meta": None}, "").marks == ()


def test_numbers_are_read_as_they_stand():
    found = parse_line('{"text": "", "meta": {"a": 0.5, "b": 2, "c": -1e3}}', "").meta
    assert found == {"a": 0.5, "b": 2, "c": -1000.0}
    assert [type(value) for value in found.values()] == [float, int, float]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("a b", "a b"),
        ("x" * 80, "x" * 80),
        ("x" * 81, "'" + "x" * 79),
        ("a\nb", "'a\\nb'"),
        ("\n" * 50, "'" + "\\n" * 39 + "\\"),
    ],
)
def test_words_in_an_error_stay_in_one_line(words, expected):
    assert shown(words) == expected


BROKEN = {
    "no JSON": ("{", "no JSON"),
    "no object": ([1], "a document is an object, not list"),
    "no text": ({"spans": []}, "neither text nor sha256 and chars"),
    "text is a number": ({"text": 3}, "text is no string"),
    "hash alone": ({"sha256": "ab"}, "neither text nor sha256 and chars"),
    "chars is a boolean": ({"sha256": "ab", "chars": True}, "neither text"),
    "another text": ({"text": "b", "sha256": text_hash("a")}, "does not match its sha256"),
    "meta is a list": ({"text": "b", "meta": [1]}, "meta is no object"),
    "spans is an object": ({"text": "b", "spans": {"a": 1}}, "spans is no list"),
    "span is a list": ({"text": "b", "spans": [[0, 1, "loaded"]]}, "needs start, end and label"),
    "wrong length": ({"text": "b", "chars": 2}, "text has 1 characters, not 2"),
    "length is a float": ({"text": "b", "chars": 1.0}, "text has 1 characters, not 1.0"),
    "no hash": ({"chars": 1}, "neither text nor sha256 and chars"),
    "too long": ({"sha256": "ab", "chars": MOST_CHARS + 1}, "chars is more than any text has"),
    "too long below nought": ({"sha256": "ab", "chars": -MOST_CHARS - 1}, "chars is more than any"),
    "no label": ({"text": "b", "spans": [{"start": 0, "end": 1}]}, "needs start, end and label"),
    "label is a number": (
        {"text": "b", "spans": [{"start": 0, "end": 1, "label": 1}]}, "needs start, end and label",
    ),
    "no end": ({"text": "b", "spans": [{"start": 0, "label": "x"}]}, "whole numbers"),
    "float": ({"text": "b", "spans": [{"start": 0.0, "end": 1, "label": "x"}]}, "whole numbers"),
    "boolean": ({"text": "b", "spans": [{"start": False, "end": 1, "label": "x"}]}, "whole numbers"),
    "past the end": (
        {"text": "b", "spans": [{"start": 0, "end": 2, "label": "x"}]},
        "span 0-2 (x) is outside the text of 1 characters",
    ),
    "negative": ({"text": "b", "spans": [{"start": -1, "end": 1, "label": "x"}]}, "outside"),
    "a label of two lines": (
        {"text": "b", "spans": [{"start": 0, "end": 2, "label": "x\ny"}]},
        "span 0-2 ('x\\ny') is outside the text of 1 characters",
    ),
    "empty": ({"text": "b", "spans": [{"start": 1, "end": 1, "label": "x"}]}, "outside"),
    "standoff past the end": (
        {**STANDOFF, "spans": [{"start": 0, "end": 99, "label": "x"}]}, "outside the text of",
    ),
    "a key twice": (
        '{"id": 1, "text": "b", "spans": [], "text": "c"}', "the key 'text' stands twice in an object",
    ),
    "not a number": ('{"text": "b", "meta": {"topic": NaN}}', "NaN is no number; write null"),
    "too large": ('{"text": "b", "meta": {"topic": -1e999}}', "-1e999 is no number; write null"),
    "deep": ("[" * 100_000, "no JSON"),
    "huge number": ('{"chars": ' + "1" * 5000 + "}", "no JSON"),
}  # fmt: skip


@pytest.mark.parametrize(("line", "message"), BROKEN.values(), ids=BROKEN)
def test_broken_lines_name_file_and_line(tmp_path, line, message):
    path = tmp_path / "some.jsonl"
    content = line if isinstance(line, str) else json.dumps(line)
    path.write_text(json.dumps(DATA) + "\n\n" + content + "\n", encoding="utf-8")
    with pytest.raises(AnnotationError) as caught:
        list(read_file(path))
    assert str(caught.value).startswith(f"{path}:3: ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


# --- files --------------------------------------------------------------------------------


def test_round_trip(tmp_path):
    odd = {**DATA, "id": "b", "text": "é\u2028\u0085x\0", "spans": []}
    documents = [from_dict(DATA, ""), from_dict(odd, "")]
    write_annotations(tmp_path / "a.jsonl", documents)
    content = (tmp_path / "a.jsonl").read_bytes()
    assert content.count(b"\n") == 2
    assert "é".encode() in content
    found = list(read_file(tmp_path / "a.jsonl"))
    assert [each.to_dict() for each in found] == [each.to_dict() for each in documents]
    assert [each.where for each in found] == [f"{tmp_path / 'a.jsonl'}:{n}" for n in (1, 2)]


@given(st.lists(TEXTS, max_size=3))
def test_any_texts_come_back(tmp_path_factory, texts):
    path = tmp_path_factory.mktemp("any") / "a.jsonl"
    texts = [text.encode("utf-8", "replace").decode("utf-8") for text in texts]
    documents = [from_dict({"text": text, "spans": []}, "") for text in texts]
    documents = [
        replace(each, marks=(Mark(0, each.chars, "loaded"),)) if each.text else each
        for each in documents
    ]
    write_annotations(path, documents)
    found = list(read_file(path))
    assert [each.text for each in found] == texts
    assert [each.marks for each in found] == [each.marks for each in documents]


def test_lone_surrogates_come_back(tmp_path):
    document = parse_line('{"text": "a\\ud800b"}', "")
    write_annotations(tmp_path / "a.jsonl", [document])
    (found,) = read_file(tmp_path / "a.jsonl")
    assert found.text == "a\ud800b"


def test_byte_order_mark_and_windows_lines(tmp_path):
    path = tmp_path / "a.jsonl"
    line = json.dumps(DATA)
    path.write_bytes(b"\xef\xbb\xbf" + line.encode() + b"\r\n" + line.encode() + b"\r\n")
    found = list(read_file(path))
    assert [each.text for each in found] == [TEXT, TEXT]


@pytest.mark.parametrize("content", [b"\xff\xfe{\0", b'{"text": "\xe9"}'])
def test_what_is_not_utf_8_is_named(tmp_path, content):
    path = tmp_path / "a.jsonl"
    path.write_bytes(content)
    with pytest.raises(AnnotationError, match=r"a\.jsonl: "):
        list(read_file(path))


def test_folders_are_searched_but_for_agreement_passes(tmp_path):
    for name in (
        "b/two.jsonl",
        "a.jsonl",
        "agreement/first.jsonl",
        "b/agreement/x.jsonl",
        "c.json",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        written(tmp_path / name, DATA)
    found = annotation_files([tmp_path])
    assert [str(path.relative_to(tmp_path)) for path in found] == ["a.jsonl", "b/two.jsonl"]
    named = tmp_path / "agreement" / "first.jsonl"
    assert annotation_files([named]) == [named]
    assert annotation_files([tmp_path / "agreement"]) == [named]


def test_missing_and_empty_folders(tmp_path):
    with pytest.raises(AnnotationError, match=f"^{tmp_path}/none: no such file or folder"):
        annotation_files([tmp_path / "none"])
    with pytest.raises(AnnotationError, match=rf"^{tmp_path}: no \.jsonl file in this folder"):
        annotation_files([tmp_path])


def test_files_stand_in_the_order_of_their_paths(tmp_path):
    for name in ("c.jsonl", "a.jsonl", "b.jsonl"):
        written(tmp_path / name, DATA)
    given = [tmp_path / "b.jsonl", tmp_path]
    assert [path.name for path in annotation_files(given)] == [
        "b.jsonl", "a.jsonl", "b.jsonl", "c.jsonl",
    ]  # fmt: skip


def test_a_line_that_utf_8_cannot_hold_is_escaped(tmp_path):
    documents = [from_dict({"id": name, "text": f"é{name}"}, "") for name in ("a", "\ud800")]
    write_annotations(tmp_path / "a.jsonl", documents, text=False)
    first, second, rest = (tmp_path / "a.jsonl").read_bytes().split(b"\n")
    expected = {"id": "a", "sha256": text_hash("éa"), "chars": 2, "spans": [], "meta": {}}
    assert first == json.dumps(expected).encode()
    assert b'"id": "\\ud800"' in second
    assert rest == b""
    write_annotations(tmp_path / "b.jsonl", documents)
    first, second, _ = (tmp_path / "b.jsonl").read_bytes().split(b"\n")
    assert "éa".encode() in first
    assert b"\\u00e9\\ud800" in second


def test_surrogate_pairs_are_named(tmp_path):
    document = from_dict({"id": "a" * 100, "text": "\ud83d\ude00"}, "")
    with pytest.raises(AnnotationError) as caught:
        write_annotations(tmp_path / "a.jsonl", [document])
    assert str(caught.value) == (
        f"document '{'a' * 79}: both halves of a surrogate pair side by side, which are one "
        "character to whoever reads them; decode the text again"
    )


# --- stand-off ----------------------------------------------------------------------------


def test_texts_are_found_by_their_hash(tmp_path):
    texts = tmp_path / "texts" / "deep"
    texts.mkdir(parents=True)
    (texts / "whatever.bin").write_bytes(TEXT.encode())
    (texts / "other.txt").write_text("other")
    path = written(
        tmp_path / "a.jsonl", STANDOFF, {**STANDOFF, "id": "gone", "sha256": "0" * 64}, DATA
    )
    documents, missing = read_annotations([path], tmp_path / "texts")
    assert [each.id for each in documents] == ["two", "one"]
    assert documents[0].text == TEXT  # line ends and all
    assert [each.id for each in missing] == ["gone"]
    documents, missing = read_annotations([path])
    assert [each.id for each in documents] == ["one"]
    assert [each.id for each in missing] == ["two", "gone"]


def test_texts_are_looked_for_until_all_are_found(tmp_path):
    (tmp_path / "a").mkdir()
    for name in ("a/1", "b", "c", "d"):
        (tmp_path / name).write_bytes({"b": b"one", "c": b"one", "d": b"two"}.get(name, b"none"))
    one, two = text_hash("one"), text_hash("two")
    assert list(find_texts(tmp_path, [one, two, one])) == [(one, "one"), (two, "two")]
    assert list(find_texts(tmp_path, [two])) == [(two, "two")]
    (tmp_path / "e").symlink_to("nowhere")
    (tmp_path / "f").write_bytes(b"caf\xe9")
    assert list(find_texts(tmp_path, iter([one]))) == [(one, "one")]


def test_texts_wanted_and_not():
    assert list(find_texts(ROOT / "annotations", [])) == []


def test_a_text_that_is_not_utf_8_is_named(tmp_path):
    import hashlib

    (tmp_path / "a.txt").write_bytes(b"caf\xe9")
    with pytest.raises(AnnotationError, match=r"a\.txt: "):
        list(find_texts(tmp_path, [hashlib.sha256(b"caf\xe9").hexdigest()]))


def test_a_folder_of_texts_that_does_not_exist_is_named(tmp_path):
    path = written(tmp_path / "a.jsonl", STANDOFF)
    with pytest.raises(AnnotationError, match=f"^{tmp_path}/nowhere: no such folder of texts$"):
        read_annotations([path], tmp_path / "nowhere")
    whole = written(tmp_path / "b.jsonl", DATA)
    assert [each.id for each in read_annotations([whole], tmp_path / "nowhere")[0]] == ["one"]


# --- schema beside the files --------------------------------------------------------------

OWN = '[hype]\ndefinition = "d"\nunit = "phrase"\n'


def test_schema_beside_the_files_or_above(tmp_path):
    (tmp_path / "deep").mkdir()
    path = written(tmp_path / "deep" / "a.jsonl", DATA)
    assert len(find_schema([path]).names) == 10
    (tmp_path / "schema.toml").write_text(OWN)
    assert find_schema([path]).names == ("hype",)
    assert find_schema([tmp_path / "deep"]).names == ("hype",)
    (tmp_path / "deep" / "schema.toml").write_text(OWN.replace("hype", "near"))
    assert find_schema([path]).names == ("near",)
    assert len(find_schema([]).names) == 10


def test_a_schema_two_folders_above_is_found_and_no_higher(tmp_path, monkeypatch):
    (tmp_path / "a" / "b" / "c").mkdir(parents=True)
    (tmp_path / "schema.toml").write_text(OWN)
    assert find_schema([tmp_path / "a" / "b"]).names == ("hype",)
    assert len(find_schema([tmp_path / "a" / "b" / "c"]).names) == 10
    assert find_schema([tmp_path / "a" / "b" / "c", tmp_path / "a"]).names == ("hype",)
    monkeypatch.chdir(tmp_path / "a" / "b")
    assert find_schema([Path()]).names == find_schema([Path("x.jsonl")]).names == ("hype",)


def test_a_broken_schema_is_named(tmp_path):
    (tmp_path / "schema.toml").write_text("[hype")
    with pytest.raises(AnnotationError, match=r"schema\.toml"):
        find_schema([tmp_path])


# --- datasets -----------------------------------------------------------------------------


@pytest.fixture
def documents():
    second = {**DATA, "id": "test one", "meta": {"split": "test", "topic": 3, "extra": "lost"}}
    return [from_dict(DATA, ""), from_dict(second, ""), from_dict(STANDOFF, "")]


def test_datasets_declare_their_features(documents):
    from datasets import ClassLabel, List, Value

    dataset = to_dataset(documents, SCHEMA)
    assert set(dataset.features) == {"id", "text", "sha256", "chars", "spans", "meta"}
    assert isinstance(dataset.features["spans"], List)
    assert dataset.features["spans"].feature["label"] == ClassLabel(names=["loaded", "verdict"])
    assert dataset.features["chars"] == Value("int32")
    assert [dataset.features[name] for name in ("id", "text", "sha256")] == [Value("string")] * 3
    span = dataset.features["spans"].feature
    assert list(span) == ["start", "end", "label"]
    assert span["start"] == span["end"] == Value("int32")
    known = {name: Value("string") for name in META_KEYS} | {DENSE: Value("bool")}
    assert dataset.features["meta"] == known
    assert META_KEYS == ("genre", "outlet", "topic", "date", "license", "group", "split")
    assert label_names(dataset) == ["loaded", "verdict"]
    assert dataset[0]["spans"] == [
        {"start": 0, "end": 16, "label": 1}, {"start": 4, "end": 8, "label": 0},
    ]  # fmt: skip
    assert dataset[2]["text"] is None
    assert dataset[2]["sha256"] == text_hash(TEXT)


def test_datasets_come_back(documents):
    found = from_dataset(to_dataset(documents, SCHEMA))
    assert [each.id for each in found] == [each.id for each in documents]
    assert [each.text for each in found] == [TEXT, TEXT, None]
    assert [each.marks for each in found] == [each.marks for each in documents]
    assert found[0].meta == documents[0].meta
    assert found[1].meta == {"split": "test", "topic": "3"}
    assert found[1].where == "dataset row 1"


def test_datasets_keep_what_was_written_to_be_dense(documents):
    dense = [replace(each, meta={**each.meta, "dense": True}) for each in documents[:2]]
    found = from_dataset(to_dataset([*dense, documents[2]], SCHEMA))
    assert [each.meta.get("dense") for each in found] == [True, True, None]


def test_rows_of_a_dataset(documents):
    one, two, three = to_dataset(documents, SCHEMA)
    meta = dict.fromkeys((*META_KEYS, DENSE))
    assert one == {
        "id": "one", "text": TEXT, "sha256": text_hash(TEXT), "chars": len(TEXT),
        "spans": [{"start": 0, "end": 16, "label": 1}, {"start": 4, "end": 8, "label": 0}],
        "meta": meta | {"genre": "news", "license": "CC0-1.0", "group": "g"},
    }  # fmt: skip
    assert two["meta"] == meta | {"split": "test", "topic": "3"}
    assert three["meta"] == meta
    assert (three["id"], three["text"], three["chars"]) == ("two", None, len(TEXT))


def test_rows_may_lack_what_is_optional():
    from datasets import Dataset

    rows = [
        {"text": "ab", "spans": [{"start": 0, "end": 1, "label": "x"}]},
        {"text": "c", "spans": None},
    ]
    found = from_dataset(Dataset.from_list(rows))
    assert [each.id for each in found] == [text_hash("ab")[:16], text_hash("c")[:16]]
    assert [each.marks for each in found] == [(Mark(0, 1, "x"),), ()]
    assert [each.meta for each in found] == [{}, {}]
    with pytest.raises(AnnotationError, match="dataset row 0: neither text nor sha256 and chars"):
        from_dataset(Dataset.from_list([{"text": None, "spans": []}]))


def test_names_are_those_of_class_labels_in_a_list_of_spans():
    from datasets import ClassLabel, Dataset, Features, LargeList, List, Value

    place = {"start": Value("int32"), "end": Value("int32")}
    row = {"text": "ab", "spans": [{"start": 0, "end": 1, "label": "b"}]}
    for kind in (List, LargeList):
        for label, names in ((ClassLabel(names=["a", "b"]), ["a", "b"]), (Value("string"), None)):
            features = Features({"text": Value("string"), "spans": kind(place | {"label": label})})
            dataset = Dataset.from_list([row], features=features)
            assert label_names(dataset) == names
            assert from_dataset(dataset)[0].marks == (Mark(0, 1, "b"),)
    assert label_names(Dataset.from_dict({"spans": ["none"]})) is None


def test_datasets_by_split(documents):
    found = to_dataset_dict(documents, SCHEMA)
    assert sorted(found) == ["test", "train"]
    assert found["train"]["id"] == ["one", "two"]
    assert found["test"]["id"] == ["test one"]
    assert found["train"].features == found["test"].features


def test_splits_may_have_other_names(documents):
    third = replace(documents[0], id="three", meta={"split": "dev"})
    found = to_dataset_dict([third, *documents, replace(third, id="four")], SCHEMA)
    assert {name: part["id"] for name, part in found.items()} == {
        "train": ["one", "two"], "test": ["test one"], "dev": ["three", "four"],
    }  # fmt: skip


def test_a_split_without_documents_has_its_features():
    found = to_dataset_dict([], SCHEMA)
    assert len(found["train"]) == len(found["test"]) == 0
    assert label_names(found["test"]) == ["loaded", "verdict"]


def test_an_unknown_label_is_no_class(documents):
    other = Schema((Label("loaded", "", "phrase"),))
    with pytest.raises(ValueError, match="verdict"):
        to_dataset(documents, other)


def test_datasets_survive_parquet(documents, tmp_path):
    from datasets import Dataset

    to_dataset(documents, SCHEMA).to_parquet(tmp_path / "a.parquet")
    again = Dataset.from_parquet(str(tmp_path / "a.parquet"), cache_dir=str(tmp_path))
    assert label_names(again) == ["loaded", "verdict"]
    assert [each.marks for each in from_dataset(again)] == [each.marks for each in documents]


def test_load_dataset_reads_the_annotations(tmp_path):
    from datasets import load_dataset

    files = sorted(str(path) for path in ARTICLES.glob("*.jsonl"))
    assert len(files) > 10
    dataset = load_dataset("json", data_files=files, split="train", cache_dir=str(tmp_path))
    expected, _ = read_annotations([ARTICLES])
    found = from_dataset(dataset)
    assert label_names(dataset) is None
    assert [each.id for each in found] == [each.id for each in expected]
    assert [each.text for each in found] == [each.text for each in expected]
    assert [each.marks for each in found] == [each.marks for each in expected]
    assert [each.meta for each in found] == [each.meta for each in expected]


def test_columns_that_lack_are_named():
    from datasets import Dataset

    with pytest.raises(AnnotationError, match=r"^dataset: no column spans$"):
        from_dataset(Dataset.from_dict({"text": ["a"]}))
    with pytest.raises(AnnotationError, match=r"^dataset: no column spans, text$"):
        from_dataset(Dataset.from_dict({"id": ["a"]}))


def test_broken_rows_are_named():
    from datasets import Dataset

    rows = [{"text": "a", "spans": [{"start": 0, "end": end, "label": "loaded"}]} for end in (1, 2)]
    with pytest.raises(AnnotationError, match=r"dataset row 1: span 0-2 \(loaded\) is outside"):
        from_dataset(Dataset.from_list(rows))


def test_spans_without_labels_are_named():
    from datasets import Dataset

    rows = [{"text": "a", "spans": [{"start": 0, "end": 1}]}]
    with pytest.raises(AnnotationError, match="dataset row 0"):
        from_dataset(Dataset.from_list(rows))


def test_class_label_minus_one_is_no_label():
    from datasets import ClassLabel, Dataset, Features, List, Value

    span = {"start": Value("int32"), "end": Value("int32"), "label": ClassLabel(names=["a", "b"])}
    features = Features({"text": Value("string"), "spans": List(span)})
    rows = [{"text": "a", "spans": [{"start": 0, "end": 1, "label": -1}]}]
    with pytest.raises(AnnotationError, match="dataset row 0"):
        from_dataset(Dataset.from_list(rows, features=features))


# --- what is in the project ---------------------------------------------------------------


def test_the_projects_own_annotations_are_whole():
    documents, missing = read_annotations([ROOT / "annotations"])
    assert len(documents) > 100
    assert len(missing) > 500
    names = set(find_schema([ROOT / "annotations"]).names)
    assert {mark.label for each in documents + missing for mark in each.marks} == names
    assert all(isinstance(each, AnnotatedDocument) for each in documents)
    ids = [each.id for each in documents + missing]
    assert len(set(ids)) == len(ids)
