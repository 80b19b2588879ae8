"""Nothing is sent anywhere: no command and no function asks the network for anything.

Python reports every socket that is made, looked up or connected to its audit hooks, also
when a library underneath does it. Each task runs in a process of its own in which any of them
ends it, without the environment variables that would keep libraries off the network.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEXT = "The reckless mayor fell. Critics slammed the regime.\n"

GUARD = """
import sys

def guard(event, arguments):
    if event.startswith(("socket.", "urllib.", "http.", "ftplib.", "smtplib.", "webbrowser.")):
        import os, traceback
        traceback.print_stack()
        print("ASKED THE NETWORK", event, arguments[1:], file=sys.stderr, flush=True)
        os._exit(99)

sys.addaudithook(guard)
"""

TASKS = {
    "import": "import framing, framing.cli, framing.api, framing.formats",
    "predict": "import framing; framing.Framing(MODEL).predict(TEXT)",
    "boosted": "import framing; framing.Framing('boosted').predict(TEXT)",
    "explain": "import framing; framing.Framing(MODEL).explain(TEXT)",
    "score": "run('score', 'text.txt', '--model', MODEL)",
    "score to a page": "run('score', 'text.txt', '--model', MODEL, '-o', 'out.html')",
    "score to parquet": "run('score', 'text.txt', '--model', MODEL, '-o', 'out.parquet')",
    "score to sarif": "run('score', 'text.txt', '--model', MODEL, '-o', 'out.sarif')",
    "doctor": "run('doctor')",
    "evaluate": "run('evaluate', MODEL, 'marks.jsonl')",
    "train": "run('train', ARTICLES, '--model', 'linear', '-o', 'new.skops')",
    "validate": "run('annotations', 'validate', 'marks.jsonl')",
    "stats": "run('annotations', 'stats', 'marks.jsonl')",
    "import annotations": "run('annotations', 'import', 'marks.jsonl', '-o', 'again.jsonl')",
    "export annotations": (
        "run('annotations', 'export', 'marks.jsonl', '--format', 'web-annotation', '-o', 'w.json')"
    ),
    "dataset": (
        "from framing.annotations import *; from pathlib import Path\n"
        "documents, _ = read_annotations([Path('marks.jsonl')])\n"
        "dataset = to_dataset(documents, find_schema([]))\n"
        "assert len(from_dataset(dataset)) == 1"
    ),
}
RUN = """
def run(*arguments):
    from framing.cli import main
    try:
        main(list(arguments), standalone_mode=True)
    except SystemExit as done:
        assert done.code in (0, None), done.code
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "text.txt").write_text(TEXT)
    meta = {"genre": "news", "license": "CC0", "group": "a"}
    spans = [{"start": 4, "end": 12, "label": "loaded_language"}]
    record = {"id": "a", "text": TEXT, "spans": spans, "meta": meta}
    (tmp_path / "marks.jsonl").write_text(json.dumps(record) + "\n")
    return tmp_path


def in_a_process(code, folder, model="linear"):
    keep = {key: value for key, value in os.environ.items()
            if not key.startswith(("HF_", "TRANSFORMERS_", "DISABLE_TELEMETRY"))}  # fmt: skip
    lines = [GUARD, f"TEXT, MODEL, ARTICLES = {TEXT!r}, {str(model)!r}, 'some.jsonl'", RUN, code]
    return subprocess.run(
        [sys.executable, "-c", "\n".join(map(textwrap.dedent, lines))],
        cwd=folder,
        env=keep | {"PYTHONPATH": str(ROOT), "HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


@pytest.mark.parametrize("name", TASKS)
def test_no_task_asks_the_network(name, folder, handmade_path):
    if name == "train":
        files = sorted((ROOT / "annotations" / "articles").glob("*.jsonl"))
        lines = [line for file in files for line in file.read_text("utf-8").splitlines()]
        (folder / "some.jsonl").write_text("\n".join(lines[::14][:12]), encoding="utf-8")
    done = in_a_process(TASKS[name], folder, handmade_path)
    assert "ASKED THE NETWORK" not in done.stderr, done.stderr[-2000:]
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.parametrize(
    "code",
    [
        "import socket; socket.socket()",
        "import socket; socket.getaddrinfo('localhost', 80)",
        "import urllib.request; urllib.request.urlopen('http://localhost:9')",
    ],
)
def test_the_guard_catches_what_asks(code, folder):
    assert in_a_process(code, folder).returncode == 99


def test_texts_are_scored_and_annotations_read_without_the_datasets_library(folder, handmade_path):
    """It would look for a hub, a cache and a version of its own."""
    for name in ("predict", "score", "evaluate", "import annotations"):
        code = TASKS[name] + "\nassert not {'datasets', 'huggingface_hub'} & set(sys.modules)"
        done = in_a_process(code, folder, handmade_path)
        assert done.returncode == 0, done.stderr[-2000:]
