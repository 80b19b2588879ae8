"""Runs of `framing score` that are cut off, and what a later run makes of them."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from conftest import ROOT

PLACE = {**os.environ, "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"}
N = 400
"""Texts of the folder, in more lots than two workers are given at once."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Many short texts, every third without a span."""
    made = tmp_path_factory.mktemp("texts")
    for number in range(N):
        words = "The council met." if number % 3 == 0 else "The reckless council met. Thugs left."
        (made / f"{number:03}.txt").write_text(f"{words} Case {number}.\n" * 3)
    return made


@pytest.fixture
def begin(folder, handmade_path):
    """Start `framing score` on the folder, in a group of its own."""
    started = []

    def start(*arguments, **options):
        words = ["score", folder, "--model", handmade_path, *arguments]
        process = subprocess.Popen(
            [sys.executable, "-m", "framing", *map(str, words)],
            env=PLACE, text=True, start_new_session=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options,
        )  # fmt: skip
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def run(begin, *arguments, **options):
    process = begin(*arguments, **options)
    out, error = process.communicate(timeout=300)
    return process.returncode, out, error


@pytest.fixture(scope="module")
def whole(folder, handmade_path, tmp_path_factory):
    """Outputs of undisturbed runs in one process."""
    from framing.predictor import Framing
    from framing.scoring import Job, score_paths

    made = tmp_path_factory.mktemp("whole")
    for style in ("jsonl", "csv", "concise", "parquet", "html", "sarif", "github"):
        score_paths(Framing(handmade_path), [str(folder)], Job(style, made / f"out.{style}"))
    return made


def same(style, found, wanted):
    """Whether two outputs are equal; Parquet may have other row groups."""
    if style != "parquet":
        return found.read_bytes() == wanted.read_bytes()
    import pyarrow.parquet as pq

    return pq.read_table(found).equals(pq.read_table(wanted))


