"""Formats of other tools: their own examples, round trips, offsets, and what goes wrong."""

from __future__ import annotations

import json
import logging
import re
import shutil
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from framing.annotations import AnnotatedDocument, from_dict
from framing.errors import AnnotationError
from framing.formats import FORMATS, brat, guess_format, read, write
from framing.formats.offsets import QuotedSpan, to_spans

DATA = Path(__file__).parent / "data" / "formats"
READ = [name for name, one in FORMATS.items() if one.read]

Found = tuple[str, str, str | None]  # words, label, annotator


def found(document: AnnotatedDocument) -> list[Found]:
    assert document.text is not None
    return [(document.text[m.start : m.end], m.label, m.annotator) for m in document.marks]


def document(text: str, *spans: tuple[Any, ...], **rest: Any) -> AnnotatedDocument:
    keys = ("start", "end", "label", "annotator")
    given_spans = [dict(zip(keys, span, strict=False)) for span in spans]
    return from_dict({"id": "one", "text": text, "spans": given_spans} | rest, "test")


# --- the tools' own examples, each with an emoji, CRLF and a byte order mark -----------------

LOADED = ("reckless", "loaded_language", None)
VAGUE = ("reportedly", "vague_attribution", None)
FERRY = "Ferry row 🚢 deepens\r\nThe reckless board reportedly knew."


def test_prodigy_example(caplog: pytest.LogCaptureFixture) -> None:
    first, second = read(DATA / "prodigy.jsonl", "jsonl")
    assert first.text == FERRY
    assert found(first) == [
        ("reckless", "loaded_language", "desk-ines"),
        ("reportedly knew", "vague_attribution", "desk-ines"),
    ]
    assert first.meta == {}
    assert (second.text, second.marks, second.meta) == (
        "The pier opened at nine.",
        (),
        {"genre": "news"},
    )
    assert "1 rejected and 1 ignored" in caplog.text


def test_label_studio_example(caplog: pytest.LogCaptureFixture) -> None:
    town, calm = read(DATA / "label_studio.json", "label-studio")
    assert (town.id, town.meta) == ("41", {"outlet": "The Invented Courier", "genre": "news"})
    assert found(town) == [
        ("trumpets\r\nplan", "loaded_attribution", "5"),
        ("insiders say", "vague_attribution", "ines@example.org"),
        ("doomed", "loaded_language", "ines@example.org"),
        ("doomed", "sensationalism", "ines@example.org"),
        ("🤡 disgrace", "loaded_language", "5"),
    ]
    assert (calm.id, calm.marks) == ("43", ())
    assert "2 cancelled annotations and 1 tasks" in caplog.text


@pytest.mark.parametrize(
    ("file", "ids", "meta"),
    [
        ("doccano.jsonl", ["12", "13"], {"outlet": "The Invented Courier"}),
        ("doccano_relations.jsonl", ["14", "15"], {}),
    ],
)
def test_doccano_examples(file: str, ids: list[str], meta: dict[str, str]) -> None:
    first, second = read(DATA / file, "doccano")
    assert [first.id, second.id] == ids
    assert (first.text, first.meta) == (FERRY, meta)
    assert found(first) == [LOADED, VAGUE]
    assert (second.text, second.marks) == ("The pier opened at nine.", ())


def test_brat_example(caplog: pytest.LogCaptureFixture) -> None:
    ferry, pier = read(DATA / "brat", "brat")
    assert ferry.id == "north/ferry"
    assert ferry.text == (
        "\ufeffFerry row 🚢 deepens\r\nThe reckless\r\n  board reportedly knew.\r\n"
    )
    assert found(ferry) == [
        ("deepens", "sensationalism", None),
        ("reckless\r\n  board", "loaded_language", None),
        VAGUE,
    ]
    assert (pier.id, pier.marks) == ("pier", ())
    assert "1 texts without .ann file" in caplog.text


@pytest.mark.parametrize("name", ["ferry.ann", "ferry.txt"])
def test_one_file_of_brat(name: str) -> None:
    (ferry,) = read(DATA / "brat" / "north" / name, "brat")
    assert (ferry.id, len(ferry.marks)) == ("ferry", 3)


