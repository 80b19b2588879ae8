from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import FrozenInstanceError, replace
from pathlib import Path
from typing import Any

import pytest
from conftest import of_speech
from hypothesis import given, settings
from hypothesis import strategies as st

from framing.annotations import AnnotatedDocument, Mark, text_hash, write_annotations
from framing.errors import AnnotationError
from framing.schema import Label, Schema
from framing.validation import GENRES, KINDS, WARNINGS, Problem, validate, validate_files

SCHEMA = Schema(
    (
        Label("loaded", "words that take a side", "phrase"),
        Label("verdict", "a judgement", "clause"),
        Label("scare", "words held at a distance", "phrase", quotation=True),
        Label("insert", "no part of the story", "insert"),
    )
)
META = {"genre": "news", "license": "CC0-1.0", "group": "a"}
TEXT = "The reckless mayor sold the old tram depot. A café owner objected."


def document(
    text: str | None = TEXT, *marks: Mark, name: str = "one", **meta: Any
) -> AnnotatedDocument:
    whole = TEXT if text is None else text
    return AnnotatedDocument(
        name, text, marks, META | meta, text_hash(whole), len(whole), f"some.jsonl:{name}"
    )


def mark(text: str, words: str, label: str = "loaded") -> Mark:
    start = text.index(words)
    return Mark(start, start + len(words), label)


def kinds(*documents: AnnotatedDocument) -> list[str]:
    return [problem.kind for problem in validate(documents, SCHEMA)]


def without(key: str) -> AnnotatedDocument:
    return replace(document(), meta={k: v for k, v in META.items() if k != key})


QUOTE = 'Ada Lund said: "The reckless mayor must go." She calls the so-called "reform" a fraud.'

NO = {
    "nothing": document(),
    "marks": document(TEXT, mark(TEXT, "reckless"), mark(TEXT, "A café owner objected", "verdict")),
    "labels nest": document(TEXT, mark(TEXT, "reckless mayor"), mark(TEXT, "reckless", "verdict")),
    "touching": document("bad-worse", Mark(0, 3, "loaded"), Mark(3, 9, "loaded")),
    "whole text": document("vile", Mark(0, 4, "loaded")),
    "hyphen": document("a so-called plan", mark("a so-called plan", "so")),
    "mark beside a word": document("(vile)", Mark(1, 5, "loaded")),
    "scare quotes": document(QUOTE, mark(QUOTE, '"reform"', "scare")),
    "insert in quotation": document(QUOTE, mark(QUOTE, "The reckless mayor must go", "insert")),
    "outside quotation": document(QUOTE, mark(QUOTE, "fraud")),
    "half quoted": document('He sold "it" all', mark('He sold "it" all', 'He sold "it', "verdict")),
    "standoff": document(None, Mark(3, 7, "loaded")),
    "standoff to its end": document(None, Mark(0, len(TEXT), "loaded")),
    **{genre: document(genre=genre) for genre in GENRES},
}

