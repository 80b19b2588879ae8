"""No hang: patterns and the pipeline take time in proportion to the text, whatever it is.

Times are those of the process, the best of several where one looks bad. Ten times the text
may take 25 times as long, not 100 times. Texts of 1 and 10 MB are read if `FRAMING_SLOW` is set:
`FRAMING_SLOW=1 python -m pytest tests/test_growth.py -m slow -s`.
"""

from __future__ import annotations

import ast
import gc
import importlib
import os
import pkgutil
import re
import signal
import string
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import pytest
from hostile import restless_model
from hostile_readers import CHECKS, rendered

import framing
from framing.markup import read_markup
from framing.predictor import Framing

LIMIT = 25.0
"""Times as long for ten times the text."""
PATIENCE = 30
"""Seconds after which a pattern has hung."""


# --- every pattern of the package ---------------------------------------------------------

CALLS = {"compile", "search", "match", "fullmatch", "split", "findall", "finditer", "sub", "subn"}


def modules() -> Iterator[str]:
    for found in pkgutil.walk_packages(framing.__path__, "framing."):
        if found.name != "framing.__main__":
            yield found.name


def patterns_of(name: str) -> Iterator[tuple[str, re.Pattern[str], set[str]]]:
    """Patterns of a module, with the methods that any code calls on them.

    Every call `re.something(...)` in the source is found, inside functions as well; its
    pattern has to be made of what the module itself knows.
    """
    module = importlib.import_module(name)
    tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and is_call_of_re(node.value):
            names[node.value.lineno, node.value.col_offset] = ast.unparse(node.targets[0])
    for node in ast.walk(tree):
        if not is_call_of_re(node):
            continue
        arguments = [ast.unparse(each) for each in node.args]
        position = {"sub": 2, "subn": 2}.get(node.func.attr, 1)
        flags = arguments[position:] if node.func.attr == "compile" else []
        flags += [ast.unparse(each.value) for each in node.keywords if each.arg == "flags"]
        try:
            code = f"re.compile({', '.join([arguments[0], *flags])})"
            pattern = eval(code, {"re": re, **vars(module)})  # noqa: S307 - our own source
        except NameError as error:
            pytest.fail(f"{name}:{node.lineno}: put the pattern in a constant ({error})")
        if node.func.attr == "compile":
            methods = used(names.get((node.lineno, node.col_offset), ""))
        else:
            methods = {node.func.attr}
        yield f"{name}:{node.lineno}", pattern, methods


def is_call_of_re(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "re"
        and node.func.attr in CALLS
    )


def used(name: str) -> set[str]:
    """Methods that the package calls on a pattern of this name; all that search if none."""
    if not name:
        return {"search", "fullmatch"}
    sources = Path(str(framing.__file__)).parent.rglob("*.py")
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    return set(re.findall(rf"\b{re.escape(name)}\.(\w+)\(", text)) & CALLS or {"search"}


EVERY = [found for name in sorted(modules()) for found in patterns_of(name)]


_CATEGORIES = {
    sre.CATEGORY_DIGIT: "1",
    sre.CATEGORY_SPACE: " ",
    sre.CATEGORY_WORD: "a",
    sre.CATEGORY_NOT_WORD: "-",
}