TECHNIQUES = [
    ("reckless", "Loaded_Language", None),
    ("reckless board", "Name_Calling,Labeling", None),
    ("must be blind", "Doubt", None),
]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (".", TECHNIQUES),
        ("train-task-flc-tc.labels", TECHNIQUES),
        ("train-labels-task-flc-tc", TECHNIQUES[:2]),
        (
            "train-labels-task-si",
            [("reckless board", "propaganda", None), ("must be blind", "propaganda", None)],
        ),
    ],
)
def test_ptc_example(path: str, expected: list[Found], caplog: pytest.LogCaptureFixture) -> None:
    first, second = read(DATA / "ptc" / path, "ptc")
    assert first.text == "\ufeffFerry row 🚢 deepens\r\n\r\nThe reckless board must be blind.\r\n"
    assert found(first) == expected
    assert (second.id, second.marks) == ("7002", ())
    assert "1 articles without labels left out" in caplog.text


# --- what is written ------------------------------------------------------------------------


def place(text: str, words: str) -> tuple[int, int]:
    start = text.index(words)
    return start, start + len(words)


def samples() -> list[AnnotatedDocument]:
    text = "\ufeffFerry row 🚢 deepens\r\nThe so-called\r\nreckless board, critics say, must go."
    ferry = document(
        text,
        (*place(text, "so-called\r\nreckless"), "loaded_language", "ines@example.org"),
        (*place(text, "reckless board"), "editorializing", "5"),
        (*place(text, "critics say"), "vague_attribution", "5"),
        id="courier/7",
        meta={"genre": "news"},
    )
    return [ferry, document("The pier opened at nine.\n", id="pier")]


WRITTEN = {
    "jsonl": "documents.jsonl",
    "label-studio": "label_studio.json",
    "doccano": "doccano.jsonl",
    "brat": "brat",
    "ptc": "ptc",
    "web-annotation": "web_annotation.jsonld",
    "conll": "documents.conllup",
}


def contents(path: Path) -> dict[str, bytes]:
    inside = sorted(path.rglob("*")) if path.is_dir() else [path]
    return {str(file.relative_to(path)): file.read_bytes() for file in inside if file.is_file()}


@pytest.mark.parametrize("name", FORMATS)
def test_written_files_are_as_recorded(name: str, tmp_path: Path) -> None:
    target = tmp_path / "made" / WRITTEN[name]
    write(iter(samples()), target, name)
    assert contents(target) == contents(DATA / "written" / WRITTEN[name])


@pytest.mark.parametrize("name", READ)
def test_recorded_files_are_guessed_and_read(name: str) -> None:
    path = DATA / "written" / WRITTEN[name]
    assert guess_format(path) == name
    kept = {"jsonl": 2, "label-studio": 2, "doccano": 1}.get(name, 0)
    expected = samples()
    if kept < 2:
        expected = [
            document(d.text or "", *((m.start, m.end, m.label) for m in d.marks), id=d.id)
            for d in expected
        ]
    again = read(path, name)
    assert [(d.id, d.text, found(d)) for d in again] == [(d.id, d.text, found(d)) for d in expected]
    assert again[0].meta == (samples()[0].meta if kept else {})


# --- round trips ----------------------------------------------------------------------------

PIECES = ["word", "🚢", "é", "\r\n", "\n", "\r", " ", "\t", "\ufeff", "\u2028", "\x85", "\\n", "#"]
TEXTS = st.lists(st.sampled_from(PIECES) | st.characters(exclude_categories=["Cs"])).map("".join)
IDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)


@st.composite
def documents(draw: st.DrawFn) -> AnnotatedDocument:
    text = draw(TEXTS)
    offsets = st.tuples(*[st.integers(0, len(text))] * 2).map(sorted).filter(lambda x: x[0] < x[1])
    label = st.sampled_from(["loaded_language", "doubt", "Name_Calling,Labeling"])
    who = st.sampled_from([None, "5", "007", "ines@example.org", "Ines"])
    spans = draw(st.lists(st.tuples(offsets, label, who), max_size=4)) if text else []
    meta = draw(st.dictionaries(st.sampled_from(["genre", "outlet", "split"]), st.text()))
    given_spans = [(start, end, name, by) for (start, end), name, by in spans]
    return document(text, *given_spans, id=draw(IDS), meta=meta)