YES = {
    "label": ("label", document(TEXT, mark(TEXT, "reckless", "hype"))),
    "label, standoff": ("label", document(None, Mark(4, 12, "hype"))),
    "past the end": ("offset", document(TEXT, Mark(60, len(TEXT) + 1, "loaded"))),
    "past the end, standoff": ("offset", document(None, Mark(60, len(TEXT) + 1, "loaded"))),
    "negative": ("offset", document(TEXT, Mark(-4, 3, "loaded"))),
    "empty": ("offset", document(TEXT, Mark(4, 4, "loaded"))),
    "turned round": ("offset", document(TEXT, Mark(12, 4, "loaded"))),
    "begins with a space": ("white space", document(TEXT, mark(TEXT, " reckless"))),
    "ends with a space": ("white space", document(TEXT, mark(TEXT, "reckless "))),
    "ends with a line break": ("white space", document("vile\nact", Mark(0, 5, "loaded"))),
    "no-break space": ("white space", document("vile\u00a0act", Mark(0, 5, "loaded"))),
    "cuts the start": ("word", document(TEXT, mark(TEXT, "eckless"))),
    "cuts the end": ("word", document(TEXT, mark(TEXT, "reckles"))),
    "cuts a number": ("word", document("paid 4000 crowns", Mark(0, 7, "loaded"))),
    "cuts off an accent": ("word", document("cafe\u0301", Mark(0, 4, "loaded"))),
    "cuts after an accent": ("word", document("e\u0301tude", Mark(0, 2, "loaded"))),
    "overlap": ("overlap", document(TEXT, mark(TEXT, "reckless"), mark(TEXT, "reckless mayor"))),
    "overlap, not next": (
        "overlap",
        document(TEXT, Mark(0, 18, "loaded"), Mark(4, 12, "verdict"), Mark(13, 18, "loaded")),
    ),
    "same twice": ("overlap", document(TEXT, Mark(4, 12, "loaded"), Mark(4, 12, "loaded"))),
    "overlap, standoff": ("overlap", document(None, Mark(4, 12, "loaded"), Mark(11, 15, "loaded"))),
    "quoted": ("quotation", document(QUOTE, mark(QUOTE, "reckless"))),
    "mostly quoted": (
        "quotation",
        document(QUOTE, mark(QUOTE, 'said: "The reckless mayor must', "verdict")),
    ),
    "hash": ("hash", replace(document(), sha256="0" * 64)),
    "hash, standoff": ("hash", replace(document(None), sha256="no hash")),
    "chars": ("chars", replace(document(), chars=5)),
    "chars, standoff": ("chars", replace(document(None), chars=-1)),
    "no genre": ("meta", without("genre")),
    "no license": ("meta", without("license")),
    "no group": ("meta", without("group")),
    "empty license": ("meta", document(license="")),
    "license no string": ("meta", document(license=["CC0-1.0"])),
    "genre": ("genre", document(genre="gossip")),
}


@pytest.mark.parametrize("name", NO)
def test_nothing_wrong(name: str) -> None:
    assert validate([NO[name]], SCHEMA) == []


@pytest.mark.parametrize("name", YES)
def test_one_problem(name: str) -> None:
    kind, wrong = YES[name]
    (problem,) = validate([wrong], SCHEMA)
    assert (problem.where, problem.document, problem.kind) == ("some.jsonl:one", "one", kind)
    assert problem.severity == ("warning" if kind == "quotation" else "error")


OTHER = "A second text."


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        (document(OTHER, name="two", group="b"), []),
        (document(OTHER, name="one", group="b"), ["duplicate id"]),
        (document(TEXT, name="two", group="b"), ["duplicate text"]),
        (document(None, name="two", group="b"), ["duplicate text"]),
        (document(TEXT, name="one", group="b"), ["duplicate id", "duplicate text"]),
        (document(OTHER, name="two", split="train"), []),
        (document(OTHER, name="two", split="test"), ["group"]),
        (document(OTHER, name="two", group="b", split="test"), []),
    ],
)
def test_pairs(second: AnnotatedDocument, expected: list[str]) -> None:
    problems = validate([document(), second], SCHEMA)
    assert [problem.kind for problem in problems] == expected
    assert all("some.jsonl:one" in problem.message for problem in problems)


def test_every_span_that_overlaps_an_earlier_one_is_named() -> None:
    long, short, later = Mark(0, 18, "loaded"), Mark(4, 12, "loaded"), Mark(13, 18, "loaded")
    assert kinds(document(TEXT, long, short, later)) == ["overlap", "overlap"]


def test_texts_are_compared_themselves_where_they_are_known() -> None:
    second = replace(document(name="two", group="b"), sha256="0" * 64)
    assert kinds(document(), second) == ["duplicate text", "hash"]


def test_a_torn_group_is_named_once() -> None:
    parts = [document(f"Text {n}.", name=str(n), split="test" if n else "train") for n in range(4)]
    assert kinds(*parts) == ["group"]


def test_every_kind_has_its_examples() -> None:
    shown = {kind for kind, _ in YES.values()} | {"duplicate id", "duplicate text", "group"}
    assert shown | {"line", "text"} == set(KINDS)  # these two are of files, below
    assert set(KINDS) >= WARNINGS


