from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import warnings
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import framing
from framing import output as formats
from framing.errors import InputError
from framing.explain import Explanation, Weight
from framing.output import DEFAULTS, WRITERS, ModelInfo, Options, running, writer
from framing.output import html as html_module
from framing.output import parquet as parquet_module
from framing.output.characters import cells, shorten, visible
from framing.output.concise import LEAST
from framing.output.github import escape_data, escape_property
from framing.output.html import page, tags
from framing.output.paths import below, file_uri, percent
from framing.output.place import open_output
from framing.output.positions import Positions
from framing.output.sarif import artifact, fingerprint
from framing.prediction import COLOURS, Prediction, Profile, Span
from framing.schema import read_schema

DATA = Path(__file__).parent / "data" / "output"
ROOT = Path(__file__).parents[1]
SCHEMA = read_schema(ROOT / "framing" / "saved" / "schema.toml")
LINE_SCHEMA = json.loads((ROOT / "docs/reference/score.schema.json").read_text(encoding="utf-8"))
MODEL = ModelInfo(name="boosted", sha256="5e" * 32, version="1.2.3")
TEXT_FORMATS = sorted(WRITERS.keys() - formats.BINARY)
GOLDEN = {"concise": "txt", "jsonl": "jsonl", "csv": "csv", "sarif": "sarif", "github": "txt"}


def reading(text, rows):
    """A prediction of (start, end, label, score[, quoted]) rows."""
    spans = tuple(Span(r[0], r[1], r[2], r[3], text[r[0] : r[1]], *r[4:]) for r in rows)
    words = len(re.findall(r"\w+", text))
    counts = {name: sum(span.label == name for span in spans) for name in SCHEMA.names}
    rates = {name: round(1000 * n / words, 3) if words else 0.0 for name, n in counts.items()}
    sentences = len(re.findall(r"[.!?](\s|$)", text))
    return Prediction(text, spans, Profile(words, sentences, counts, rates, 0.25, 2, 1))


def read_articles():
    """Invented articles with invented spans: path, text, prediction."""
    lines = (DATA / "articles.jsonl").read_text(encoding="utf-8").splitlines()
    found = [json.loads(line) for line in lines]
    return [(each["path"], each["text"], reading(each["text"], each["spans"])) for each in found]


def render(name, documents, options=formats.DEFAULTS, explanations=None):
    stream = io.StringIO(newline="")
    with running(writer(name, stream, SCHEMA.labels, MODEL, options)) as made:
        for path, text, prediction in documents:
            made.add(path, text, prediction, explanations)
    return stream.getvalue()


def one(name, text, *rows, path="a.txt", options=formats.DEFAULTS):
    return render(name, [(path, text, reading(text, rows))], options)


LABEL = "loaded_language"
CHARACTERS = st.one_of(
    st.characters(),
    st.sampled_from('\n\r\t\0\x1b",:%=“”\ud800\udfff\ufeff\u202e\u200f😀𝔖é\u0301漢[](){}<>&\\'),
)


@st.composite
def documents(draw, surrogates=True):
    characters = (
        CHARACTERS if surrogates else CHARACTERS.filter(lambda c: not "\ud800" <= c <= "\udfff")
    )
    text = draw(st.text(characters, min_size=1, max_size=60))
    ends = st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))
    pairs = draw(st.lists(ends.filter(lambda pair: pair[0] != pair[1]), max_size=5))
    row = st.tuples(st.sampled_from(SCHEMA.names), st.floats(0, 1), st.booleans())
    rows = sorted((min(pair), max(pair), *draw(row)) for pair in pairs)
    return draw(st.text(characters, min_size=1, max_size=20)), text, reading(text, rows)


# --- the formats together -------------------------------------------------------------------