def holds(made: AnnotatedDocument, name: str) -> bool:
    """Whether a format can hold the spans: brat parts them at line breaks."""
    breaks = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"

    def edge(words: str) -> bool:
        spaces = (words[: len(words) - len(words.lstrip())], words[len(words.rstrip()) :])
        return any(mark in breaks for run in spaces for mark in run)

    text = made.text or ""
    return name != "brat" or not any(edge(text[m.start : m.end]) for m in made.marks)


@pytest.mark.parametrize("name", READ)
@given(made=st.lists(documents(), max_size=3, unique_by=lambda one: one.id))
@settings(max_examples=150, deadline=None)
def test_what_is_written_is_read(name: str, made: list[AnnotatedDocument]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "out"
        if not all(holds(one, name) for one in made):
            with pytest.raises(AnnotationError, match="begins or ends with a line break"):
                write(made, path, name)
            assert not path.exists()
            return
        write(made, path, name)
        if not made and name in ("brat", "ptc"):
            assert not path.exists()
            return
        again = {one.id: one for one in read(path, name)}
    assert len(again) == len(made)
    for one in made:
        other = again[one.id]
        assert other.text == one.text
        assert Counter(other.marks) == Counter(one.marks)
        if name in ("jsonl", "label-studio"):
            assert Counter(found(other)) == Counter(found(one))
        if name in ("jsonl", "label-studio", "doccano"):
            assert other.meta == one.meta


def test_a_label_studio_file_may_hold_one_task(tmp_path: Path) -> None:
    path = tmp_path / "task.json"
    write([document("A calm day.", (2, 6, "doubt"))], path, "label-studio")
    (task,) = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(task), encoding="utf-8")
    assert found(read(path, "label-studio")[0]) == [("calm", "doubt", None)]


@given(made=st.lists(documents(), max_size=3))
@settings(max_examples=100, deadline=None)
def test_web_annotations_select_the_words(made: list[AnnotatedDocument]) -> None:
    with TemporaryDirectory() as folder:
        write(made, Path(folder) / "page", "web-annotation")
        page = json.loads((Path(folder) / "page").read_text(encoding="utf-8"))
    marks = [(one, mark) for one in made for mark in one.marks]
    assert len(page["items"]) == len(marks)
    for item, (one, mark) in zip(page["items"], marks, strict=True):
        position, quote = item["target"]["selector"]
        text = one.text or ""
        assert (position["start"], position["end"]) == (mark.start, mark.end)
        assert quote["exact"] == text[mark.start : mark.end]
        assert text[: mark.start].endswith(quote["prefix"])
        assert text[mark.end :].startswith(quote["suffix"])
        assert len(quote["prefix"]) == min(32, mark.start)
        assert item["body"]["value"] == mark.label
        assert item.get("creator", {}).get("name") == mark.annotator


Row = tuple[str, int, int, list[str]]


def conll(one: AnnotatedDocument) -> tuple[list[str], list[Row]]:
    """Label columns and rows of the file that is written for a document."""
    with TemporaryDirectory() as folder:
        write([one], Path(folder) / "out", "conll")
        lines = (Path(folder) / "out").read_bytes().decode("utf-8").split("\n")
    assert lines[1].startswith("# newdoc id = ")
    rows = [line.split("\t") for line in lines[2:] if line]
    return lines[0].split(" ")[7:], [(r[1], int(r[2]), int(r[3]), r[4:]) for r in rows]


