"""Mutation testing: `python -m tests.mutants` changes the source bit by bit and runs the tests.

The changes are those of mutmut (`python -m pip install mutmut==3.8.1`), taken over the whole of
a module: also where mutmut itself leaves them out, in the tables beside the functions and in
properties. Each mutant is imported in a fork of a process that has the heavy libraries but none
of the package, so that what is computed at import is a mutant's too. A mutant is killed when a
test fails, when it cannot be imported, or when it takes four times as long.
"""

from __future__ import annotations

import difflib
import gc
import importlib
import os
import resource
import sys
import tempfile
from collections.abc import Iterator
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType
from typing import Any

ROOT = Path(__file__).parents[1]
_READING = (
    "test_text.py",
    "-k",
    "not one_by_one and not any_text and not offsets_point and not lie_in",
)
TESTS = {
    "text": _READING,
    "pieces": _READING,
    "stretches": ("test_stretches.py",),
    "decode": ("test_decode.py",),
    "model": ("test_model.py",),
    "annotations": ("test_annotations.py", "-k", "not parquet and not own and not load_dataset"),
}
"""Modules, and what of the tests is run on each: nothing that takes more than a second or two."""
OPTIONS = (
    *("-x", "-qq", "-s", "--assert=plain", "--no-header", "--tb=native"),
    *("-p", "no:cacheprovider", "-p", "no:unraisableexception"),
)
LIBRARIES = (
    "datasets", "hypothesis.strategies", "jsonschema", "numpy", "pyarrow.parquet", "pytest",
    "scipy.sparse", "sklearn.ensemble", "sklearn.linear_model", "skops.io",
)  # fmt: skip


def mutants(source: str) -> tuple[int, Iterator[str]]:
    """Number of changes that can be made to a source, and the source with each of them."""
    import libcst as cst
    from libcst.metadata import MetadataWrapper
    from mutmut.mutation.file_mutation import MutationVisitor
    from mutmut.mutation.mutators import mutation_operators
    from mutmut.mutation.pragma_handling import IgnoredCode

    class Everywhere(MutationVisitor):
        """Leaves out no function for its decorators: nothing is wrapped here."""

        def _skip_node_and_children(self, node: cst.CSTNode) -> bool:
            return not isinstance(node, cst.FunctionDef) and super()._skip_node_and_children(node)

    wrapper = MetadataWrapper(cst.parse_module(source))
    visitor = Everywhere(mutation_operators, IgnoredCode(set(), set(), set()))
    wrapper.visit(visitor)
    body = wrapper.module.body
    owner = {id(node): number for number, part in enumerate(body) for node in inside(part)}

    def sources() -> Iterator[str]:
        for each in visitor.mutations:
            number = owner[id(each.original_node)]
            part = body[number].deep_replace(each.original_node, each.mutated_node)
            changed = [*body[:number], part, *body[number + 1 :]]
            yield wrapper.module.with_changes(body=changed).code

    return len(visitor.mutations), sources()


def inside(node: Any) -> Iterator[Any]:
    """A node of the syntax tree and all below it."""
    yield node
    for child in node.children:
        yield from inside(child)


class Mutated(SourceFileLoader):
    """Loads a module from another source than its file's."""

    source = ""

    def get_code(self, fullname: str) -> CodeType:
        return compile(self.source, self.path, "exec")


class Finder(MetaPathFinder):
    """Finds the mutant where the module is asked for."""

    def __init__(self, name: str, path: Path, source: str) -> None:
        self.name, self.loader = name, Mutated(name, str(path))
        self.loader.source = source

    def find_spec(self, fullname: str, path: object, target: object = None) -> ModuleSpec | None:
        if fullname != self.name:
            return None
        return spec_from_file_location(fullname, self.loader.path, loader=self.loader)


class Forks:
    """A plugin that forks pytest before it collects the tests: once a mutant.

    Parameters
    ----------
    module : str
    """

    def __init__(self, module: str) -> None:
        self.module, self.path = module, ROOT / "framing" / f"{module}.py"
        self.total = self.survived = 0
        self.is_child = False

    def pytest_collection(self) -> bool | None:
        """Run the tests on the module as it is, then on its mutants; those that survive are named."""
        source = self.path.read_text(encoding="utf-8")
        self.total, every = mutants(source)
        passed, took = self.run_tests(source, 600)
        if passed and not self.is_child:
            say(f"{self.module}: {self.total} mutants, {took:.1f} s each at most")
            for number, mutant in enumerate(every):
                survived, _ = self.run_tests(mutant, int(4 * took) + 5)
                if self.is_child:
                    break
                if survived:
                    self.survived += 1
                    say(f"{self.module} {number}", *changed(source, mutant))
        elif not self.is_child:
            sys.exit(f"{self.module}: the tests fail on the module as it is")
        return None if self.is_child else True

    def run_tests(self, source: str, seconds: int) -> tuple[bool, float]:
        """Whether the tests pass on a source, and the processor time that they took."""
        child = os.fork()
        if child:
            _, status, usage = os.wait4(child, 0)
            return status == 0, usage.ru_utime + usage.ru_stime
        self.is_child = True
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        for stream in (1, 2):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
        name = f"framing.{self.module}"
        sys.meta_path.insert(0, Finder(name, self.path, source))
        try:
            importlib.import_module(name)
        except Exception:  # noqa: BLE001 - whatever it is, the mutant is killed
            os._exit(1)
        return True, 0.0

    def pytest_runtest_makereport(self, call: Any) -> None:
        """End at the first failure, before it is written up."""
        if call.excinfo and type(call.excinfo.value).__name__ != "Skipped":
            os._exit(1)

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        """Put the tests that make up their examples last, for most mutants fail a plain one."""
        items.sort(key=lambda each: hasattr(each.obj, "hypothesis"))


def examine(module: str) -> tuple[int, int]:
    """Number of a module's mutants, and of those that survive."""
    forks = Forks(module)
    with tempfile.TemporaryDirectory() as folder:
        code = importlib.import_module("pytest").main(
            [*OPTIONS, f"--basetemp={folder}/tests", *TESTS[module]], [forks]
        )
        if forks.is_child:
            os._exit(code)
    return forks.total, forks.survived


def changed(source: str, mutant: str) -> Iterator[str]:
    """Lines that differ, with their numbers."""
    lines = difflib.unified_diff(source.splitlines(), mutant.splitlines(), n=0, lineterm="")
    return (f"  {line}" for line in list(lines)[2:])


def say(*lines: str) -> None:
    """Print lines at once."""
    print(*lines, sep="\n", flush=True)  # noqa: T201


def main() -> None:
    """Examine the modules that are named, or all, and print the table."""
    for name in LIBRARIES:
        importlib.import_module(name)
    from hypothesis import Phase, settings

    settings.register_profile(
        "mutants", max_examples=60, derandomize=True, phases=(Phase.explicit, Phase.generate)
    )
    settings.load_profile("mutants")  # that of the tests inherits it
    os.environ |= {"OMP_NUM_THREADS": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    gc.collect()
    gc.freeze()
    sys.path.insert(0, str(ROOT))
    os.chdir(ROOT / "tests")
    found = {name: examine(name) for name in sys.argv[1:] or TESTS}
    say("", "| module | mutants | killed | survived | share |", "|---|--:|--:|--:|--:|")
    for name, (total, survived) in found.items():
        killed = total - survived
        say(f"| `{name}` | {total} | {killed} | {survived} | {killed / total:.1%} |")


if __name__ == "__main__":
    main()
