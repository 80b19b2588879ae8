"""Whether every Python gives the same predictions: `python -m tests.versions PYTHON...`.

Each of the interpreters, this one included, scores the articles of the corpus that have their
text, and those of `--texts`, with both shipped models and with one and two jobs. What they write
is compared byte by byte. They need the project's dependencies; its code is that of this folder.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
MODELS = ("linear", "boosted")
JOBS = (1, 2)
_VERSIONS = (
    "import sys, numpy, sklearn;"
    "print('.'.join(map(str, sys.version_info[:3])), numpy.__version__, sklearn.__version__)"
)


@dataclass(frozen=True)
class Row:
    """What one interpreter wrote with one model and number of jobs."""

    versions: str
    model: str
    jobs: int
    documents: int
    spans: int
    digest: str


def write_articles(folder: Path) -> None:
    """Put the texts of the corpus that are not kept stand-off into files of their own."""
    number = 0
    for path in sorted((ROOT / "annotations" / "articles").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            text: str = json.loads(line)["text"]
            (folder / f"{number:04}.txt").write_bytes(text.encode())
            number += 1


def score(python: str, texts: Sequence[Path], models: Sequence[str] = MODELS) -> Iterator[Row]:
    """Score texts with one interpreter in every way.

    Raises
    ------
    subprocess.CalledProcessError
        If it cannot run or something could not be read.
    """
    environment = os.environ | {"PYTHONPATH": str(ROOT)}

    def run(*arguments: str) -> str:
        command = [python, *arguments]
        done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE)
        return done.stdout.decode().strip()

    versions = run("-c", _VERSIONS)
    with tempfile.TemporaryDirectory() as folder:
        for model in models:
            for jobs in JOBS:
                output = Path(folder) / f"{model}-{jobs}.jsonl"
                options = ["--format", "jsonl", "--model", model, "--jobs", str(jobs)]
                run("-m", "framing", "score", *options, "--output", str(output), *map(str, texts))
                yield _row(versions, model, jobs, output.read_bytes())


def _row(versions: str, model: str, jobs: int, written: bytes) -> Row:
    lines = written.splitlines()
    spans = sum(len(json.loads(line)["spans"]) for line in lines)
    return Row(versions, model, jobs, len(lines), spans, hashlib.sha256(written).hexdigest())


def differing(rows: Sequence[Row]) -> list[str]:
    """Models of which not everything that was written is the same."""
    models = dict.fromkeys(row.model for row in rows)
    return [
        model for model in models if len({row.digest for row in rows if row.model == model}) > 1
    ]


def main() -> None:
    """Compare the interpreters named on the command line with this one."""
    parser = argparse.ArgumentParser(prog="python -m tests.versions")
    parser.add_argument("pythons", nargs="*", help="Interpreters with the project's dependencies.")
    parser.add_argument("--texts", type=Path, action="append", default=[], help="More to score.")
    chosen = parser.parse_args()
    rows = []
    print("Python NumPy scikit-learn | model | jobs | documents | spans | sha256")  # noqa: T201
    with tempfile.TemporaryDirectory() as folder:
        write_articles(Path(folder))
        for python in [sys.executable, *chosen.pythons]:
            for row in score(python, [Path(folder), *chosen.texts]):
                rows.append(row)
                told = (row.versions, row.model, row.jobs, row.documents, row.spans)
                print(*told, row.digest[:16], sep=" | ", flush=True)  # noqa: T201
    found = differing(rows)
    print(f"different: {', '.join(found)}" if found else "all equal")  # noqa: T201
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