def chunks(rows: list[Row], column: int) -> Counter[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    for _, start, end, labels in rows:
        if labels[column].startswith("B-"):
            spans.append((start, end))
        elif labels[column].startswith("I-"):
            spans[-1] = (spans[-1][0], end)
    return Counter(spans)


@given(made=documents())
@settings(max_examples=200, deadline=None)
def test_conll_columns_hold_every_span(made: AnnotatedDocument) -> None:
    bare = document(made.text or "", id=made.id)
    _, tokens = conll(bare)
    words = re.sub(r"[\s\ufeff\u2060]+", "", made.text or "")
    assert "".join(form for form, *_ in tokens) == words
    assert all((made.text or "")[start:end] == form for form, start, end, _ in tokens)
    touched = {
        mark: [(s, e) for _, s, e, _ in tokens if s < mark.end and mark.start < e]
        for mark in made.marks
    }
    shared = Counter(
        (mark.label, token) for mark, touching in touched.items() for token in touching
    )
    if not all(touched.values()) or any(number > 1 for number in shared.values()):
        with pytest.raises(AnnotationError, match="CoNLL cannot hold"):
            conll(made)
        return
    labels, rows = conll(made)
    assert labels == sorted({mark.label for mark in made.marks})
    for column, label in enumerate(labels):
        expected = {
            (touching[0][0], touching[-1][1])
            for mark, touching in touched.items()
            if mark.label == label
        }
        assert chunks(rows, column) == Counter(expected)


def test_conll_keeps_nested_labels_apart() -> None:
    labels, rows = conll(document("a grim and bad day", (2, 14, "doubt"), (11, 14, "bias")))
    assert labels == ["bias", "doubt"]
    assert [row[3] for row in rows] == [
        ["O", "O"],
        ["O", "B-doubt"],
        ["O", "I-doubt"],
        ["B-bias", "I-doubt"],
        ["O", "O"],
    ]


def test_conll_writes_a_span_of_two_annotators_once() -> None:
    _, rows = conll(document("a grim day", (2, 6, "doubt", "ines"), (2, 6, "doubt", "ana")))
    assert [row[3] for row in rows] == [["O"], ["B-doubt"], ["O"]]


# --- offsets --------------------------------------------------------------------------------

TALE = "\ufeffOne 🚢 sails\r\nTwo 🎺 blow\nThree\r\ncoats burn 🔥 bright\nend"
QUOTES = ["sails", "Two 🎺", "coats burn", "🔥 bright", "end"]


def counted(text: str, place: int, *, utf16: bool, crlf: int, lf: int, bom: bool) -> int:
    """Offset of a place as another tool counts it."""
    before = text[:place]
    if not bom:
        before = before.removeprefix("\ufeff")
    units = len(before.encode("utf-16-le")) // 2 if utf16 else len(before)
    pairs = before.count("\r\n")
    return units + (crlf - 2) * pairs + (lf - 1) * (before.count("\n") - pairs)


@pytest.mark.parametrize("bom", [True, False])
@pytest.mark.parametrize("utf16", [True, False])
@pytest.mark.parametrize(("crlf", "lf"), [(2, 1), (1, 1), (2, 2)])
def test_every_way_of_counting_is_read(utf16: bool, crlf: int, lf: int, bom: bool) -> None:
    def count(place: int) -> int:
        return counted(TALE, place, utf16=utf16, crlf=crlf, lf=lf, bom=bom)

    quoted, expected = [], []
    for words in QUOTES:
        start, end = place(TALE, words)
        quoted.append(QuotedSpan(((count(start), count(end)),), "doubt", words))
        expected.append({"start": start, "end": end, "label": "doubt"})
    assert to_spans(TALE, quoted, "test") == expected
    unquoted = QuotedSpan(quoted[-2].parts, "bias")  # goes the way of the others
    assert to_spans(TALE, [*quoted, unquoted], "test")[-1] == expected[-2] | {"label": "bias"}


@given(
    made=documents(),
    utf16=st.booleans(),
    way=st.sampled_from([(2, 1), (1, 1), (2, 2)]),
    bom=st.booleans(),
)
@settings(max_examples=300, deadline=None)
def test_no_span_is_read_as_other_words(
    made: AnnotatedDocument,
    utf16: bool,
    way: tuple[int, int],
    bom: bool,
) -> None:
    text = made.text or ""
    torn = {i + 1 for i in range(len(text)) if text[i : i + 2] == "\r\n"}  # inside a CRLF
    assume(not any({mark.start, mark.end} & torn for mark in made.marks))
    assume(bom or not any(text[: mark.start + 1] == "\ufeff" for mark in made.marks))

    def count(place: int) -> int:
        return counted(text, place, utf16=utf16, crlf=way[0], lf=way[1], bom=bom)

    quoted = [
        QuotedSpan(((count(mark.start), count(mark.end)),), mark.label, text[mark.start : mark.end])
        for mark in made.marks
    ]
    try:
        spans = to_spans(text, quoted, "test")
    except AnnotationError as error:
        if "several ways" not in str(error):
            raise
        return
    for span, mark in zip(spans, made.marks, strict=True):
        words = text[span["start"] : span["end"]]
        assert words.split() == text[mark.start : mark.end].split()


@pytest.mark.parametrize(
    "quote",
    ["bad\\nboard", "bad\\n\\nboard", "bad board", "badboard", "bad\nboard", "bad\r\nboard"],
)
def test_line_breaks_in_quotations_may_be_written_otherwise(quote: str) -> None:
    text = "A bad\r\nboard ran."
    span = QuotedSpan(((2, 12),), "doubt", quote)
    assert to_spans(text, [span], "test") == [{"start": 2, "end": 12, "label": "doubt"}]


@pytest.mark.parametrize("quote", ["bad\n", "bad\r\n", "bad", "bad\\n"])
def test_line_breaks_at_the_end_may_be_written_otherwise(quote: str) -> None:
    span = QuotedSpan(((2, 7),), "doubt", quote)
    expected = {"start": 2, "end": 7, "label": "doubt"}
    assert to_spans("A bad\r\nboard ran.", [span], "test") == [expected]


@pytest.mark.parametrize(
    ("start", "end", "quote"),
    [
        (2, 5, "Bad"),
        (3, 6, "bad"),
        (1, 5, "bad"),
        (2, 12, "bad boards"),
        (13, 16, "board"),
        (13, 99, "ran"),
        (1, 12, "bad\\nboard"),
        (5, 2, "bad"),
    ],
)
def test_other_words_are_an_error(start: int, end: int, quote: str) -> None:
    span = QuotedSpan(((start, end),), "doubt", quote)
    with pytest.raises(AnnotationError, match=r"here: span .*doubt.*correct the offsets"):
        to_spans("A bad\r\nboard ran.", [span], "here")


def test_readings_that_disagree_are_an_error() -> None:
    text = "🚢 x\r\nyy zz"  # 2-3 is x; in UTF-16 3-4
    first = QuotedSpan(((3, 4),), "doubt", "x")
    assert to_spans(text, [first], "test")[0]["start"] == 2
    with pytest.raises(AnnotationError, match="several ways"):
        to_spans(text, [first, QuotedSpan(((6, 8),), "bias")], "test")


def test_without_quotations_offsets_are_code_points() -> None:
    assert to_spans(TALE, [QuotedSpan(((5, 6),), "doubt")], "test") == [
        {"start": 5, "end": 6, "label": "doubt"}
    ]


def test_brat_reads_parts_in_any_order_and_the_old_way_of_joining(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("One 🚢 bad\nboard".encode())
    (tmp_path / "a.ann").write_text("T1\tdoubt 6 9;10 15\tbad board\nT2\tbias 4 5\t🚢\n")
    assert found(read(tmp_path, "brat")[0]) == [
        ("🚢", "bias", None),
        ("bad\nboard", "doubt", None),
    ]


# --- what goes wrong ------------------------------------------------------------------------


def put(path: Path, content: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not isinstance(content, str):
        content = json.dumps(content)
    path.write_bytes(content.encode("utf-8", "surrogatepass"))
    return path


def task(**changes: Any) -> dict[str, Any]:
    """A Label Studio task; `None` takes a key away."""
    value = {"start": 2, "end": 6, "text": "grim", "labels": ["doubt"]}
    value |= changes.pop("value", {})
    result = {"type": changes.pop("kind", "labels"), "value": value}
    body: dict[str, Any] = {
        "id": 8,
        "data": {"text": "A grim day"},
        "annotations": [{"result": [result]}],
    }
    return {key: one for key, one in (body | changes).items() if one is not None}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "no JSON"),
        ("7", "list of tasks"),
        ([[]], "task 1: no data.text"),
        ([task(data={"body": "x"})], "task 8: no data.text"),
        ([task(annotations=None)], "task 8: no list of annotations"),
        ([task(value={"text": "grin"})], "task 8: span 2-6 .*'grin', but there stands 'grim'"),
        ([task(value={"labels": []})], "task 8: the region 2-6 has no label"),
        ([task(value={"labels": None})], "task 8: the region 2-6 has no label"),
        ([task(value={"start": 2.5})], "task 8: start and end"),
        ([task(value={"start": "2"})], "task 8: start and end"),
        ([task(value={"text": None, "end": 40})], "task 8: span 2-40 .*outside"),
        ([task(kind="hypertextlabels")], "task 8: a region of type hypertextlabels"),
    ],
)
def test_broken_label_studio(content: Any, message: str, tmp_path: Path) -> None:
    path = put(tmp_path / "export.json", content)
    with pytest.raises(AnnotationError, match=rf"export\.json.*{message}"):
        read(path, "label-studio")


