"""SARIF logs against the published schema, and what a viewer reads from them."""

from __future__ import annotations

import json
import re
import warnings
from pathlib import Path

import pytest
from hypothesis import given, settings
from test_output import LABEL, SCHEMA, documents, one, read_articles, render

from framing.output import Options

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    jsonschema = pytest.importorskip("jsonschema")

FILE = Path(__file__).parent / "data" / "sarif" / "sarif-2.1.0-rtm.5.json"
PUBLISHED = json.loads(FILE.read_text(encoding="utf-8"))
# RFC 3986: only these characters, a percent sign only before two hexadecimal digits.
_REFERENCE = re.compile(r"(?:[\w.~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*", re.ASCII)
FORMATS = jsonschema.FormatChecker(formats=())


@FORMATS.checks("uri-reference")
def is_reference(value: object) -> bool:
    return not isinstance(value, str) or bool(_REFERENCE.fullmatch(value))


@FORMATS.checks("uri")
def is_uri(value: object) -> bool:
    return is_reference(value) and (not isinstance(value, str) or bool(re.match(r"\w+:", value)))


VALIDATOR = jsonschema.Draft4Validator(PUBLISHED, format_checker=FORMATS)


def faults(log):
    return [
        f"{'/'.join(map(str, each.path))}: {each.message}" for each in VALIDATOR.iter_errors(log)
    ]


def test_the_schema_itself_is_valid_and_of_this_version():
    jsonschema.Draft4Validator.check_schema(PUBLISHED)
    assert PUBLISHED["properties"]["version"]["enum"] == ["2.1.0"]


@pytest.mark.parametrize("root", ["/articles", "/elsewhere"])
def test_logs_are_valid(root):
    log = json.loads(render("sarif", read_articles(), Options(root=Path(root))))
    assert len(log["runs"][0]["results"]) > 10
    assert faults(log) == []


def test_a_log_without_documents_is_valid():
    assert faults(json.loads(render("sarif", []))) == []


@settings(max_examples=25)
@given(document=documents())
def test_logs_of_any_text_are_valid(document):
    assert faults(json.loads(render("sarif", [document]))) == []


@pytest.mark.parametrize("path", ["a b.txt", "../ü.txt", "-", "c:\\d.txt", "bad\udcff", "a%41#?"])
def test_logs_of_any_path_are_valid(path):
    assert faults(json.loads(one("sarif", "bad", (0, 3, LABEL, 0.5), path=path))) == []


def test_what_the_command_writes_is_valid(command, handmade_path, tmp_path):
    (tmp_path / "a b.txt").write_text("The reckless mayor left.\n" * 3, encoding="utf-8")
    done = command("score", tmp_path, "--model", handmade_path, "--format", "sarif")
    log = json.loads(done.stdout)
    assert len(log["runs"][0]["results"]) == 3
    assert faults(log) == []


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("version",), "2.0.0"),
        (("runs", 0, "columnKind"), "codePoints"),
        (("runs", 0, "results", 0, "level"), "bad"),
        (("runs", 0, "results", 0, "rank"), 101),
        (("runs", 0, "results", 0, "extra"), 1),
        (("runs", 0, "tool", "driver", "name"), None),
        (("runs", 0, "results", 0, "locations", 0, "physicalLocation", "artifactLocation", "uri"),
         "a b"),
    ],
)  # fmt: skip
def test_faults_are_noticed(place, value):
    log = json.loads(one("sarif", "bad", (0, 3, LABEL, 0.5)))
    assert faults(log) == []
    *way, last = place
    inner = log
    for step in way:
        inner = inner[step]
    inner[last] = value
    assert faults(log)


def test_every_result_names_a_rule_that_is_described():
    (run,) = json.loads(render("sarif", read_articles()))["runs"]
    rules = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    assert set(rules) == set(SCHEMA.names)
    assert {result["ruleId"] for result in run["results"]} <= set(rules)
