"""Hundreds of changed model files, each loaded in a process of its own."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hostile_models import (
    MOST_MEGABYTES,
    MOST_SECONDS,
    Parts,
    array_changes,
    make_bases,
    plain,
)

from framing import storage
from framing.archive import Archive
from framing.errors import ModelError
from framing.storage import TRUSTED, load_model

STEP = os.environ.get("FRAMING_STEP", "6")
"""Every which of the changes is made; 1 for all of them."""
HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    """What came of each file."""
    folder = tmp_path_factory.mktemp("hostile")
    command = [sys.executable, str(HERE / "hostile_models.py"), str(folder), STEP]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=1800)
    assert done.returncode == 0, done.stderr[-2000:]
    found = [json.loads(line) for line in done.stdout.splitlines()]
    counts = Counter(row["result"] for row in found)
    most = max(row.get("megabytes", 0) for row in found)
    slowest = max(row.get("seconds", 0) for row in found)
    print(f"{len(found)} files: {dict(counts)}; at most {slowest} s, {most} MB")  # noqa: T201
    return found


def test_there_are_hundreds(rows):
    assert len(rows) >= 300
    assert sum(row["result"] == "refused" for row in rows) > 200
    assert [row["result"] for row in rows if row["name"].endswith("as it was")][:1] == ["loaded"]


def test_each_is_refused_in_one_line_or_reads_texts(rows):
    for row in rows:
        assert row["result"] in ("refused", "loaded"), row
        if row["result"] == "refused":
            assert "\n" not in row["line"], row
            assert "changed.skops: " in row["line"], row
            assert len(row["line"]) < 500, row
            assert row["line"].isprintable(), row


def test_nothing_is_run_written_or_asked_of_the_network(rows):
    assert [row for row in rows if row["touched"] or row["sung"]] == []


def test_each_is_quick_and_small(rows):
    """CPU seconds; a shared machine may take twice as many, over few files if it is not loaded."""
    slow = [row for row in rows if row["seconds"] > MOST_SECONDS]
    loaded = os.getloadavg()[0] > (os.cpu_count() or 1)
    assert loaded or len(slow) <= len(rows) / 50, slow
    assert [row for row in slow if row["seconds"] > 2 * MOST_SECONDS] == []
    assert [row for row in rows if row["megabytes"] > MOST_MEGABYTES] == []


# --- one by one ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bases(tmp_path_factory):
    return make_bases(tmp_path_factory.mktemp("bases"))


def refused(path, saying):
    with pytest.raises(ModelError) as caught:
        load_model(path)
    assert saying in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("version", ["1.8.2", "2.0.0", "0.24", "\x1b[31m", ""])
def test_trees_of_another_scikit_learn(bases, tmp_path, version):
    parts = Parts(bases["boosted"].read_bytes())
    trees = parts.tree["content"]["span head"]["content"]["trees"]["content"]["content"]
    assert "_sklearn_version" in trees
    trees["_sklearn_version"] = plain(version)
    path = tmp_path / "a.skops"
    path.write_bytes(parts.join())
    refused(path, "its trees were saved by scikit-learn")
    refused(path, "train it again")


def test_a_patch_release_of_scikit_learn_is_the_same(bases, tmp_path):
    from sklearn import __version__

    parts = Parts(bases["boosted"].read_bytes())
    trees = parts.tree["content"]["span head"]["content"]["trees"]["content"]["content"]
    trees["_sklearn_version"] = plain(".".join(__version__.split(".")[:2]) + ".99")
    path = tmp_path / "a.skops"
    path.write_bytes(parts.join())
    assert load_model(path).kind == "boosted"


def test_linear_models_of_another_scikit_learn_are_only_arrays(bases, tmp_path):
    parts = Parts(bases["linear"].read_bytes())
    node = parts.tree["content"]["tokens"]["content"][0]["content"]["content"]
    node["_sklearn_version"] = plain("1.2.3")
    path = tmp_path / "a.skops"
    path.write_bytes(parts.join())
    assert load_model(path).kind == "linear"


def test_the_file_says_its_format(bases):
    """What an older or newer format is told: `test_storage.test_other_formats`."""
    for path in bases.values():
        assert Archive.open(path).read()["format"] == storage.FORMAT


def test_trusted_types_are_an_exact_list():
    assert len(TRUSTED) == len(set(TRUSTED)) == 18
    assert not [name for name in TRUSTED if "*" in name or name.count(".") < 1]
    callables = ("function", "method", "partial", "operator", "ufunc", "type")
    assert not [name for name in TRUSTED if name.rpartition(".")[2].lower() in callables]


def test_links_are_followed_to_files_and_nothing_else(bases, tmp_path):
    good, loop, device = (tmp_path / f"{name}.skops" for name in ("good", "loop", "device"))
    good.symlink_to(bases["linear"])
    loop.symlink_to(loop)
    device.symlink_to("/dev/zero")
    assert load_model(good).kind == "linear"
    for path in (loop, device):
        with pytest.raises(ModelError, match=r"no such model|Too many"):
            load_model(path)


def test_an_array_pointed_at_a_thousand_times(bases, tmp_path):
    parts = Parts(bases["linear"].read_bytes())
    node = parts.tree["content"]["tokens"]["content"][0]["content"]["content"]["coef_"]
    parts.tree["content"]["extra"] = {"__loader__": "ListNode", "content": [node] * 1000}
    path = tmp_path / "a.skops"
    path.write_bytes(parts.join())
    refused(path, "its arrays take")


def test_words_and_vectors_are_counted_before_they_are_parted(bases, tmp_path):
    parts = Parts(bases["linear"].read_bytes())
    content = parts.tree["content"]
    parts.put(content["words"]["file"], np.full(1000, ord("\n"), np.uint8))
    path = tmp_path / "a.skops"
    path.write_bytes(parts.join())
    refused(path, "1001 words for")


def test_weights_too_large_to_be_summed(bases, tmp_path):
    parts = Parts(bases["linear"].read_bytes())
    name = parts.tree["content"]["mix"]["file"]
    parts.put(name, np.array([[1e30, 1, 0]], np.float32))
    path = tmp_path / "a.skops"
    path.write_bytes(parts.join())
    refused(path, "mix holds numbers beyond")


@pytest.mark.parametrize("kind", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_only_deflated_members_are_unpacked(bases, tmp_path, kind):
    parts = Parts(bases["linear"].read_bytes())
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", kind) as file:
        for name, content in parts.members.items():
            file.writestr(name, content)
        file.writestr("schema.json", json.dumps(parts.tree))
    path = tmp_path / "a.skops"
    path.write_bytes(target.getvalue())
    refused(path, "a member that is not deflated")


@pytest.mark.parametrize("name", ["unclosed header", "header of two lines", "minus header"])
def test_headers_of_arrays_that_do_not_parse(bases, tmp_path, name):
    """Found by the fuzzer: NumPy parts them into Python's tokens, and its error came through."""
    parts = Parts(bases["linear"].read_bytes())
    member = parts.tree["content"]["words"]["file"]
    parts.members[member] = array_changes(parts.array(member))[name]
    path = tmp_path / "a.skops"
    path.write_bytes(parts.join())
    refused(path, "broken model file")


@pytest.mark.parametrize("key", ["format", "kind"])
def test_what_is_found_instead_of_a_word_is_cut(bases, tmp_path, key):
    """Found by the fuzzer: a whole estimator in the place of the format made a line of 600."""
    parts = Parts(bases["linear"].read_bytes())
    parts.tree["content"][key] = parts.tree["content"]["tokens"]["content"][0]
    path = tmp_path / "a.skops"
    path.write_bytes(parts.join())
    with pytest.raises(ModelError) as caught:
        load_model(path)
    assert len(str(caught.value)) < len(str(path)) + 160
    assert key in str(caught.value)