def test_label_studio_of_old_and_results_that_are_no_spans(tmp_path: Path) -> None:
    old = task(annotations=None)
    old["completions"] = task()["annotations"]
    path = put(tmp_path / "old.json", [old, task(kind="choices")])
    first, second = read(path, "label-studio")
    assert (found(first), second.marks) == ([("grim", "doubt", None)], ())


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("[]", "2: a record is an object"),
        ('{"label": []}', "2: no text"),
        ('{"text": "x"}', "2: neither label nor entities"),
        ('{"text": "x", "label": "sad"}', "2: label is a list"),
        ('{"text": "x", "label": ["sad"]}', "2: a span is"),
        ('{"text": "x", "label": [[0, 9, "a"]]}', "2: span 0-9 .*outside"),
        ('{"text": "x", "entities": [{"start_offset": 0, "label": "a"}]}', "2: start and end"),
        ('{"text": "x", "entities": [{"start_offset": 0, "end_offset": 1}]}', "2: a span needs"),
    ],
)
def test_broken_doccano(line: str, message: str, tmp_path: Path) -> None:
    path = put(tmp_path / "export.jsonl", '{"text": "", "label": null}\n' + line)
    with pytest.raises(AnnotationError, match=rf"export\.jsonl:{message}"):
        read(path, "doccano")