def test_importing_brings_no_heavy_library_and_no_writer():
    code = (
        "import sys, framing.output; "
        "heavy = {'numpy', 'pyarrow', 'sklearn', 'framing.output.html', 'framing.prediction'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "[]\n"


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_golden(name, monkeypatch):
    monkeypatch.setattr(framing, "__version__", "1.2.3")
    file = DATA / f"{name}.{GOLDEN[name]}"
    found = render(name, read_articles()[2:5], Options(root=Path("/articles")))
    if os.environ.get("UPDATE_GOLDEN"):
        file.write_bytes(found.encode())
    assert found == file.read_bytes().decode(), "set UPDATE_GOLDEN=1 to accept"


@pytest.mark.parametrize("name", TEXT_FORMATS)
def test_no_documents(name):
    assert render(name, []).strip() or name in {"concise", "jsonl", "github"}


@pytest.mark.parametrize("name", TEXT_FORMATS)
@given(document=documents())
def test_output_is_always_utf8(name, document):
    render(name, [document]).encode("utf-8")


@pytest.mark.parametrize("name", TEXT_FORMATS)
def test_spans_are_not_kept(name):
    made = writer(name, io.StringIO(newline=""), SCHEMA.labels, MODEL)
    made.begin()
    text = "marker-of-this-text " * 50
    made.add("a", text, reading(text, [(0, 19, LABEL, 0.5)]))
    assert "marker-of-this" not in repr({k: v for k, v in vars(made).items() if k != "stream"})


def model(**meta):
    return SimpleNamespace(schema=SCHEMA, kind="linear", meta=meta)


def put(opened, path, text, prediction):
    made = opened.writer
    opened.put(made.pack([made.render(path, text, prediction)]), [path], met=False)


def test_a_file_takes_its_place_at_the_end(tmp_path):
    file = tmp_path / "out.jsonl"
    with open_output("jsonl", file, model(sha256="ab"), DEFAULTS) as opened:
        put(opened, "é.txt", "é", reading("é", []))
        assert not file.exists()
        assert json.loads((tmp_path / "out.jsonl.partial").read_bytes())["path"] == "é.txt"
    line = json.loads(file.read_bytes())
    assert line["path"] == "é.txt"
    assert line["model"] == {"name": "linear", "sha256": "ab"}
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("name", sorted(WRITERS))
def test_the_old_file_stays_when_something_fails(name, tmp_path):
    """And nothing is left of a run that had nothing done."""
    file = tmp_path / "out"
    file.write_text("old")
    with (
        pytest.raises(ZeroDivisionError),
        open_output(name, file, model(), DEFAULTS) as opened,
    ):
        put(opened, "a", "b" * (1 // 0), reading("b", []))
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("name", sorted(WRITERS))
def test_what_is_done_is_kept_and_whole_when_something_fails(name, tmp_path):
    file = tmp_path / "out"

    def run():
        with open_output(name, file, model(**MODEL), DEFAULTS, about={"format": name}) as opened:
            put(opened, *read_articles()[2])
            opened.stream.write("torn")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError) as caught:
        run()
    kept = tmp_path / "out.partial"
    note = f"1 text is kept in {kept}"
    more = ", --resume goes on" if name in formats.RESUMABLE else ""
    assert caught.value.__notes__ == [note + more]
    assert not file.exists()
    if name == "parquet":
        from pyarrow import ipc

        with kept.open("rb") as source, ipc.open_stream(source) as stream:
            assert stream.read_all().num_rows == 1
    else:
        assert kept.read_bytes().decode() == render(name, read_articles()[2:3])


def test_a_link_is_followed(tmp_path):
    file, link = tmp_path / "file.csv", tmp_path / "link.csv"
    link.symlink_to(file)
    with open_output("csv", link, model(), DEFAULTS):
        pass
    assert link.is_symlink()
    assert file.read_bytes().startswith(b"path,")


def test_standard_output(capsysbinary):
    with open_output("csv", None, model(), DEFAULTS) as opened:
        put(opened, "é", "bad", reading("bad", [(0, 3, LABEL, 0.5)]))
    assert capsysbinary.readouterr().out.splitlines(keepends=True)[1].startswith("é,0,3".encode())


@pytest.mark.parametrize("place", [None, Path("/dev/null")])
def test_parquet_wants_a_file(place):
    with (
        pytest.raises(InputError, match="--output"),
        open_output("parquet", place, model(), DEFAULTS),
    ):
        pass
    assert place is None or place.is_char_device()


def test_devices_are_written_to_directly():
    with open_output("csv", Path("/dev/null"), model(), DEFAULTS) as opened:
        put(opened, "é", "bad", reading("bad", []))
    assert Path("/dev/null").is_char_device()
    assert not Path("/dev/null.journal").exists()


def test_unknown_format():
    with pytest.raises(KeyError):
        writer("pdf", io.StringIO(), SCHEMA.labels, MODEL)


# --- positions and characters ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "offset", "line", "column", "unit_column"),
    [
        ("abc", 0, 1, 1, 1),
        ("a\nbc", 2, 2, 1, 1),
        ("a\r\nbc", 3, 2, 1, 1),
        ("a\r\nbc", 2, 1, 3, 3),
        ("a\rbc", 2, 2, 1, 1),
        ("a\r\rb", 3, 3, 1, 1),
        ("😀b", 1, 1, 2, 3),
        ("😀\n𝔖b", 3, 2, 2, 3),
        ("\u2028\x0b\x85b", 3, 1, 4, 4),
        ("ab\n", 3, 2, 1, 1),
    ],
)
def test_positions(text, offset, line, column, unit_column):
    positions = Positions(text)
    found = positions.line(offset), positions.column(offset), positions.unit_column(offset)
    assert found == (line, column, unit_column)


@given(st.text(CHARACTERS), st.data())
def test_units_are_those_of_utf16(text, data):
    offset = data.draw(st.integers(0, len(text)))
    expected = len(text[:offset].encode("utf-16-le", "surrogatepass")) // 2
    assert Positions(text).units(offset) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("two\r\n lines\tand\u00a0more", "two lines and more"),
        ("\x1b[31mred\x07", r"\x1b[31mred\x07"),
        ("turn\u202eed", r"turn\u202eed"),
        ("lone \ud800", r"lone \ud800"),
        ("👩\u200d🚀", "👩\u200d🚀"),
    ],
)
def test_visible(text, expected):
    assert visible(text) == expected


