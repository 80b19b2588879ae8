"""The blocks of the pages: find them, run them, and bring what is printed up to date.

    python docs/console.py

runs the ```python and ```console blocks of docs/ and puts what the commands print today under
each `$ framing ...` that has output under it: as many lines as stood there. The tests run
the same blocks and compare no more than the shape of the lines, for a model that is trained
anew finds other spans.
"""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import shutil
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from click.testing import CliRunner

from framing.cli import main as command

ROOT = Path(__file__).parents[1]
COPIED = ("docs/examples", "annotations/articles", "annotations/schema.toml")
"""What the blocks find in the folder that they run in."""
APART = "<!-- Run apart:"
"""How a page begins whose blocks need processes of their own: tests/test_engines.py."""
MORE = "..."
"""Stands for lines that a page does not show."""
PROMPT = "$ "
STATUS = "echo $?"
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its language, its text, and where the text begins in the page."""

    language: str
    body: str
    offset: int
    line: int


@dataclass(frozen=True, slots=True)
class Command:
    """A line after a prompt, and what stands under it."""

    words: str
    shown: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Ran:
    """A command `framing` that was run, the exit code that the page says, and what came."""

    command: Command
    expected: int
    status: int
    printed: tuple[str, ...]


def pages(root: Path = ROOT) -> list[Path]:
    """README and everything below docs/."""
    return [root / "README.md", *sorted((root / "docs").rglob("*.md"))]


def blocks(text: str) -> Iterator[Block]:
    """Fenced blocks of a page."""
    for match in _BLOCK.finditer(text):
        line = text.count("\n", 0, match.start(2)) + 1
        yield Block(match[1], match[2], match.start(2), line)


def commands(block: Block) -> list[Command]:
    """Commands of a console block."""
    found: list[Command] = []
    for number, line in enumerate(block.body.splitlines(), block.line):
        if line.startswith(PROMPT):
            found.append(Command(line.removeprefix(PROMPT), (), number))
        elif found:
            last = found[-1]
            found[-1] = Command(last.words, (*last.shown, line), last.line)
    return found


@contextmanager
def workplace() -> Iterator[Path]:
    """Stand in a temporary folder with what the pages read."""
    with TemporaryDirectory() as name, chdir(name):
        for path in COPIED:
            source, target = ROOT / path, Path(name, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target)
            else:
                shutil.copy(source, target)
        yield Path(name)


def run_page(page: Path) -> Iterator[Ran]:
    """Run the blocks of a page, in order, in the current folder; not those of a page `APART`."""
    namespace: dict[str, Any] = {"__name__": "page"}
    text = page.read_text(encoding="utf-8")
    for block in () if text.startswith(APART) else blocks(text):
        if block.language == "python":
            code = compile("\n" * (block.line - 1) + block.body, str(page), "exec")
            exec(code, namespace)  # noqa: S102 - our own pages
        elif block.language == "console":
            yield from _run_console(commands(block))


def _run_console(found: list[Command]) -> Iterator[Ran]:
    for each, after in zip(found, [*found[1:], None], strict=True):
        if each.words.startswith("framing "):
            said = after and after.words == STATUS and after.shown
            status, printed = run(each.words)
            yield Ran(each, int(said[0]) if said else 0, status, tuple(printed))


def run(words: str) -> tuple[int, list[str]]:
    """Exit code and lines of a command, which may end in `< file` or `> file`."""
    _, *arguments = shlex.split(words)
    given, taken = _redirected(arguments, "<"), _redirected(arguments, ">")
    content = Path(given).read_bytes() if given else None
    result = CliRunner().invoke(
        command, arguments, input=content, prog_name="framing", catch_exceptions=False
    )
    if taken:
        Path(taken).write_bytes(result.stdout_bytes)
        return result.exit_code, []
    return result.exit_code, result.output.splitlines()


def _redirected(arguments: list[str], sign: str) -> str | None:
    """File named after a sign; both are taken from the arguments."""
    if sign not in arguments:
        return None
    at = arguments.index(sign)
    _, name = arguments[at : at + 2]
    del arguments[at : at + 2]
    return name


# --- what a line looks like ---------------------------------------------------------------

_SHAPES = (
    (re.compile(r"^ {4}(words|other): .*[-+]\d.*$"), r"    \1"),
    (re.compile(r"^ {2}\S.*$"), "  words"),
    (re.compile(r'".*"'), '""'),
    (re.compile(r"\b[0-9a-f]{64}\b"), "hash"),
    (re.compile(r"\(/\S+\)|\([A-Z]:\\\S+\)"), "(folder)"),
    (re.compile(r"\b[a-z]+(_[a-z]+)+\b|\beditorializing\b|\bspeculation\b|\bsensationalism\b"), "device"),
    (re.compile(r"[-\w/]+\.txt"), "file"),
    (re.compile(r"\d+([.,]\d+)*"), "0"),
    (re.compile(r"[ \t]+"), " "),
)  # fmt: skip


def shape(line: str) -> str:
    """A line without what depends on the model: words, numbers, devices, files."""
    if line.startswith("{"):
        return "{}"
    for pattern, instead in _SHAPES:
        line = pattern.sub(instead, line)
    return line.strip()


# --- bringing pages up to date ------------------------------------------------------------


def refreshed(page: Path) -> str:
    """The page with what its commands print now; what it does not show stays out."""
    text = page.read_text(encoding="utf-8")
    lines = text.splitlines()
    with workplace(), contextlib.redirect_stdout(io.StringIO()):
        ran = list(run_page(page))
    for each in reversed(ran):
        shown, first = each.command.shown, each.command.line
        if shown:
            lines[first : first + len(shown)] = _excerpt(shown, each.printed)
    return "\n".join(lines) + "\n"


def _excerpt(shown: tuple[str, ...], printed: tuple[str, ...]) -> list[str]:
    """As many printed lines as are shown: the last ones where the page left out the first."""
    kept = sum(line != MORE for line in shown)
    if kept >= len(printed):
        return list(printed)
    return [MORE, *printed[-kept:]] if shown[0] == MORE else [*printed[:kept], MORE]


def main() -> None:
    """Bring every page of docs/ up to date."""
    for page in pages()[1:]:
        text = refreshed(page)
        if text != page.read_text(encoding="utf-8"):
            page.write_text(text, encoding="utf-8", newline="\n")
            print(f"{page.relative_to(ROOT)}: written")  # noqa: T201


if __name__ == "__main__":
    main()