@pytest.mark.parametrize(
    ("annotations", "message"),
    [
        ("T1\tdoubt 2 6\tgrin\n", "a.ann: span 2-6 .*'grin'"),
        ("T1\tdoubt 2 6;7 10\tgrim day\nT2\tdoubt 0 1;7 10\tA day\n", "span 0-1;7-10 .*disconti"),
        ("T1\tdoubt 2 6;4 10\tgrim im day\n", "discontinuous"),
        ("T1\tdoubt 2 60\n", "a.ann: span 2-60 .*outside"),
        ("\nT1 doubt 2 6 grim\n", "a.ann:2: no annotation of brat"),
        ("T1\tdoubt 2\tgrim\n", "a.ann:1: no annotation of brat"),
        ("X1\tdoubt 2 6\tgrim\n", "a.ann:1: no annotation of brat"),
    ],
)
def test_broken_brat(annotations: str, message: str, tmp_path: Path) -> None:
    put(tmp_path / "a.txt", "A grim day")
    put(tmp_path / "a.ann", annotations)
    with pytest.raises(AnnotationError, match=message):
        read(tmp_path, "brat")


def test_brat_without_texts_or_annotations(tmp_path: Path) -> None:
    with pytest.raises(AnnotationError, match=r"no \.ann file"):
        read(tmp_path, "brat")
    path = put(tmp_path / "a.ann", "")
    with pytest.raises(AnnotationError, match=r"a\.ann: its text a\.txt"):
        read(path, "brat")
    with pytest.raises(AnnotationError, match="name one of them"):
        read(put(tmp_path / "a.json", ""), "brat")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("1\tDoubt\t2", "labels:2: a row is"),
        ("1\tDoubt\t2\tsix", "labels:2: a row is"),
        ("1\tDoubt\t-2\t6", "labels:2: a row is"),
        ("1\tDoubt\t2\t6\t7", "labels:2: a row is"),
        ("9\tDoubt\t2\t6", "labels:2: its article9.txt is not"),
        ("1\tDoubt\t2\t60", "article1.txt: span 2-60 .*outside"),
    ],
)
def test_broken_ptc(row: str, message: str, tmp_path: Path) -> None:
    put(tmp_path / "article1.txt", "A grim day")
    put(tmp_path / "all.labels", f"1\tDoubt\t2\t6\n{row}\n")
    with pytest.raises(AnnotationError, match=message):
        read(tmp_path, "ptc")


