"""Write the reference pages from the command, the docstrings and the schema.

    python docs/generate.py [--check]

With `--check` nothing is written, and a page that is out of date is an error.
"""

from __future__ import annotations

import html
import inspect
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any

import click
import pyarrow as pa

from framing import formats
from framing.annotations import (
    AnnotatedDocument,
    Mark,
    read_annotations,
    to_dataset,
    to_dataset_dict,
    write_annotations,
)
from framing.api import load, train
from framing.arrow import Scorer, score_batches, score_table
from framing.arrow import schema as scored_schema
from framing.cli import main as command
from framing.errors import AnnotationError, InputError, ModelError
from framing.explain import Explanation, Weight
from framing.language import reads_like_english
from framing.output.html import tags
from framing.prediction import Prediction, Profile, Span
from framing.predictor import Framing
from framing.schema import Label, Schema, read_schema
from framing.tables import ProfileTable, profile_table

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "docs" / "reference"
WIDTH = 80
_NOTICE = "<!-- Written by docs/generate.py: change the code, not this page. -->"

PUBLIC: dict[str, tuple[Any, ...]] = {
    "framing": (
        Framing, Prediction, Span, profile_table, load, train, InputError, AnnotationError, ModelError,
    ),
    "framing.prediction": (Profile,),
    "framing.explain": (Explanation, Weight),
    "framing.tables": (ProfileTable,),
    "framing.language": (reads_like_english,),
    "framing.annotations": (
        AnnotatedDocument, Mark, read_annotations, write_annotations, to_dataset, to_dataset_dict,
    ),
    "framing.arrow": (Scorer, score_table, score_batches, scored_schema),
    "framing.schema": (Schema, Label, read_schema),
    "framing.formats": (formats.read, formats.write, formats.guess_format),
}  # fmt: skip
"""What the Python reference describes, by the module that it is imported from."""

UNITS = {
    "phrase": "the fewest words that carry it",
    "clause": "the shortest clause or sentence that makes the move",
    "insert": "whole lines",
}


# --- the command line ---------------------------------------------------------------------


def commands(
    found: click.Command = command, name: str = "framing", parent: click.Context | None = None
) -> Iterator[tuple[str, click.Command, str]]:
    """Full name, command and help of a command and of all below it."""
    context = click.Context(
        found, parent, name, terminal_width=WIDTH, max_content_width=WIDTH,
        **found.context_settings,
    )  # fmt: skip
    yield context.command_path, found, found.get_help(context)
    if isinstance(found, click.Group):
        for each in found.list_commands(context):
            below = found.get_command(context, each)
            if below is not None and not below.hidden:
                yield from commands(below, each, context)


_EXIT_CODES = """\
## Exit codes

| code | meaning |
|---|---|
| 0 | done, whether or not anything was found |
| 1 | a device named by `--fail-on` was found |
| 2 | wrong usage; an input, annotation or model that could not be used; errors found by `annotations validate`; an unhealthy installation (`doctor`) |

When some inputs of `score` cannot be read, each is named on standard error, the others are scored,
and the code is 2."""


def command_page() -> str:
    """Help of every command, the formats and the exit codes."""
    parts = ["# The command line", "What each command prints with `--help`.", _EXIT_CODES]
    for name, _, text in commands():
        parts += [f"## {name}", f"```text\n{text.rstrip()}\n```"]
    parts += ["## Annotation formats", "The names that `import` and `export` take.", _formats()]
    return _page(parts)


def _formats() -> str:
    rows = ["| format | what it is | import | export |", "|---|---|---|---|"]
    for name, each in formats.FORMATS.items():
        rows.append(f"| `{name}` | {each.title} | {'yes' if each.read else 'no'} | yes |")
    return "\n".join(rows)


# --- Python -------------------------------------------------------------------------------


def python_page() -> str:
    """Signature and docstring of every public name."""
    parts = ["# Python", "Offsets are code points of the text as given, half-open."]
    for module, things in PUBLIC.items():
        parts.append(f"## {module}")
        for thing in things:
            parts += _describe(thing, module)
    return _page(parts)