def test_quotation_is_judged_in_the_right_document() -> None:
    quoted = document(QUOTE, mark(QUOTE, "reckless"), name="q", group="b")
    plain = document(TEXT, mark(TEXT, "reckless"))
    standoff = document(None, Mark(4, 12, "loaded"), name="s", group="c")
    standoff = replace(standoff, sha256="1" * 64)
    found = validate([standoff, plain, quoted], SCHEMA)
    assert [(problem.document, problem.kind) for problem in found] == [("q", "quotation")]


def test_labels_of_speech_are_marked_in_quotation_without_a_warning() -> None:
    quoted = document(QUOTE, mark(QUOTE, "reckless"))
    assert [problem.kind for problem in validate([quoted], SCHEMA)] == ["quotation"]
    assert validate([quoted], of_speech(SCHEMA)) == []


def test_problem_is_frozen_plain_and_one_line() -> None:
    wrong = document("odd\nwords", Mark(0, 9, "new\nlabel"), name="a\nb")
    (problem,) = validate([wrong], SCHEMA)
    assert "\n" not in problem.message
    assert str(problem).count("\n") == 0
    assert str(problem).endswith("[label]")
    assert problem.to_dict() == {
        "where": "some.jsonl:a\nb",
        "document": "a\nb",
        "kind": "label",
        "message": problem.message,
        "severity": "error",
    }
    with pytest.raises(FrozenInstanceError):
        problem.kind = "word"  # type: ignore[misc]


def test_str_names_place_document_and_severity() -> None:
    shown = str(Problem("a.jsonl:3", "x", "quotation", "it is quoted"))
    assert shown == "a.jsonl:3: x: warning: it is quoted [quotation]"
    assert str(Problem("", "x", "word", "cut")) == "x: error: cut [word]"


@settings(deadline=None)
@given(
    st.text(max_size=30),
    st.lists(
        st.tuples(st.integers(-3, 35), st.integers(-3, 35), st.sampled_from(["loaded", "scare"]))
    ),
)
def test_any_marks_can_be_checked(text: str, spans: list[tuple[int, int, str]]) -> None:
    problems = validate([document(text, *(Mark(*span) for span in spans))], SCHEMA)
    outside = sum(not 0 <= start < end <= len(text) for start, end, _ in spans)
    assert sum(problem.kind == "offset" for problem in problems) == outside
    assert all(problem.kind in KINDS and "\n" not in problem.message for problem in problems)


# --- files --------------------------------------------------------------------------------


def line(**changes: Any) -> str:
    data = {"id": "x", "text": TEXT, "spans": [], "meta": META} | changes
    return json.dumps({key: value for key, value in data.items() if value is not ...})


def written(folder: Path, *lines: str | bytes) -> Path:
    path = folder / "some.jsonl"
    path.write_bytes(b"\n".join(x if isinstance(x, bytes) else x.encode() for x in lines))
    return path


SPAN = {"start": 4, "end": 12, "label": "loaded"}


@pytest.mark.parametrize(
    ("broken", "kind", "says"),
    [
        ("{", "line", "no JSON"),
        ("[1]", "line", "object"),
        ("9" * 5000, "line", ""),
        ("[" * 100_000, "line", "no JSON"),
        (b'{"id": "\xff"}', "line", "UTF-8"),
        (line(text=3), "line", "text"),
        (line(text=...), "line", "sha256"),
        (line(meta=[1]), "line", "meta"),
        (line(spans={"a": 1}), "line", "spans"),
        (line(spans=[SPAN | {"start": "4"}]), "line", "whole numbers"),
        (line(spans=[SPAN | {"label": 4}]), "line", "label"),
        (line(spans=[SPAN | {"end": True}]), "line", "whole numbers"),
        (line(spans=[SPAN | {"end": 999}]), "offset", "999"),
        (line(text=..., sha256="0" * 64, chars=3, spans=[SPAN]), "offset", "4-12"),
        (line(sha256="0" * 64), "hash", "sha256"),
        (line(chars=3), "chars", str(len(TEXT))),
        (line(spans=[SPAN | {"label": "hype"}]), "label", "hype"),
    ],
)
def test_a_broken_line_is_a_problem_and_the_rest_is_read(
    tmp_path: Path, broken: str | bytes, kind: str, says: str
) -> None:
    last = line(id="y", text=OTHER, meta=META | {"genre": "gossip"})
    path = written(tmp_path, "", broken, "  ", last)
    problems, n_documents = validate_files([path], None, SCHEMA)
    assert [problem.kind for problem in problems] == [kind, "genre"]
    assert [problem.where for problem in problems] == [f"{path}:2", f"{path}:4"]
    assert [problem.document for problem in problems] == ["" if kind == "line" else "x", "y"]
    assert says in problems[0].message
    assert not problems[0].message.startswith(str(path))
    assert "\n" not in problems[0].message
    assert n_documents == (1 if kind == "line" else 2)


