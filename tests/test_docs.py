"""The pages: their blocks run, their links lead somewhere, and the reference is current."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import click
import pytest
from click.testing import CliRunner

import framing

if TYPE_CHECKING:
    from framing.model import Model

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"
EXAMPLES = DOCS / "examples"


def _script(name: str) -> Any:
    """A script of docs/ as a module."""
    spec = importlib.util.spec_from_file_location(f"docs_{name}", DOCS / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


console, generate = _script("console"), _script("generate")
PAGES = console.pages()
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]


@pytest.fixture(scope="module", autouse=True)
def models_loaded_once() -> Iterator[None]:
    """Load each shipped model once for all pages."""
    from framing import api, predictor, storage

    load, once = storage.load_model, lru_cache(storage.load_model)

    def cached(name: str | Path) -> Model:
        return once(name) if name in storage.SHIPPED else load(name)

    with pytest.MonkeyPatch.context() as patch:
        for module in (storage, api, predictor):
            patch.setattr(module, "load_model", cached)
        yield


# --- blocks -------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_blocks_run(page: Path) -> None:
    with console.workplace():
        for ran in console.run_page(page):
            place = f"{page}:{ran.command.line}: {ran.command.words}"
            assert ran.status == ran.expected, f"{place}\n" + "\n".join(ran.printed)
            shapes = {console.shape(line) for line in ran.printed}
            for line in ran.command.shown:
                assert line == console.MORE or console.shape(line) in shapes, f"{place}\n{line}"


def test_blocks_are_found() -> None:
    page = "```python\na = 1\n```\n\n```console\n$ framing labels\nx\n$ echo $?\n0\n```\n"
    first, second = console.blocks(page)
    assert (first.language, first.body, first.line) == ("python", "a = 1\n", 2)
    assert console.commands(second) == [
        console.Command("framing labels", ("x",), 6),
        console.Command("echo $?", ("0",), 8),
    ]


@pytest.mark.parametrize("language", ["python", "console"])
def test_a_failing_block_fails(tmp_path: Path, language: str) -> None:
    body = {"python": "1 / 0\n", "console": "$ framing score nothing.txt\n"}[language]
    page = tmp_path / "page.md"
    page.write_text(f"```{language}\n{body}```\n", encoding="utf-8")
    with pytest.raises((ZeroDivisionError, AssertionError)):
        test_blocks_run(page)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            'a.txt:1:2: speculation (0.51) "may"',
            'b/c.txt:10:22: loaded_language (0.9) "so "it" is"',
        ),
        ("    words: a +0.11, b -0.20", "    words: , -1.50"),
        ("  It may rain", "  A fine plan"),
        ("framing 0.1.0, Python 3.11.7", "framing 1.12.0, Python 3.13.1"),
        ("speculation       3   0.10", "imputed_motive 14 0.75"),
    ],
)
def test_lines_of_one_shape(one: str, other: str) -> None:
    assert console.shape(one) == console.shape(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('a.txt:1:2: speculation (0.51) "may"', 'a.txt:1: speculation (0.51) "may"'),
        ('a.txt:1:2: speculation (0.51) "may"', 'a.txt:1:2: speculation (0.51, quoted) "may"'),
        ("5 documents, 0 errors", "5 documents, 0 warnings"),
        ("    words: a +0.11", "    other: a +0.11"),
    ],
)
def test_lines_of_two_shapes(one: str, other: str) -> None:
    assert console.shape(one) != console.shape(other)


def test_output_is_brought_up_to_date(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    shown = "$ framing annotations validate docs/examples\nold\n"
    page.write_text(f"# T\n\n```console\n{shown}```\nEnd.\n", encoding="utf-8")
    new = "5 documents, 0 errors, 0 warnings"
    assert console.refreshed(page) == page.read_text(encoding="utf-8").replace("old", new)


@pytest.mark.parametrize(
    ("shown", "expected"),
    [(("x",), ["a", "..."]), (("...", "x"), ["...", "c"]), (("x", "y", "z"), ["a", "b", "c"])],
)
def test_an_excerpt_is_as_long_as_before(shown: tuple[str, ...], expected: list[str]) -> None:
    assert console._excerpt(shown, ("a", "b", "c")) == expected


# --- reference ----------------------------------------------------------------------------


def test_reference_is_current() -> None:
    result = CliRunner().invoke(generate.main, ["--check"])
    assert result.exit_code == 0, result.output + "run: python docs/generate.py"


def test_check_notices_an_old_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generate, "REFERENCE", tmp_path)
    assert CliRunner().invoke(generate.main, []).exit_code == 0
    assert CliRunner().invoke(generate.main, ["--check"]).exit_code == 0
    page = tmp_path / "devices.md"
    page.write_text(page.read_text(encoding="utf-8") + "more\n", encoding="utf-8")
    result = CliRunner().invoke(generate.main, ["--check"])
    assert (result.exit_code, result.output) == (1, "docs/reference/devices.md: out of date\n")
    assert page.read_text(encoding="utf-8").endswith("more\n")


@pytest.mark.parametrize(("name", "command"), [(n, c) for n, c, _ in generate.commands()])
def test_every_command_has_help_and_stands_in_the_reference(
    name: str, command: click.Command
) -> None:
    assert command.help
    assert f"\n## {name}\n" in (REFERENCE / "command-line.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", framing.__all__)
def test_every_public_name_stands_in_the_reference(name: str) -> None:
    described = [thing for thing in generate.PUBLIC["framing"] if thing.__name__ == name]
    assert described == [getattr(framing, name)]


def test_every_described_name_has_a_docstring() -> None:
    page = (REFERENCE / "python.md").read_text(encoding="utf-8")
    bare = re.compile(r"^(#{3,4} .*\n+(```text\n[^`]*```\n+)?)(?=#|\Z)", re.MULTILINE)
    assert bare.search("### f\n\n```text\nf()\n```\n\n### g\n\nWords.\n")
    assert not bare.search(page)


def test_every_device_stands_in_the_reference() -> None:
    from framing.schema import read_schema

    page = (REFERENCE / "devices.md").read_text(encoding="utf-8")
    page = re.sub("</?mark[^>]*>", "", page)
    for label in read_schema(ROOT / "annotations" / "schema.toml").labels:
        part = page.split(f"\n## {label.name}\n")[1].split("\n## ")[0]
        assert label.definition in part
        yes, no = part.split("**Not marked**")
        assert label.example in yes
        assert label.counter_example in no


def test_the_gallery_has_examples_of_yes_and_no_for_every_device() -> None:
    from framing.schema import read_schema

    schema = read_schema(ROOT / "annotations" / "schema.toml")
    gallery = generate.read_gallery()
    assert set(gallery) == set(schema.names)
    known = [label.example for label in schema.labels]
    known += [label.counter_example for label in schema.labels]
    for label in schema.labels:
        for side, marked in (("yes", True), ("no", False)):
            found = gallery[label.name][side]
            assert len(found) >= 3, f"{label.name}: {side}"
            for words, why in found:
                assert bool(re.search(r"\[[^\[\]]+\]", words)) is marked, words
                assert why.endswith((".", "?")), words
                assert words not in known, words
                if label.quotation and marked:
                    assert re.search(r'\["[^"]+"\]', words), words
                known.append(words)


def test_the_gallery_is_nowhere_in_the_corpus() -> None:
    """What illustrates the rules must not be what the models learnt from."""
    files = [*(ROOT / "annotations").rglob("*.jsonl"), *EXAMPLES.glob("*.txt")]
    corpus = " ".join(path.read_text(encoding="utf-8") for path in files)
    for each in generate.read_gallery().values():
        for words, _ in (*each["yes"], *each["no"]):
            assert words.replace("[", "").replace("]", "") not in corpus


# --- links --------------------------------------------------------------------------------

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def links(page: Path) -> list[str]:
    """Relative links of a page, without those in code."""
    text = re.sub(
        r"^```.*?^```$|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.M | re.S
    )
    return [link for link in _LINK.findall(text) if not re.match(r"[a-z]+:", link)]


def anchors(page: Path) -> set[str]:
    """Anchors of a page's headings, as GitHub makes them."""
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_links_lead_somewhere(page: Path) -> None:
    for link in links(page):
        path, _, anchor = unquote(link).partition("#")
        target = page.parent / path if path else page
        assert target.exists(), f"{page}: {link}"
        assert not anchor or anchor in anchors(target), f"{page}: {link}"