class Sampler:
    """Characters that mean something to a pattern, and one string that it matches."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self.characters: dict[str, None] = {}
        self.repeats = False
        self.whole = self.read(parser.parse(pattern.pattern, pattern.flags))

    def read(self, parts: Any) -> str:
        return "".join(self.step(kind, value) for kind, value in parts)

    def step(self, kind: Any, value: Any) -> str:
        if kind in (sre.LITERAL, sre.NOT_LITERAL):
            return self.note(chr(value))
        if kind in (sre.ANY, sre.CATEGORY):
            return self.note(_CATEGORIES.get(value, "x"))
        if kind is sre.RANGE:
            self.note(chr(value[1]))
            return self.note(chr(value[0]))
        if kind in (sre.IN, sre.BRANCH):
            parts = value if kind is sre.IN else [(sre.SUBPATTERN, (each,)) for each in value[1]]
            return [self.step(*each) for each in parts if each[0] is not sre.NEGATE][-1]
        if kind in (sre.MAX_REPEAT, sre.MIN_REPEAT):
            self.repeats |= value[1] > 1
            return self.read(value[2]) * max(value[0], min(value[1], 2))
        return self.read(value[-1]) if kind in (sre.SUBPATTERN, sre.ASSERT, sre.ASSERT_NOT) else ""

    def note(self, character: str) -> str:
        self.characters[character] = None
        return character


Trap = tuple[str, str, str]


def traps(sampler: Sampler) -> list[Trap]:
    """Beginnings, pieces to repeat, and ends that just fail."""
    characters, whole = list(sampler.characters)[:8], sampler.whole
    pieces = {*characters, *map("".join, product(characters[:3], repeat=2))}
    pieces |= set(filter(None, (whole, whole[:-1], whole[1:], whole + whole[:-1])))
    made = [("", piece, end) for piece in sorted(pieces) for end in ("", "\0")]
    return [*made, *((whole, piece, "\0") for piece in characters), ("", string.printable, "")]


def run(pattern: re.Pattern[str], method: str, text: str) -> None:
    if method in ("sub", "subn"):
        getattr(pattern, method)("", text)
    elif method == "finditer":
        for _ in pattern.finditer(text):
            pass
    else:
        getattr(pattern, method)(text)


def seconds(work: Callable[[], object], times: int = 1) -> float:
    """Least seconds of the process over some times, without garbage collection, as `timeit`."""
    best, collecting = float("inf"), gc.isenabled()
    gc.disable()
    try:
        for _ in range(times):
            start = time.process_time()
            work()
            best = min(best, time.process_time() - start)
    finally:
        if collecting:
            gc.enable()
    return best


class HungError(Exception):
    pass


@contextmanager
def patience() -> Iterator[None]:
    """Give up on a pattern that has hung; `re` looks for signals now and then."""

    def stop(*_: object) -> None:
        raise HungError

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(PATIENCE)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def took(pattern: re.Pattern[str], method: str, trap: Trap, size: int, times: int = 1) -> float:
    begin, piece, end = trap
    text = begin + piece * (size // len(piece)) + end
    with patience():
        return max(seconds(lambda: run(pattern, method, text), times), 2e-3)


def growth(pattern: re.Pattern[str], method: str, trap: Trap, sizes: tuple[int, int]) -> float:
    """How many times longer the second size takes than the first."""
    try:
        few, many = (took(pattern, method, trap, size) for size in sizes)
        if many / few > LIMIT:  # or is the machine busy?
            few, many = (took(pattern, method, trap, size, 3) for size in sizes)
    except HungError:
        return float("inf")
    return many / few


def worst_growth(pattern: re.Pattern[str], method: str) -> tuple[float, Trap]:
    """How many times longer ten times the text takes, up to 100 kB and at the worst 1 MB."""
    sampler = Sampler(pattern)
    found = []
    for trap in traps(sampler):
        found.append((growth(pattern, method, trap, (10_000, 100_000)), trap))
        if found[-1][0] > LIMIT:
            return found[-1]
    if sampler.repeats:  # else it looks at so many characters and no more
        _, trap = max(found)
        found.append((growth(pattern, method, trap, (100_000, 1_000_000)), trap))
    return max(found)


@pytest.mark.parametrize(("pattern", "methods"), [e[1:] for e in EVERY], ids=[e[0] for e in EVERY])
def test_every_pattern_is_linear(pattern, methods):
    for method in sorted(methods):
        ratio, trap = worst_growth(pattern, method)
        assert ratio <= LIMIT, f"{pattern.pattern!r}.{method} at {trap}: {ratio:.0f} times"


def test_the_patterns_are_found():
    """As many as a plain search for `re.` sees, and those known by name among them."""
    root = Path(str(framing.__file__)).parent
    text = "\n".join(path.read_text(encoding="utf-8") for path in root.rglob("*.py"))
    assert len(EVERY) == len(re.findall(rf"\bre\.(?:{'|'.join(CALLS)})\(", text)) > 15
    assert "from re import" not in text
    assert {"framing.pieces", "framing.archive"} <= {place.split(":")[0] for place, *_ in EVERY}


@pytest.mark.parametrize(
    ("bad", "method"),
    [(r"(a+)+b", "search"), (r"\s+$", "search"), (r"(?:\w|aa)+!", "match"),
     (r"a*a*b", "fullmatch"), (r"T\S*\t", "search")],
)  # fmt: skip
def test_patterns_that_backtrack_are_caught(bad, method, monkeypatch):
    monkeypatch.setattr("test_growth.PATIENCE", 2)
    assert worst_growth(re.compile(bad), method)[0] > LIMIT


# --- the whole pipeline -------------------------------------------------------------------

SHAPES: dict[str, str | Callable[[int], str]] = {
    "straight quotes": '"',
    "opening quotes": "“",
    "closing quotes": "”",
    "alternating quotes": "“”",
    "apostrophes": "'",
    "opening single quotes": "‘",
    "quoted letters": '"a" ',
    "lines that open a quotation": "“a\n",
    "lines with one straight quote": '"a\n',
    "questions with a name after them": "“Go?” Mary Jones Smith Lee asked. ",
    "opening brackets": "(",
    "closing brackets": ")",
    "nested brackets": lambda n: "(" * (n // 2) + ")" * (n // 2),
    "nested quotes": lambda n: "“‘" * (n // 4) + "’”" * (n // 4),
    "one letter": "a",
    "letters": "a ",
    "dashes": "-",
    "stops": ".",
    "short lines": "\nx",
    "Windows line breaks": "\r\n",
    "spaces": " ",
    "handles": "(@jane) ",
    "signed posts": "It fell. — Jane Doe (@jane) May 1, 2020\n",
    "signatures in one line": "— J (@j) May 1, 2020 ",
    "dashes and handles": "- (@a ",
    "lines above a signature": lambda n: "It fell \n" * (n // 9) + "— Jane Doe (@jane) May 1, 2020",
    "colons": "A: ",
    "a transcript": "SMITH: so?\nJONES: no.\n",
    "announced lines": "She said:\nIt was a very bad day.\n",
    "lines after a tweet": "He tweeted\n@jane it was a bad bad day\n",
    "a long line before handles": lambda n: "posted " * (n // 14) + "\n@a" * (n // 6),
    "digits": "1",
    "digits with points": "1.1,1",
    "abbreviations": "a.b.c. ",
    "abbreviations without spaces": "a.b.",
    "combining marks": "\u0301",
    "hyphens": "so-",
    "right to left": "ש ",
    "half surrogate pairs": "\ud800",
    "joined emoji": "👩‍",
    "inserts": "Subscribe\n",
    "reporting words": "said claims ",
    "strong words": "reckless regime. ",
    "words all different": lambda n: " ".join(f"w{number:x}" for number in range(n // 6)),
}


def shaped(shape: str | Callable[[int], str], size: int) -> str:
    text = shape(size) if callable(shape) else shape * (size // len(shape) + 1)
    return text[:size]


@pytest.fixture(scope="module")
def loud():
    found = Framing(restless_model(), include_quoted=True)
    found.predict("warm up “the” machine (once).")
    return found


def predict_seconds(framing_, text, times=1):
    def work():
        framing_.model.lexicon.reset()
        framing_.model.linear.forget()
        framing_.predict(text)

    return seconds(work, times)


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_time_grows_with_the_text(loud, shape):
    """Within one batch, where a step that looks at everything twice would show."""
    few, many = shaped(shape, 13_000), shaped(shape, 130_000)
    ratio = predict_seconds(loud, many) / max(predict_seconds(loud, few), 0.02)
    if ratio > LIMIT:
        ratio = predict_seconds(loud, many, 2) / max(predict_seconds(loud, few, 3), 0.02)
    assert ratio <= LIMIT


@pytest.mark.slow
@pytest.mark.skipif(not os.environ.get("FRAMING_SLOW"), reason="set FRAMING_SLOW: 20 minutes")
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_time_grows_with_long_texts(loud, shape):
    took = [predict_seconds(loud, shaped(shape, size)) for size in (10**5, 10**6, 10**7)]
    print(" ".join(f"{each:.2f}" for each in took))  # noqa: T201
    assert took[1] / max(took[0], 0.05) <= LIMIT
    assert took[2] / max(took[1], 0.05) <= LIMIT


WORK = {
    "explain": lambda loud, text, _: loud.explain(text),
    "presence": lambda loud, text, _: loud.predict_proba([text]),
    "notebook": lambda _, __, found: found._repr_html_(),
    **{
        name: lambda loud, text, found, name=name: rendered(
            name, "a.txt", text, found, loud.model.schema.labels
        )
        for name in CHECKS
    },
}


@pytest.mark.parametrize("work", WORK.values(), ids=WORK)
@pytest.mark.parametrize("shape", ["alternating quotes", "a transcript", "inserts"])
def test_what_is_done_with_spans_grows_with_the_text(loud, shape, work):
    took = []
    for size in (1500, 15_000):
        text = shaped(SHAPES[shape], size)
        found = loud.predict(text)
        took.append(seconds(lambda text=text, found=found: work(loud, text, found), 2))
    assert took[1] / max(took[0], 0.02) <= LIMIT


# --- markup -------------------------------------------------------------------------------

MARKUP = (
    "<", ">", "<p>", "</p>", "<p", '<a href="', "<!--", "<!-- -->", "-->", "&", "&amp;", "&#", "&#1;",
    "<script>", "</script>", "<![CDATA[", "<?", "<b><i>", "<blockquote>", "<div>", "<table>", "<td>",
    "<svg>", "`", "``", "*", "**", "_a", "*a ", "[", "](", "[a](", "[a]: b\n", "![", "> ", ">>", "- ",
    "  - a\n", "1. ", "#", "# a\n", "```\n", "~~~\n", "| a ", "a\n===\n", "    a\n", "\\[", "<http://",
    "[^1]: a\n", "<!-- framing:", "\0", "\ud800",
)  # fmt: skip
"""Pieces that open, close or nest something in HTML or Markdown."""


@pytest.mark.parametrize("ending", [".html", ".md"])
def test_time_grows_with_markup(ending):
    for piece in MARKUP:
        few, many = piece * (10_000 // len(piece)), piece * (100_000 // len(piece))
        ratio = 0.0
        for times in (1, 3, 10):  # a machine may be slow for a second or two
            last = max(seconds(lambda few=few: read_markup(f"a{ending}", few), times), 0.01)
            ratio = seconds(lambda many=many: read_markup(f"a{ending}", many), times) / last
            if ratio <= LIMIT:
                break
        assert ratio <= LIMIT, f"{piece!r}: {ratio:.0f} times"