def test_ptc_without_labels_or_with_an_article_twice(tmp_path: Path) -> None:
    put(tmp_path / "article1.txt", "A grim day")
    put(tmp_path / "dev.task-SLC.labels", "1\t1\tpropaganda\n")
    with pytest.raises(AnnotationError, match=r"no \.labels file"):
        read(tmp_path, "ptc")
    put(tmp_path / "all.labels", "1\tDoubt\t2\t6\n")
    assert len(read(tmp_path, "ptc")) == 1
    shutil.copy(tmp_path / "article1.txt", put(tmp_path / "more" / "article1.txt", ""))
    with pytest.raises(AnnotationError, match="the same article"):
        read(tmp_path, "ptc")


def test_ptc_keeps_a_row_that_one_file_has_twice(tmp_path: Path) -> None:
    put(tmp_path / "article1.txt", "A grim day")
    put(tmp_path / "all.labels", "1\tDoubt\t2\t6\n" * 2)
    put(tmp_path / "article1.task-flc-tc.labels", "1\tDoubt\t2\t6\n")
    assert len(read(tmp_path, "ptc")[0].marks) == 2


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("nonsense", "2: no JSON"),
        ('{"image": "x.png"}', "2: neither text nor"),
        ('{"text": "A grim day", "spans": [{"start": 2, "end": 6}]}', "2: a span needs"),
        ('{"text": "x", "spans": [{"start": 0, "end": "1", "label": "a"}]}', "2: start and end"),
        (
            '{"text": "A grim day", "spans": [{"start": 3, "end": 7, "label": "a", "text": "grim"}]}',
            "2: span 3-7 .*quotes 'grim', but there stands 'rim '",
        ),
    ],
)
def test_broken_jsonl(line: str, message: str, tmp_path: Path) -> None:
    path = put(tmp_path / "all.jsonl", '\ufeff{"text": "fine"}\r\n' + line)
    with pytest.raises(AnnotationError, match=rf"all\.jsonl:{message}"):
        read(path, "jsonl")


def test_stand_off_documents_stay_so(tmp_path: Path) -> None:
    line = {"id": "x", "sha256": "0" * 64, "chars": 9, "spans": []}
    path = put(tmp_path / "all.jsonl", line)
    assert read(path, "jsonl")[0].text is None
    write(read(path, "jsonl"), tmp_path / "again.jsonl", "jsonl")
    assert json.loads((tmp_path / "again.jsonl").read_text())["sha256"] == "0" * 64


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "jsonl"])
def test_documents_without_text_are_an_error(name: str, tmp_path: Path) -> None:
    spans = [{"start": 0, "end": 1, "label": "doubt"}]
    data = {"id": "far", "sha256": "0" * 64, "chars": 9, "spans": spans}
    with pytest.raises(AnnotationError, match="document far: no text"):
        write([from_dict(data, "test")], tmp_path / "out", name)


@pytest.mark.parametrize("name", ["brat", "ptc"])
def test_two_documents_of_one_name_are_an_error(name: str, tmp_path: Path) -> None:
    with pytest.raises(AnnotationError, match="document one: two documents"):
        write([document("a"), document("b")], tmp_path / "out", name)


@pytest.mark.parametrize(
    ("name", "label"), [("brat", "big doubt"), ("conll", "big doubt"), ("ptc", "big\tdoubt")]
)
def test_labels_that_cannot_be_held_are_an_error(name: str, label: str, tmp_path: Path) -> None:
    with pytest.raises(AnnotationError, match=r"document one: .* cannot hold the label"):
        write([document("A grim day", (2, 6, label))], tmp_path / "out", name)


@pytest.mark.parametrize("spans", [[(2, 6), (4, 10)], [(2, 4), (4, 6)], [(1, 2)]])
def test_spans_that_conll_cannot_hold_are_an_error(spans: Any, tmp_path: Path) -> None:
    made = document("A grim day", *((*span, "doubt") for span in spans))
    with pytest.raises(AnnotationError, match=r"document one: span .* CoNLL cannot hold"):
        write([made], tmp_path / "out", "conll")