def test_the_index_lists_every_page() -> None:
    reachable = {(DOCS / unquote(link)).resolve() for link in links(DOCS / "index.md")}
    assert {page.resolve() for page in PAGES[1:]} - {DOCS.resolve() / "index.md"} <= reachable


# --- examples -----------------------------------------------------------------------------

ARTICLES = sorted(EXAMPLES.glob("*.txt"))


def marked() -> dict[str, Any]:
    """Documents of marks.jsonl by their id."""
    lines = (EXAMPLES / "marks.jsonl").read_text(encoding="utf-8").splitlines()
    return {document["id"]: document for document in map(json.loads, lines)}


@pytest.mark.parametrize("path", ARTICLES, ids=lambda path: path.stem)
def test_examples_are_short_articles_with_marks(path: Path) -> None:
    text = path.read_bytes().decode("utf-8")
    assert 180 <= len(text.split()) <= 300
    assert marked()[path.stem]["text"] == text


def test_there_are_five_examples_one_clean_and_one_with_an_insert() -> None:
    assert sorted(marked()) == [path.stem for path in ARTICLES]
    assert len(ARTICLES) == 5
    assert marked()["agency-lock"]["spans"] == marked()["broadsheet-quarry"]["spans"] == []
    labels = {span["label"] for document in marked().values() for span in document["spans"]}
    assert len(labels) == 10


# --- the command as a module --------------------------------------------------------------


def test_python_m_framing_is_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "framing", "--version"],
        cwd=ROOT, capture_output=True, check=True, text=True,
    )  # fmt: skip
    assert done.stdout == f"framing, version {framing.__version__}\n"