def done(output):
    """Texts that the journal of an output has."""
    try:
        lines = output.with_name(f"{output.name}.journal").read_bytes().splitlines(keepends=True)
    except FileNotFoundError:
        return 0
    whole = [json.loads(line) for line in lines[1:] if line.endswith(b"\n")]
    return sum(len(names) // 16 for _, _, names in whole)


def begin_and_hold(begin, output, *arguments):
    """Start a run that has some texts written, and then waits for standard input to end."""
    process = begin("-", "-o", output, *arguments)
    while not done(output):
        assert process.poll() is None, process.communicate()
        time.sleep(0.002)  # a poll, not a guess: the condition is in the file
    return process


# --- several processes ----------------------------------------------------------------------


@pytest.mark.parametrize("style", ["jsonl", "csv", "concise", "parquet", "html", "sarif", "github"])
def test_two_processes_write_what_one_does(begin, whole, tmp_path, style):
    output = tmp_path / "out"
    code, out, error = run(begin, "--format", style, "-o", output, "--jobs", "2")
    assert (code, out, error) == (0, "", "")
    assert output.read_bytes() == (whole / f"out.{style}").read_bytes()
    assert list(tmp_path.iterdir()) == [output]


def children(pid):
    return [
        int(each)
        for each in subprocess.run(
            ["pgrep", "-P", str(pid), "-f", "spawn_main"], capture_output=True, check=False, text=True
        ).stdout.split()
    ]  # fmt: skip


def test_a_killed_worker_ends_the_run_in_one_line(begin, whole, tmp_path):
    output = tmp_path / "out.jsonl"
    process = begin_and_hold(begin, output, "--jobs", "2")
    for worker in children(process.pid):
        os.kill(worker, signal.SIGKILL)
    _, error = process.communicate(timeout=30)
    assert process.returncode == 2
    assert error.startswith("Error: a worker process died (was it killed, or out of memory?); ")
    assert error.endswith(f" texts are kept in {output}.partial, --resume goes on\n")
    assert len(error.splitlines()) == 1
    assert run(begin, "-o", output, "--resume") == (0, "", "")
    assert same("jsonl", output, whole / "out.jsonl")


def test_workers_end_with_a_parent_that_was_killed(begin, tmp_path):
    process = begin_and_hold(begin, tmp_path / "out.jsonl", "--jobs", "2")
    workers = children(process.pid)
    assert workers
    process.kill()
    process.wait()
    deadline = time.monotonic() + 60
    while any(os.path.exists(f"/proc/{each}") for each in workers):  # noqa: PTH110
        assert time.monotonic() < deadline
        time.sleep(0.01)


# --- cut off and gone on with ---------------------------------------------------------------


def journal(output):
    return output.with_name(f"{output.name}.journal")


def wait_for(process, phase, output):
    """Until a run is so far, or has ended."""
    while process.poll() is None and not phase(output):
        time.sleep(0.001)  # a poll, not a guess


PHASES = (
    lambda _: True,
    lambda output: journal(output).exists(),
    lambda output: done(output) > 0,
)
"""What a run does at last: it has begun, it has its output, and it has written texts."""


@pytest.fixture
def pace(begin, tmp_path):
    """Seconds that a run takes here from each of its phases to its end, by its processes."""
    found = {}
    for jobs in ("1", "2"):
        output = tmp_path / f"pace{jobs}"
        process = begin("-o", output, "--jobs", jobs)
        began = []
        for phase in PHASES:
            wait_for(process, phase, output)
            began.append(time.monotonic())
        process.communicate()
        found[jobs] = [time.monotonic() - each for each in began]
        output.unlink()
    return found


def cut_off(begin, whole, output, style, number, pace, chance):
    """Stop a run with a signal at some moment, go on with it, and compare.

    Returns
    -------
    int
        Texts that were done when it was stopped.
    """
    jobs, phase = "12"[number % 2], min(number % 5, 2)
    process = begin("--format", style, "-o", output, "--jobs", jobs)
    wait_for(process, PHASES[phase], output)
    time.sleep(pace[jobs][phase] * chance.uniform(0, 1))  # the moment is at random
    ending = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)[number % 3]
    if ending == signal.SIGINT:
        os.killpg(process.pid, ending)  # as a terminal does
    else:
        process.send_signal(ending)
    _, error = process.communicate(timeout=120)
    before = done(output)
    if before and ending != signal.SIGKILL:
        assert process.returncode == 128 + ending
        kept = f"{before} texts are kept in {output}.partial, --resume goes on\n"
        assert error == f"framing: stopped by {ending.name}; {kept}"
    code, _, error = run(begin, "--format", style, "-o", output, "--resume", "--jobs", jobs)
    assert (code, error) == (0, "")
    assert same(style, output, whole / f"out.{style}")
    assert list(output.parent.iterdir()) == [output]
    return before


STYLES = ("jsonl", "csv", "parquet", "concise")


def cut_off_many(begin, whole, folder, pace, numbers):
    """How many texts were done each time."""
    chance = np.random.default_rng(0)
    found = []
    for number in numbers:
        output = folder / str(number) / "out"
        output.parent.mkdir()
        style = STYLES[number % 4]
        found.append(cut_off(begin, whole, output, style, number, pace, chance))
    return found


def test_runs_that_are_cut_off_are_gone_on_with(begin, whole, tmp_path, pace):
    cut_off_many(begin, whole, tmp_path, pace, range(5))


@pytest.mark.slow
def test_a_hundred_runs_that_are_cut_off(begin, whole, tmp_path, pace):
    found = cut_off_many(begin, whole, tmp_path, pace, range(100))
    inside = sum(0 < each < N for each in found)
    print(f"\n{inside} of 100 runs were cut off with some texts done and some not")  # noqa: T201
    assert inside >= 30