@given(st.text(CHARACTERS), st.integers(4, 40))
def test_shortened_text_fits_and_keeps_both_ends(text, width):
    shown = visible(text)
    short = shorten(shown, width)
    assert cells(short) <= width
    assert short == shown or "…" in short
    head, _, tail = short.partition("…") if short != shown else (short, "", "")
    assert shown.startswith(head)
    assert shown.endswith(tail)


def test_wide_characters_take_two_columns():
    assert cells("漢字e\u0301") == 5
    assert cells(shorten("漢字" * 30, 21)) <= 21


# --- concise --------------------------------------------------------------------------------


def test_concise_line():
    assert one("concise", "so\nbad a plan", (3, 6, LABEL, 0.869), path="b.txt") == (
        'b.txt:2:1: loaded_language (0.87) "bad"\n'
    )


def test_concise_marks_quoted_spans():
    assert "(0.50, quoted)" in one("concise", "bad", (0, 3, LABEL, 0.5, True))


@given(documents())
def test_concise_is_one_printable_line_a_span(document):
    lines = render("concise", [document]).split("\n")
    assert lines.pop() == ""
    assert len(lines) == len(document[2])
    for line in lines:
        assert line.replace("\u200c", "").replace("\u200d", "").isprintable()
        assert cells(line) <= max(80, cells(line.rpartition(' "')[0]) + len(' ""') + LEAST)


def test_concise_words_are_shortened_only_as_far_as_need_be():
    text = "word " * 40
    line = one("concise", text, (0, 199, LABEL, 0.5), path="d.txt").rstrip("\n")
    assert 71 <= len(line) <= 80
    wider = one("concise", text, (0, 199, LABEL, 0.5), path="d.txt", options=Options(width=120))
    assert 111 <= len(wider.rstrip("\n")) <= 120
    long_path = one("concise", text, (0, 199, LABEL, 0.5), path="d" * 90)
    assert len(long_path.partition(' "')[2].rstrip('"\n')) in range(LEAST - 9, LEAST + 1)


def test_concise_has_colour_only_if_asked():
    plain = one("concise", "bad", (0, 3, LABEL, 0.5))
    coloured = one("concise", "bad", (0, 3, LABEL, 0.5), options=Options(colour=True))
    assert "\x1b" not in plain
    assert coloured.count("\x1b[0m") == 2
    assert re.sub(r"\x1b\[\d+m", "", coloured) == plain


# --- jsonl ----------------------------------------------------------------------------------


