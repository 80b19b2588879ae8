"""The same annotations give the same model, whatever Python does with its hashes."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

ARTICLES = Path(__file__).parent.parent / "annotations" / "articles"


@pytest.fixture
def annotations(tmp_path):
    """Eight articles of two outlets, and the schema that they go with."""
    for name in ("agency", "portal"):
        lines = (ARTICLES / f"{name}.jsonl").read_text("utf-8").splitlines(keepends=True)
        (tmp_path / f"{name}.jsonl").write_text("".join(lines[:4]), "utf-8")
    schema = (ARTICLES.parent / "schema.toml").read_text("utf-8")
    (tmp_path / "schema.toml").write_text(schema, "utf-8")
    return tmp_path


def trained(annotations, hash_seed):
    """Digest of a model, linear stages and boosting, that a process of its own makes."""
    path = annotations / f"{hash_seed}.skops"
    command = [sys.executable, "-m", "framing", "train", str(annotations)]
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    subprocess.run(
        [*command, "--output", str(path)], env=environment, check=True, capture_output=True
    )
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_two_processes_with_other_hashes_make_the_same_bytes(annotations):
    assert trained(annotations, "1") == trained(annotations, "2")
