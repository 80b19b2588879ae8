"""The files that other programs read: the hook of pre-commit and the action of GitHub."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from framing.cli import main

ROOT = Path(__file__).parents[1]
BASH = shutil.which("bash")


def read(name):
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


# --- pre-commit -----------------------------------------------------------------------------


def test_the_hook():
    (hook,) = read(".pre-commit-hooks.yaml")
    assert (hook["id"], hook["language"], hook["entry"]) == ("framing", "python", "framing score")
    assert hook["types_or"] == ["plain-text", "markdown", "html"]
    assert hook["require_serial"] is hook["verbose"] is True
    assert set(hook) <= {
        "id", "name", "description", "entry", "language", "types_or", "require_serial", "verbose",
        "minimum_pre_commit_version",
    }  # fmt: skip


def test_the_hook_runs_as_pre_commit_runs_it(tmp_path, handmade_path):
    """The entry, then the user's arguments, then the files."""
    (hook,) = read(".pre-commit-hooks.yaml")
    (tmp_path / "a.md").write_text("The **reckless** plan.")
    entry = [sys.executable, "-m", *hook["entry"].split()]
    arguments = ["--model", handmade_path, "--fail-on", "loaded_language"]
    done = subprocess.run(
        [*entry, *arguments, "a.md"], cwd=tmp_path, capture_output=True, check=False, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == 'a.md:1:7: loaded_language (0.98) "reckless"\n'


# --- GitHub ---------------------------------------------------------------------------------


def steps():
    return {step["name"]: step for step in read("action.yml")["runs"]["steps"]}


def test_inputs_are_documented_and_used():
    action = read("action.yml")
    text = (ROOT / "action.yml").read_text(encoding="utf-8")
    page = (ROOT / "docs/how-to/add-to-a-pipeline.md").read_text(encoding="utf-8")
    assert action["runs"]["using"] == "composite"
    for name, value in action["inputs"].items():
        assert value["description"].endswith(".")
        assert isinstance(value["default"], str)
        assert f"${{{{ inputs.{name} }}}}" in text
        assert f"| `{name}` |" in page


def test_no_input_is_run_as_code():
    for step in steps().values():
        assert "${{" not in step.get("run", "")
        assert "run" not in step or step["shell"] == "bash"


def test_every_option_is_one_of_the_command():
    usage = CliRunner().invoke(main, ["score", "--help"]).output
    for word in steps()["Look for framing devices"]["run"].replace('"', " ").split():
        option = word.lstrip("(").rstrip(")").split("=")[0]
        assert not option.startswith("--") or option == "--" or option in usage, option


def run_step(name, folder, **values):
    """Run a step's script as the runner does, in a folder with a `temp` of its own."""
    place = {"PATH": os.environ["PATH"], "RUNNER_TEMP": str(folder / "temp"), "RUNNER_OS": "Linux",
             "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8", **values}  # fmt: skip
    script = folder / "temp" / "step.sh"
    script.parent.mkdir(exist_ok=True)
    script.write_text(steps()[name]["run"])
    return subprocess.run(
        [BASH, "--noprofile", "--norc", "-eo", "pipefail", script],
        cwd=folder, capture_output=True, check=False, text=True, env=place,
    )  # fmt: skip


def executable(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!{BASH}\n{text}\n")
    path.chmod(0o755)
    return path


def inputs(**values):
    """Environment of the last step, where an input has its default unless it is given."""
    action, env = read("action.yml"), steps()["Look for framing devices"]["env"]
    defaults = {name: each["default"] for name, each in action["inputs"].items()}
    given = defaults | {name.replace("_", "-"): value for name, value in values.items()}
    return {key: given[value.split("inputs.")[1].split()[0]] for key, value in env.items()}


@pytest.fixture
def place(tmp_path, handmade_path):
    """A folder with texts, and framing installed where the action installs it."""
    executable(tmp_path / "temp/framing/bin/framing", f'exec "{sys.executable}" -m framing "$@"')
    shutil.copy(handmade_path, tmp_path / "m.skops")
    (tmp_path / "my drafts").mkdir()
    (tmp_path / "my drafts" / "a.md").write_text("# One\n\nThe **reckless** plan.\n")
    (tmp_path / "-b.txt").write_text("The 'plan'.")
    return tmp_path


def test_it_installs_from_its_own_checkout(tmp_path):
    made = tmp_path / "temp/framing/bin/python"
    python = executable(
        tmp_path / "python",
        f'[ "$1 $2" = "-m venv" ] && mkdir -p "$3/bin" && printf "%s\\n" "#!{BASH}" \'echo "$@"\' '
        '> "$3/bin/python" && chmod +x "$3/bin/python"',
    )
    done = run_step("Install framing", tmp_path, PYTHON=str(python), SOURCE="/a checkout")
    assert done.returncode == 0, done.stderr
    assert made.is_file()
    assert done.stdout == "-m pip install --quiet --disable-pip-version-check /a checkout\n"


def test_findings_are_shown_and_fail_nothing(place):
    done = run_step("Look for framing devices", place, **inputs(model="m.skops"))
    assert (done.returncode, done.stderr) == (0, "")
    first, second = done.stdout.splitlines()
    assert first.startswith("::warning file=-b.txt,line=1,endLine=1,col=5,endColumn=11,")
    assert second.startswith("::warning file=my drafts/a.md,line=3,endLine=3,col=7,endColumn=15,")


@pytest.mark.parametrize(
    ("values", "status", "lines"),
    [
        ({"fail_on": "scare_quotes"}, 1, 2),
        ({"fail_on": "loaded_language=0.99\n\nscare_quotes=0.99\n"}, 0, 2),
        ({"fail_on": "loaded_language=0.99\nscare_quotes=0.5"}, 1, 2),
        ({"paths": "my drafts\n"}, 0, 1),
        ({"paths": "my drafts\n-b.txt\n"}, 0, 2),
        ({"devices": "loaded_language\n"}, 0, 1),
        ({"min_score": "0.95"}, 0, 1),
        ({"paths": "nowhere"}, 2, 0),
        ({"fail_on": "$(touch hacked)"}, 2, 0),
        ({"paths": "`touch hacked`\n; touch hacked"}, 2, 0),
    ],
)
def test_inputs(place, values, status, lines):
    done = run_step("Look for framing devices", place, **inputs(model="m.skops", **values))
    assert done.returncode == status, done.stderr
    assert done.stdout.count("::warning ") == lines
    assert not (place / "hacked").exists()


def test_known_findings(place, command):
    score = ("score", ".", "--model", "m.skops")
    command(*score, "-o", "known.jsonl", cwd=place)
    (place / "-b.txt").write_text("The 'plan' of the thugs.")
    values = inputs(model="m.skops", baseline="known.jsonl", include_quoted="true")
    done = run_step("Look for framing devices", place, **values)
    assert done.stdout.count("::warning ") == 1
    assert "thugs" in done.stdout