@given(documents())
def test_jsonl_parses_back(document):
    path, text, prediction = document
    line = render("jsonl", [document])
    assert line.count("\n") == 1
    data = json.loads(line.encode())
    for found, span in zip(data["spans"], prediction, strict=True):
        # Two lone surrogates side by side are one character to whoever reads JSON.
        assert found["text"].encode("utf-16", "surrogatepass") == span.text.encode(
            "utf-16", "surrogatepass"
        )
        assert Span(**found | {"text": span.text}) == span
    assert Profile(**data["profile"]) == prediction.profile
    assert data["path"].encode("utf-16", "surrogatepass") == path.encode("utf-16", "surrogatepass")
    assert data["sha256"] == hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def test_jsonl_escapes_lone_surrogates():
    assert r'"text": "\ud800"' in one("jsonl", "\ud800", (0, 1, LABEL, 0.5))


def test_jsonl_has_the_keys_of_its_schema():
    line = json.loads(one("jsonl", "bad", (0, 3, LABEL, 0.5)))
    for data, rules in (
        (line, LINE_SCHEMA),
        (line["model"], LINE_SCHEMA["properties"]["model"]),
        (line["spans"][0], LINE_SCHEMA["$defs"]["span"]),
        (line["profile"], LINE_SCHEMA["$defs"]["profile"]),
    ):
        assert set(data) == set(rules["required"]) == set(rules["properties"])
        assert rules["additionalProperties"] is False


@pytest.fixture(scope="module")
def validator():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft202012Validator.check_schema(LINE_SCHEMA)
    return jsonschema.Draft202012Validator(LINE_SCHEMA)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=documents(surrogates=False))
def test_jsonl_is_valid_by_its_schema(validator, document):
    validator.validate(json.loads(render("jsonl", [document])))


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"offset_unit": "byte"},
        {"sha256": "5E" * 32},
        {"extra": 1},
        {"spans": [{"start": 0, "end": 1}]},
        {"profile": {}},
    ],
)
def test_schema_refuses(validator, change):
    line = json.loads(one("jsonl", "bad", (0, 3, LABEL, 0.5)))
    assert validator.is_valid(line)
    assert not validator.is_valid(line | change)


# --- csv ------------------------------------------------------------------------------------


@given(documents(surrogates=False))
def test_csv_parses_back(document):
    path, text, prediction = document
    rows = list(csv.DictReader(io.StringIO(render("csv", [document]), newline="")))
    assert len(rows) == len(prediction)
    for row, span in zip(rows, prediction, strict=True):
        found = Span(int(row["start"]), int(row["end"]), row["label"], float(row["score"]),
                     row["text"], row["quoted"] == "true")  # fmt: skip
        assert found == span
        assert row["path"] == path
        line = Positions(text).line(span.start)
        assert (int(row["line"]), int(row["column"])) == (line, Positions(text).column(span.start))


def test_csv_quotes_and_ends_lines_by_the_rules():
    assert one("csv", 'a "b",\nc', (2, 8, LABEL, 0.5), path="x,y.txt") == (
        "path,start,end,line,column,label,score,quoted,text\r\n"
        '"x,y.txt",2,8,1,3,loaded_language,0.5,false,"""b"",\nc"\r\n'
    )


def test_csv_keeps_the_length_of_what_it_cannot_hold():
    assert one("csv", "a\ud800b", (0, 3, LABEL, 0.5)).endswith(",a\ufffdb\r\n")


# --- github ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "data", "value"),
    [
        ("50%", "50%25", "50%25"),
        ("a\r\nb", "a%0D%0Ab", "a%0D%0Ab"),
        ("a:b,c", "a:b,c", "a%3Ab%2Cc"),
        ("%0A", "%250A", "%250A"),
    ],
)
def test_github_escapes(text, data, value):
    assert escape_data(text) == data
    assert escape_property(text) == value


def commands(output):
    """Parse workflow commands as the runner does."""
    found = []
    for line in re.split("\r?\n|\r", output.removesuffix("\n")) if output else ():
        properties, message = re.fullmatch(r"::warning (.*?)::(.*)", line).groups()
        pairs = dict(pair.split("=", 1) for pair in properties.split(","))
        for old, new in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
            pairs = {key: value.replace(old, new) for key, value in pairs.items()}
        found.append((pairs, message))
    return found


