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
TESTS = {
    "text": ("test_text.py", "-k", "not one_by_one"),
    "decode": ("test_decode.py",),
    "model": ("test_model.py",),
    "annotations": (
        *("test_annotations.py", "test_hostile_annotations.py"),
        *("-k", "not nesting and not ten_megabytes and not commands and not export"),
    ),
}
"""Modules, and what of the tests is run on each: nothing that takes more than a second or two."""
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
    found = visitor.mutations
    replace = wrapper.module.deep_replace
    return len(found), (replace(each.original_node, each.mutated_node).code for each in found)


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


class QuickFirst:
    """Puts the tests that make up their examples last, for most mutants fail a plain one."""

    @staticmethod
    def pytest_collection_modifyitems(items: list[Any]) -> None:
        items.sort(key=lambda each: hasattr(each.obj, "hypothesis"))


def run_tests(module: str, source: str, folder: str, seconds: int) -> tuple[bool, float]:
    """Whether the tests pass on a source, and the processor time that they took."""
    child = os.fork()
    if child:
        _, status, usage = os.wait4(child, 0)
        return status == 0, usage.ru_utime + usage.ru_stime
    code = 1
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in range(3):
            os.dup2(nowhere, stream)
        path = ROOT / "framing" / f"{module}.py"
        sys.meta_path.insert(0, Finder(f"framing.{module}", path, source))
        sys.path.insert(0, str(ROOT))
        os.chdir(ROOT / "tests")
        code = importlib.import_module("pytest").main(
            [
                *("-x", "-q", "--assert=plain", "-p", "_hypothesis_pytestplugin"),
                *("-p", "no:cacheprovider", "-p", "no:unraisableexception"),
                *("--hypothesis-profile=mutants", f"--basetemp={folder}/tests"),
                *TESTS[module],
            ],
            [QuickFirst()],
        )
    finally:
        os._exit(int(code))


def examine(module: str) -> tuple[int, int]:
    """Number of a module's mutants, and of those that survive; these are printed."""
    source = (ROOT / "framing" / f"{module}.py").read_text(encoding="utf-8")
    total, every = mutants(source)
    survived = 0
    with tempfile.TemporaryDirectory() as folder:
        passed, took = run_tests(module, source, folder, 600)
        if not passed:
            sys.exit(f"{module}: the tests fail on the module as it is")
        say(f"{module}: {total} mutants, {took:.1f} s each at most")
        for number, mutant in enumerate(every):
            if run_tests(module, mutant, folder, int(4 * took) + 5)[0]:
                survived += 1
                say(f"{module} {number}", *changed(source, mutant))
    return total, survived


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
        "mutants", max_examples=60, derandomize=True, deadline=None,
        phases=(Phase.explicit, Phase.generate), suppress_health_check=list(settings().suppress_health_check),
    )  # fmt: skip
    os.environ |= {"OMP_NUM_THREADS": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    gc.collect()
    gc.freeze()
    found = {name: examine(name) for name in sys.argv[1:] or TESTS}
    say("", "| module | mutants | killed | survived | share |", "|---|--:|--:|--:|--:|")
    for name, (total, survived) in found.items():
        killed = total - survived
        say(f"| `{name}` | {total} | {killed} | {survived} | {killed / total:.1%} |")


if __name__ == "__main__":
    main()