@pytest.mark.parametrize("style", ["jsonl", "csv", "parquet", "concise"])
def test_nothing_is_scored_twice(begin, whole, tmp_path, style):
    """A run that is killed once something is written goes on behind that."""
    output = tmp_path / "out"
    process = begin_and_hold(begin, output, "--format", style, "--fail-on", "loaded_language")
    process.kill()
    process.communicate()
    before = done(output)
    partial = tmp_path / "out.partial"
    with partial.open("ab") as file:
        file.write(b"torn")
    kept = partial.read_bytes()[: json.loads(last_line(output))[0]]
    code, _, error = run(begin, "--format", style, "-o", output, "--fail-on", "loaded_language")
    assert code == 2
    assert error == (
        f"Error: {partial}: {before} texts of a run that was cut off; "
        "go on with --resume, or delete out.journal to start anew\n"
    )
    code, _, error = run(begin, "--format", style, "-o", output, "--resume")
    assert code == 2
    assert error == (
        f"Error: {partial}: of a run with another --fail-on; repeat that, "
        "or delete out.journal to start anew\n"
    )
    code, _, error = run(begin, "--format", style, "-o", output, "--resume", "--fail-on", "loaded_language")  # fmt: skip
    assert (code, error) == (1, "")
    assert same(style, output, whole / f"out.{style}")
    if style != "parquet":
        assert output.read_bytes().startswith(kept)


def last_line(output):
    return output.with_name(f"{output.name}.journal").read_bytes().splitlines()[-1]


def test_the_second_of_two_runs_refuses(begin, tmp_path):
    output = tmp_path / "out.jsonl"
    first = begin_and_hold(begin, output)
    for more in ((), ("--resume",)):
        code, _, error = run(begin, "-o", output, *more)
        assert code == 2
        assert error == f"Error: {output}: another run is writing it\n"
    assert first.communicate(timeout=120) == ("", "")
    assert first.returncode == 0


# --- inputs that change ---------------------------------------------------------------------

BEFORE = "The reckless council met. Thugs left.\n" * 40
AFTER = "The council met. Nobody left.\n" * 60


def grow(path):
    with path.open("a") as file:
        file.write(AFTER)


def grow_by_half_a_character(path):
    with path.open("ab") as file:
        file.write("é".encode()[:1])


def shrink(path):
    os.truncate(path, 38)


def write_over(path):
    path.write_text(AFTER)


def replace(path):
    new = path.with_suffix(".new")
    new.write_text(AFTER)
    new.replace(path)


def become(make):
    def change(path):
        path.unlink()
        make(path)

    return change


@pytest.fixture
def three(tmp_path, handmade_path):
    """Score three files of which the second changes; give rows by name, and the outcome."""
    from framing.predictor import Framing
    from framing.scoring import Job, score_paths

    paths = [tmp_path / "texts" / name for name in ("a.txt", "b.txt", "c.txt")]
    paths[0].parent.mkdir()
    for path in paths:
        path.write_text(BEFORE)

    def score():
        output = tmp_path / "out.jsonl"
        outcome = score_paths(Framing(handmade_path), [str(paths[0].parent)], Job("jsonl", output))
        rows = map(json.loads, output.read_text().splitlines())
        return {os.path.basename(row["path"]): row for row in rows}, outcome  # noqa: PTH119

    return paths[1], score


def is_of(row, text):
    """Whether a row is of this text: its hash, its words, and every span."""
    return (
        row["sha256"] == hashlib.sha256(text.encode()).hexdigest()
        and row["profile"]["words"] == len(text.split())
        and all(text[each["start"] : each["end"]] == each["text"] for each in row["spans"])
    )