def test_what_stands_beside_a_stray_span_is_checked(tmp_path: Path) -> None:
    spans = [SPAN | {"end": 999}, SPAN | {"end": 11}, SPAN | {"start": -1}]
    path = written(tmp_path, line(spans=spans, sha256="0" * 64, chars=1))
    problems, n_documents = validate_files([path], None, SCHEMA)
    assert [problem.kind for problem in problems] == ["chars", "hash", "offset", "offset", "word"]
    assert n_documents == 1


def test_good_files(tmp_path: Path) -> None:
    documents = [document(), document(OTHER, name="two", group="b")]
    write_annotations(tmp_path / "a.jsonl", documents)
    assert validate_files([tmp_path], None, SCHEMA) == ([], 2)


def test_windows_line_ends(tmp_path: Path) -> None:
    path = written(tmp_path, line() + "\r", line(id="y", text=OTHER) + "\r", "\r")
    assert validate_files([path], None, SCHEMA) == ([], 2)


def test_problems_come_in_order_of_files_and_lines(tmp_path: Path) -> None:
    gossip = META | {"genre": "gossip"}
    (tmp_path / "b.jsonl").write_text(f"{line(meta=gossip)}\n{{\n", encoding="utf-8")
    (tmp_path / "a.jsonl").write_text(f"{{\n{line(id='y', text=OTHER, meta=gossip)}")
    problems, n_documents = validate_files(
        [tmp_path / "b.jsonl", tmp_path / "a.jsonl"], None, SCHEMA
    )
    places = [f"{tmp_path / name}:{n}" for name in ("b.jsonl", "a.jsonl") for n in (1, 2)]
    assert [problem.where for problem in problems] == places
    assert [problem.kind for problem in problems] == ["genre", "line", "line", "genre"]
    assert n_documents == 2


def test_standoff_texts(tmp_path: Path) -> None:
    texts = tmp_path / "texts"
    texts.mkdir()
    (texts / "one.txt").write_bytes(TEXT.encode())
    there = document(TEXT, mark(TEXT, "eckless"))
    lost = document(OTHER, name="two", group="b")
    path = tmp_path / "standoff.jsonl"
    write_annotations(path, [lost, there], text=False)

    problems, n_documents = validate_files([path], texts, SCHEMA)
    assert [(problem.document, problem.kind) for problem in problems] == [
        ("two", "text"),
        ("one", "word"),
    ]
    assert problems[0].severity == "warning"
    assert n_documents == 2

    assert validate_files([path], None, SCHEMA) == ([], 2)  # nobody said where texts are


def test_standoff_length_is_compared_with_the_text_found(tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_bytes(TEXT.encode())
    path = written(tmp_path, line(text=..., sha256=text_hash(TEXT), chars=len(TEXT) + 9))
    problems, _ = validate_files([path], tmp_path, SCHEMA)
    assert [problem.kind for problem in problems] == ["chars"]


def test_a_file_that_cannot_be_read_is_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, line())
    read_bytes: Callable[[Path], bytes] = Path.read_bytes

    def refuse(self: Path) -> bytes:
        if self == path:
            raise PermissionError(13, "Permission denied")
        return read_bytes(self)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    problems, n_documents = validate_files([path], None, SCHEMA)
    assert [(problem.where, problem.kind) for problem in problems] == [(str(path), "line")]
    assert "Permission denied" in problems[0].message
    assert n_documents == 0


def test_a_missing_path_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(AnnotationError, match=r"nowhere\.jsonl"):
        validate_files([tmp_path / "nowhere.jsonl"], None, SCHEMA)