def _describe(thing: Any, module: str) -> list[str]:
    """Heading, signature and docstring of a class or function, then those of its members."""
    name = f"{module}.{thing.__name__}"
    if not inspect.isclass(thing):
        return [f"### {name}", f"```text\n{signature(thing)}\n```", *_docstring(thing)]
    parts = [f"### {name}"]
    if not is_dataclass(thing) and not issubclass(thing, Exception):
        parts.append(f"```text\n{signature(thing)}\n```")
    parts += _docstring(thing)
    for label, member in vars(thing).items():
        plain = member.__func__ if isinstance(member, classmethod) else member
        if label.startswith("_") or not (inspect.isfunction(plain) or isinstance(plain, property)):
            continue
        title = f"#### {thing.__name__}.{label}"
        if isinstance(plain, property):
            parts += [title, *_docstring(plain)]
        else:
            bound = getattr(thing, label) if isinstance(member, classmethod) else plain
            parts += [title, f"```text\n{signature(bound)}\n```", *_docstring(plain)]
    return parts


def signature(function: Callable[..., Any]) -> str:
    """Name and parameters, with annotations as they are written, at most `WIDTH` wide."""
    whole = inspect.signature(function)
    words: list[str] = []
    for each in whole.parameters.values():
        if each.kind is each.KEYWORD_ONLY and "*" not in words:
            words.append("*")
        word = each.name
        if each.annotation is not each.empty:
            word += f": {each.annotation}"
        if each.default is not each.empty:
            word += f" = {each.default!r}"
        if each.name != "self":
            words.append(word)
    result = whole.return_annotation
    after = "" if inspect.isclass(function) or result is whole.empty else f" -> {result}"
    line = f"{function.__name__}({', '.join(words)}){after}"
    if len(line) <= WIDTH:
        return line
    return f"{function.__name__}(\n" + "".join(f"    {word},\n" for word in words) + f"){after}"


def _docstring(thing: Any) -> list[str]:
    """A numpydoc docstring as Markdown paragraphs."""
    lines = inspect.cleandoc(thing.__doc__ or "").split("\n")
    heads = [n for n in range(len(lines) - 1) if lines[n + 1] and not lines[n + 1].strip("-")]
    edges = [*heads, len(lines)]
    parts = ["\n".join(lines[: edges[0]]).strip()]
    for start, end in zip(heads, edges[1:], strict=True):
        body = "\n".join(lines[start + 2 : end]).strip("\n")
        parts += [f"**{lines[start]}**", _entries(body)]
    return parts


def _entries(body: str) -> str:
    """Entries of a section as a list: name and type, then the description."""
    entries: list[list[str]] = []
    for line in body.split("\n"):
        if not line.startswith(" "):
            name, _, kind = line.partition(" : ")
            entries.append([f"- `{name}`" + (f" (`{kind}`)" if kind else "")])
        elif line.strip():
            entries[-1].append(line.strip())
    return "\n".join(
        each[0] + ":\n  " * (len(each) > 1) + "\n  ".join(each[1:]) for each in entries
    )


# --- the devices --------------------------------------------------------------------------


_DEVICES = """\
Definitions are from `annotations/schema.toml`, which every shipped model carries. In the examples,
all invented, [brackets] enclose what is marked, and under each device only that device is shown.
They follow the rules, and no model was asked: the models will not agree everywhere. [The
guidelines](../../annotations/guidelines.md) have the rules for deciding, and [an
explanation](../explanation/devices.md) says where the devices come from."""


def devices_page() -> str:
    """What `annotations/schema.toml` says of each device, with the examples of the gallery."""
    found = read_schema(ROOT / "annotations" / "schema.toml")
    gallery = read_gallery()
    units = "; ".join(f"*{unit}*, {meaning}" for unit, meaning in UNITS.items())
    rows = [
        f"| [`{label.name}`](#{label.name}) | {label.unit} | {label.definition} |"
        for label in found.labels
    ]
    table = "\n".join(["| device | unit | definition |", "|---|---|---|", *rows])
    how_much = f"A device has a *unit*, which says how much of the sentence is marked: {units}."
    parts = ["# The ten devices", _DEVICES, how_much, table]
    for number, (label, tag) in enumerate(zip(found.labels, tags(found.names), strict=True)):
        marks = " Its spans include the quotation marks." if label.quotation else ""
        parts += [
            f"## {label.name}",
            f"{label.definition} Unit: {label.unit}.{marks} Tag in the report: {tag}.",
            "**Marked**",
            _examples([(label.example, ""), *gallery[label.name]["yes"]], number),
            "**Not marked**",
            _examples([(label.counter_example, ""), *gallery[label.name]["no"]], number),
        ]
    return _page(parts)