@pytest.mark.parametrize("name", sorted(set(FORMATS) - {"jsonl"}))  # JSON escapes it
def test_half_a_surrogate_pair_is_an_error(name: str, tmp_path: Path) -> None:
    with pytest.raises(AnnotationError, match="document one: half a surrogate pair at 2"):
        write([document("A \ud83d")], tmp_path / "out", name)
    with pytest.raises(AnnotationError, match="half a surrogate pair in an id"):
        write([document("A grim day", (2, 6, "x"), id="\udc00")], tmp_path / "out", name)


def test_paths_that_cannot_be_read_or_written(tmp_path: Path) -> None:
    for name in READ:
        with pytest.raises(AnnotationError, match="nowhere: no such file"):
            read(tmp_path / "nowhere", name)
    for name in FORMATS:
        file = put(tmp_path / "file", "x")
        with pytest.raises(AnnotationError, match="file"):
            write([document("A grim day")], file / "below", name)
    with pytest.raises(AnnotationError, match="Is a directory"):
        read(tmp_path, "doccano")


def test_files_that_are_no_utf8(tmp_path: Path) -> None:
    path = tmp_path / "all.jsonl"
    path.write_bytes('{"text": "café"}'.encode("latin-1"))
    for name in ("jsonl", "doccano", "label-studio"):
        with pytest.raises(AnnotationError, match=r"all\.jsonl: no UTF-8"):
            read(path, name)


def test_names_of_formats(tmp_path: Path) -> None:
    with pytest.raises(AnnotationError, match=r"no format 'word'; choose one of jsonl, label-s"):
        read(tmp_path, "word")
    with pytest.raises(AnnotationError, match="no format 'word'"):
        write([], tmp_path, "word")
    for name in ("conll", "web-annotation"):
        with pytest.raises(AnnotationError, match=f"{name} is only written; .*brat"):
            read(tmp_path, name)


# --- guessing -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("prodigy.jsonl", "jsonl"),
        ("label_studio.json", "label-studio"),
        ("doccano.jsonl", "doccano"),
        ("doccano_relations.jsonl", "doccano"),
        ("brat", "brat"),
        ("brat/pier.txt", "brat"),
        ("brat/pier.ann", "brat"),
        ("ptc", "ptc"),
        ("ptc/train-task-flc-tc.labels", "ptc"),
    ],
)
def test_examples_are_guessed(path: str, name: str) -> None:
    assert guess_format(DATA / path) == name


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ('{"text": "x"}', "jsonl"),
        ('{"sha256": "x", "chars": 1}', "jsonl"),
        (json.dumps(task(), indent=2), "label-studio"),
        ('{"data": "x", "labels": []}', "doccano"),
        ("[]", None),
        ("", None),
        ('{"title": "x"}', None),
        ("plain words", None),
    ],
)
def test_first_record_decides(content: str, name: str | None, tmp_path: Path) -> None:
    path = put(tmp_path / "some.file", content)
    if name is None:
        with pytest.raises(AnnotationError, match=r"some\.file: cannot tell the format"):
            guess_format(path)
    else:
        assert guess_format(path) == name


def test_folders_are_guessed_by_their_files(tmp_path: Path) -> None:
    with pytest.raises(AnnotationError, match="cannot tell"):
        guess_format(tmp_path)
    put(tmp_path / "all.jsonl", '{"text": "x"}')
    assert guess_format(tmp_path) == "jsonl"
    assert [one.text for one in read(tmp_path, "jsonl")] == ["x"]
    with pytest.raises(AnnotationError, match="nowhere: no such"):
        guess_format(tmp_path / "nowhere")


def test_nothing_left_out_is_not_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    for name in READ:
        write(samples(), tmp_path / name, name)
        read(tmp_path / name, name)
    assert caplog.text == ""


def test_long_white_space_is_no_trap() -> None:
    made = document("a" + " " * 200_000 + "b", (0, 200_002, "doubt"))
    assert len(brat._parts(made.text or "", made.marks[0], made)) == 1