def test_github_command():
    output = one(
        "github", "😀 so bad", (2, 8, LABEL, 0.869), path="/r/a, b: 5%.txt",
        options=Options(root=Path("/r")),
    )  # fmt: skip
    assert output.startswith(
        "::warning file=a%2C b%3A 5%25.txt,line=1,endLine=1,col=4,endColumn=10,"
    )
    ((properties, message),) = commands(output)
    assert properties["file"] == "a, b: 5%.txt"
    assert properties["title"] == "loaded_language (0.87)"
    assert message == f'"so bad": {SCHEMA.labels[1].definition}'


def test_github_span_over_lines_has_no_columns():
    ((properties, _),) = commands(one("github", "a b\nc d", (2, 5, LABEL, 0.5)))
    assert (properties["line"], properties["endLine"]) == ("1", "2")
    assert not properties.keys() & {"col", "endColumn"}


def test_github_span_with_its_line_end_stays_on_its_line():
    ((properties, _),) = commands(one("github", "a b\nc d", (2, 4, LABEL, 0.5)))
    assert (properties["line"], properties["endLine"]) == ("1", "1")


@given(documents())
def test_github_text_starts_no_command_of_its_own(document):
    assert len(commands(render("github", [document]))) == len(document[2])


# --- sarif ----------------------------------------------------------------------------------


def sarif(text, *rows, path="a.txt", options=formats.DEFAULTS):
    log = json.loads(one("sarif", text, *rows, path=path, options=options))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    return run


def region(text, *row):
    (result,) = sarif(text, row)["results"]
    return result["locations"][0]["physicalLocation"]["region"]


def test_sarif_has_what_the_specification_requires():
    run = sarif("so bad", (3, 6, LABEL, 0.5), (0, 2, "speculation", 0.8))
    driver = run["tool"]["driver"]
    assert driver["name"] == "framing"
    assert [rule["id"] for rule in driver["rules"]] == list(SCHEMA.names)
    for rule, label in zip(driver["rules"], SCHEMA.labels, strict=True):
        assert rule["fullDescription"]["text"] == label.definition
        assert label.example in rule["help"]["text"]
    assert run["columnKind"] == "utf16CodeUnits"
    assert run["newlineSequences"] == ["\r\n", "\n", "\r"]
    for result in run["results"]:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
        assert re.fullmatch("[0-9a-f]{32}", result["partialFingerprints"]["framingSpan/v1"])
        (location,) = result["locations"]
        base = location["physicalLocation"]["artifactLocation"]["uriBaseId"]
        assert base in run["originalUriBaseIds"]
    assert [result["level"] for result in run["results"]] == ["note", "warning"]


def test_sarif_without_results_is_whole():
    assert json.loads(render("sarif", []))["runs"][0]["results"] == []


@given(documents())
def test_sarif_regions_are_utf16(document):
    _, text, prediction = document
    rows = [(s.start, s.end, s.label, s.score, s.quoted) for s in prediction]
    counted = text.removeprefix("\ufeff")
    units = counted.encode("utf-16-le", "surrogatepass")
    lines = re.split(r"(?<=\n)|(?<=\r)(?!\n)", counted)
    for result, span in zip(sarif(text, *rows)["results"], prediction, strict=True):
        area = result["locations"][0]["physicalLocation"]["region"]
        start, length = area["charOffset"], area["charLength"]
        words = units[2 * start : 2 * (start + length)].decode("utf-16-le", "surrogatepass")
        assert words == (span.text.removeprefix("\ufeff") if span.start == 0 else span.text)
        for offset, line, column in (
            (start, area["startLine"], area["startColumn"]),
            (start + length, area["endLine"], area["endColumn"]),
        ):
            before = "".join(lines[: line - 1]).encode("utf-16-le", "surrogatepass")
            assert len(before) // 2 + column - 1 == offset


def test_sarif_region_by_hand():
    assert region("a 😀😀\r\nxy bad", 3, 9, LABEL, 0.5) == {
        "startLine": 1, "startColumn": 5, "endLine": 2, "endColumn": 4,
        "charOffset": 4, "charLength": 7,
    }  # fmt: skip


def test_sarif_region_that_ends_with_a_line_ends_on_it():
    area = region("bad\nworse", 0, 4, LABEL, 0.5)
    assert (area["endLine"], area["endColumn"]) == (1, 5)


def test_sarif_does_not_count_a_byte_order_mark():
    plain, marked = region("so bad", 3, 6, LABEL, 0.5), region("\ufeffso bad", 4, 7, LABEL, 0.5)
    assert plain == marked
    second = region("\ufeffso\nbad", 4, 7, LABEL, 0.5)
    assert (second["startColumn"], second["charOffset"]) == (1, 3)