# --- the scored table ---------------------------------------------------------------------


_SCORED = """\
What `framing.arrow` returns, and with it every engine ([how](../how-to/score-on-an-engine.md)): the
columns that came in, unchanged and in their order, then these. `framing.arrow.schema` returns them
as an Arrow schema."""
_SPANS = """\
The spans of a row are in text order. Each is a struct:"""
_SCORED_NOTES = """\
- A null text has no spans and null rates. An empty text has no spans and rates of 0.
- Offsets are code points, from 0, half-open. `substring(text, start + 1, end - start)` are the words
  in Spark and DuckDB, `text.str.slice(start, end - start)` in Polars, and `text[start:end]` in
  Python. JavaScript and Java count differently, in UTF-16.
- Rates are `Prediction.profile.rates`. To add up articles, count spans and words and divide then.
- A model with other labels has other `rate_` columns.
- The text may be string, large string, string view, or any of these dictionary- or run-end encoded.
  A table that has a column `spans`, or one of the rates, is refused.
- The schema's metadata, which Parquet files keep, is that of the input and `framing.model.name`,
  `framing.model.sha256`, `framing.model.version` and `framing.offset_unit`."""
_SPAN_FIELDS = {
    "start": "first character",
    "end": "one past the last character",
    "label": "the device",
    "score": "probability that an annotator would mark it, 0 to 1",
    "quoted": "whether it stands inside a direct quotation; only with `include_quoted`",
}


def scored_page() -> str:
    """The columns that scoring adds to a table."""
    found = scored_schema(pa.schema({"text": pa.string()}), model="linear", include_quoted=True)
    span = found.field("spans").type.value_type
    meaning = {"spans": "the spans, an empty list where there are none"}
    rows = [
        f"| `{each.name}` | {'list of struct' if each.name == 'spans' else each.type} | "
        + meaning.get(each.name, f"{each.name.removeprefix('rate_')} per 1,000 words")
        + " |"
        for each in list(found)[1:]
    ]
    fields = [f"| `{each.name}` | {each.type} | {_SPAN_FIELDS[each.name]} |" for each in span]
    head = ["| column | Arrow type | meaning |", "|---|---|---|"]
    parts = ["# The columns of a scored table", _SCORED, "\n".join([*head, *rows])]
    return _page([*parts, _SPANS, "\n".join([*head, *fields]), _SCORED_NOTES])


def read_gallery() -> dict[str, dict[str, list[tuple[str, str]]]]:
    """Examples of each device: under `yes` and `no`, the words and why."""
    data = tomllib.loads((ROOT / "docs" / "gallery.toml").read_text(encoding="utf-8"))
    return {
        name: {side: [(words, why) for words, why in each[side]] for side in ("yes", "no")}
        for name, each in data.items()
    }


def _examples(found: list[tuple[str, str]], number: int) -> str:
    """Examples as a list, what is marked in the colour of the device."""
    lines = []
    for words, why in found:
        shown = html.escape(words, quote=False)
        shown = shown.replace("[", f'<mark class="d{number}">[').replace("]", "]</mark>")
        lines.append(f"- {shown}" + (f"<br>*Why:* {why}" if why else ""))
    return "\n".join(lines)


# --- pages --------------------------------------------------------------------------------


def _page(parts: list[str]) -> str:
    return "\n\n".join([_NOTICE, *(part for part in parts if part)]) + "\n"


PAGES: dict[str, Callable[[], str]] = {
    "command-line.md": command_page,
    "python.md": python_page,
    "devices.md": devices_page,
    "scored-table.md": scored_page,
}


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; fail if a page is out of date.")
def main(check: bool) -> None:
    """Write the reference pages."""
    stale = False
    for name, make in PAGES.items():
        path, content = REFERENCE / name, make()
        if path.is_file() and path.read_text(encoding="utf-8") == content:
            continue
        stale = True
        if not check:
            path.write_text(content, encoding="utf-8", newline="\n")
        click.echo(f"docs/reference/{name}: {'out of date' if check else 'written'}")
    sys.exit(1 if check and stale else 0)


if __name__ == "__main__":
    main()