@pytest.mark.parametrize(
    ("change", "read"),
    [
        (grow, BEFORE + AFTER),
        (shrink, BEFORE[:38]),
        (write_over, AFTER),
        (replace, BEFORE),  # the file that was opened is read to its end
        (os.unlink, BEFORE),
        (become(os.mkfifo), BEFORE),
    ],
    ids=["grows", "shrinks", "is written over", "is replaced", "vanishes", "becomes a pipe"],
)
def test_a_file_that_changes_while_it_is_read(three, monkeypatch, change, read):
    """What is reported is of the text that was read, and the others are as they were."""
    path, score = three
    fstat, changed = os.fstat, []

    def changing(descriptor):
        """Called between opening and reading."""
        found = fstat(descriptor)
        if not changed and os.readlink(f"/proc/self/fd/{descriptor}") == str(path):  # noqa: PTH115
            change(path)
            changed.append(1)
        return found

    monkeypatch.setattr(os, "fstat", changing)
    rows, outcome = score()
    assert changed
    assert (outcome.scored, outcome.failed) == (3, 0)
    assert is_of(rows["a.txt"], BEFORE)
    assert is_of(rows["b.txt"], read)
    assert is_of(rows["c.txt"], BEFORE)
    assert rows["a.txt"]["spans"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (write_over, None),
        (os.unlink, "No such file or directory"),
        (become(os.mkdir), "Is a directory"),
        (become(os.mkfifo), "not a regular file"),
        (grow_by_half_a_character, "not UTF-8 (byte 1520, line 41); convert it first"),
    ],
    ids=["is written over", "vanishes", "becomes a folder", "becomes a pipe", "is half written"],
)
def test_a_file_that_changes_after_it_was_found(three, monkeypatch, change, reason):
    from framing import lots

    path, score = three
    size = lots._size

    def changing(found):
        """Called between finding and opening."""
        if found == str(path):
            change(path)
        return size(found)

    monkeypatch.setattr(lots, "_size", changing)
    rows, outcome = score()
    assert is_of(rows["a.txt"], BEFORE)
    assert is_of(rows["c.txt"], BEFORE)
    if reason:
        assert outcome.failures == [f"{path}: {reason}"]
        assert set(rows) == {"a.txt", "c.txt"}
    else:
        assert is_of(rows["b.txt"], AFTER)


# --- outputs that cannot be written ---------------------------------------------------------


def small_files():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (120_000, resource.RLIM_INFINITY))


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("style", ["jsonl", "parquet"])
def test_a_full_disk(begin, whole, tmp_path, style, jobs):
    output = tmp_path / "out"
    code, _, error = run(begin, "--format", style, "-o", output, "--jobs", jobs, preexec_fn=small_files)  # fmt: skip
    assert code == 2
    assert error.startswith(f"Error: {output}: cannot write: File too large; ")
    assert error.endswith(f" texts are kept in {output}.partial, --resume goes on\n")
    assert len(error.splitlines()) == 1
    assert done(output)
    code, _, error = run(begin, "--format", style, "-o", output, "--resume")
    assert (code, error) == (0, "")
    assert same(style, output, whole / f"out.{style}")


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_full_standard_output(folder, handmade_path, jobs):
    with open("/dev/full", "w") as full:  # noqa: PTH123
        found = subprocess.run(
            [sys.executable, "-m", "framing", "score", folder, "--model", handmade_path, "--jobs", jobs],
            env=PLACE, stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=300,
        )  # fmt: skip
    assert found.stderr == "Error: <stdout>: cannot write: No space left on device\n"
    assert found.returncode == 2


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        ("/dev/full", "No space left on device"),
        ("/sys/out.jsonl", "Permission denied"),
        ("/none/out.jsonl", "No such file or directory"),
        ("/tmp", "Is a directory"),  # noqa: S108
        ("x" * 10_000, "File name too long"),
    ],
    ids=["full", "read-only", "nowhere", "folder", "long"],
)
def test_outputs_that_cannot_be_written(begin, output, reason):
    code, out, error = run(begin, "--format", "jsonl", "-o", output)
    assert (code, out) == (2, "")
    assert error == f"Error: {output}: cannot write: {reason}\n"


@pytest.mark.parametrize("style", ["html", "sarif", "github"])
def test_what_cannot_be_gone_on_with_says_so(begin, tmp_path, style):
    code, _, error = run(begin, "--format", style, "-o", tmp_path / "out", "--resume")
    assert code == 2
    assert error == (
        f"Error: a run into {style} cannot be resumed, only one into concise, csv, jsonl, parquet\n"
    )


def test_a_reader_that_has_enough_is_no_error(folder, handmade_path):
    """With several processes as well."""
    shell = (
        f"set -o pipefail; {sys.executable} -m framing score {folder} --model {handmade_path} "
        "--jobs 2 | head -n 1"
    )
    found = subprocess.run(
        ["bash", "-c", shell], env=PLACE, capture_output=True, check=False, text=True, timeout=300
    )
    assert (found.returncode, found.stderr) == (0, "")
    assert len(found.stdout.splitlines()) == 1