def test_sarif_fingerprints_stay_when_lines_are_inserted_above():
    def prints(text):
        rows = [(m.start(), m.end(), LABEL, 0.5) for m in re.finditer("bad", text)]
        return [each["partialFingerprints"] for each in sarif(text, *rows)["results"]]

    before, after = prints("bad, bad"), prints("Two new\nlines.\nbad, bad")
    assert before == after
    assert before[0] != before[1]


@pytest.mark.parametrize("other", [("b", "l", "w", 1), ("a", "m", "w", 1), ("a", "l", "v", 1)])
def test_fingerprints_differ(other):
    assert fingerprint("a", "l", "w", 1) != fingerprint(*other)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a.txt", "a.txt"),
        ("/r/b c/é%.txt", "b%20c/%C3%A9%25.txt"),
        ("./x:y.txt", "x%3Ay.txt"),
        ("a#b?.txt", "a%23b%3F.txt"),
        ("bad\udcff.txt", "bad%FF.txt"),
        ("-", "-"),
    ],
)
def test_sarif_uris_are_relative_and_encoded(path, expected):
    assert artifact(path, Path("/r")) == {"uri": expected, "uriBaseId": "%SRCROOT%"}


@pytest.mark.parametrize("path", ["/elsewhere/a b.txt", "../elsewhere/a b.txt"])
def test_sarif_uris_outside_the_root_are_absolute(path):
    assert artifact(path, Path("/r")) == {"uri": "file:///elsewhere/a%20b.txt"}
    assert below(path, Path("/r")) is None
    assert file_uri(path, Path("/r")) == "file:///elsewhere/a%20b.txt"


@given(st.text(CHARACTERS))
def test_uris_are_ascii(path):
    assert re.fullmatch(r"([\w.~/-]|%[0-9A-F]{2})*", percent(path), re.ASCII)


def test_sarif_message_has_no_placeholders_and_no_links():
    (result,) = sarif("{0} [a](1)", (0, 10, LABEL, 0.5))["results"]
    assert result["message"]["text"] == 'loaded_language (0.50): "{{0}} [a] (1)"'


# --- parquet --------------------------------------------------------------------------------


@pytest.fixture
def parquet(tmp_path, monkeypatch):
    monkeypatch.setattr(parquet_module, "ROWS", 2)
    return tmp_path / "out.parquet"


def test_parquet_parses_back(parquet):
    import pyarrow.parquet as pq

    articles = read_articles()
    with open_output("parquet", parquet, model(**MODEL), DEFAULTS) as opened:
        for article in articles:
            put(opened, *article)
        opened.put(b"", [], met=False)  # a lot of which no text could be read
        assert not parquet.exists()
    assert list(parquet.parent.iterdir()) == [parquet]
    table = pq.read_table(parquet)
    assert pq.ParquetFile(parquet).num_row_groups == 3
    for row, (path, text, prediction) in zip(table.to_pylist(), articles, strict=True):
        assert tuple(Span(**span) for span in row["spans"]) == prediction.spans
        assert row["path"] == path
        assert row["sha256"] == hashlib.sha256(text.encode()).hexdigest()
        assert (row["words"], row["sentences"]) == (
            prediction.profile.words,
            prediction.profile.sentences,
        )
        assert {f"rate_{name}": row[f"rate_{name}"] for name in SCHEMA.names} == {
            f"rate_{name}": rate for name, rate in prediction.profile.rates.items()
        }
    assert str(table.schema.field("spans").type) == (
        "list<element: struct<start: int64, end: int64, label: string, score: double, "
        "text: string, quoted: bool>>"
    )
    assert table.schema.metadata[b"framing.model.sha256"] == MODEL["sha256"].encode()
    assert table.schema.metadata[b"framing.offset_unit"] == b"code_point"


def test_parquet_of_nothing_and_of_lone_surrogates(parquet):
    import pyarrow.parquet as pq

    with open_output("parquet", parquet, model(), DEFAULTS):
        pass
    assert pq.read_table(parquet).num_rows == 0
    with open_output("parquet", parquet, model(), DEFAULTS) as opened:
        put(opened, "a\udcff", "\ud800b", reading("\ud800b", [(0, 2, LABEL, 0.5)]))
    (row,) = pq.read_table(parquet).to_pylist()
    assert (row["path"], row["spans"][0]["text"]) == ("a\ufffd", "\ufffdb")


# --- html -----------------------------------------------------------------------------------


def blocks(document):
    """The JSON of a page: head, then articles."""
    found = re.findall(r'<script type="application/json" [^>]*>(.*?)</script>', document, re.S)
    return [json.loads(each) for each in found]


def test_html_data_golden():
    document = render("html", read_articles()[3:5])
    above, below_ = page()
    data = document.removeprefix(above).removesuffix(below_)
    assert len(data) == len(document) - len(above) - len(below_)
    file = DATA / "html.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        file.write_bytes(data.encode())
    assert data == file.read_bytes().decode(), "set UPDATE_GOLDEN=1 to accept"


@given(documents())
def test_html_holds_text_and_utf16_offsets(document):
    path, text, prediction = document
    _, article = blocks(render("html", [document]))
    assert article["path"] == re.sub("[\ud800-\udfff]", "\ufffd", path)
    assert article["text"].encode("utf-16-le", "surrogatepass") == text.encode(
        "utf-16-le", "surrogatepass"
    )
    units = text.encode("utf-16-le", "surrogatepass")
    for (start, end, label, score, quoted), span in zip(article["spans"], prediction, strict=True):
        assert units[2 * start : 2 * end] == span.text.encode("utf-16-le", "surrogatepass")
        assert SCHEMA.names[label] == span.label
        assert (score, bool(quoted)) == (span.score, span.quoted)


@pytest.mark.parametrize(
    "hostile", ["</script>", "<!--<script>", "</SCRIPT\n>", "]]>", "\0", "\u2028", "&lt;", "'\""]
)
def test_html_text_cannot_leave_its_block(hostile):
    document = render("html", [(hostile, hostile, reading(hostile, [(0, 1, LABEL, 0.5)]))])
    data = document.removeprefix(page()[0]).removesuffix(page()[1])
    assert data.count("<") == 4
    assert not re.search("[\0\u2028&]", data)
    assert blocks(document)[1]["text"] == hostile


def test_html_asks_for_nothing_and_runs_only_its_own_script():
    above, below_ = page()
    script = re.search(r"<script>(.*)</script>", below_, re.S)[1]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = re.search('Content-Security-Policy" content="([^"]*)"', above)[1]
    assert policy == (
        "default-src 'none'; base-uri 'none'; form-action 'none'; "
        f"style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    )
    assert not re.search(r"url\(|@import|https?:|\bsrc=|<link|innerHTML|insertAdjacent", above)
    assert not re.search(r"fetch\(|https?:|XMLHttp|innerHTML|outerHTML|document\.write", script)
    assert "</script" not in script
    assert "biased" not in (above + below_).lower()


def test_html_devices_differ_in_more_than_colour():
    above, _ = page()
    patterns = re.findall(r"^\.d\d \{.*?--line: (.*?); --tile: (.*?);", above, re.M)
    assert len(patterns) == len(COLOURS) == len(set(patterns))
    for number, colour in enumerate(COLOURS):
        assert f"--device-{number}:{colour};" in above


def test_html_explanations_go_with_their_spans():
    text = "so bad, so worse"
    prediction = reading(text, [(3, 6, LABEL, 0.5), (11, 16, LABEL, 0.6)])
    words = tuple(Weight(f"w{n}", (-1) ** n * n / 3) for n in range(12))
    known = [Explanation(prediction[1], words, (), 0.1)]
    _, article = blocks(render("html", [("a", text, prediction)], explanations=known))
    assert len(article["spans"][0]) == 5
    why = article["spans"][1][5]
    assert [word for word, _ in why] == [f"w{n}" for n in range(11, 11 - html_module.EVIDENCE, -1)]
    assert why[0][1] == pytest.approx(-11 / 3, abs=1e-3)


def test_tags_of_the_devices():
    assert tags(SCHEMA.names) == ["Ed", "LL", "LA", "VA", "UA", "IM", "Sp", "Se", "SQ", "PL"]


@given(st.lists(st.text(st.sampled_from("ab_é"), max_size=5), unique=True, max_size=12))
def test_tags_differ(names):
    found = tags(names)
    assert len(set(found)) == len(names)
    assert all(found)
