"""The locked packages are those that the project asks for, each with its hashes."""

from __future__ import annotations

import re
import shlex
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
RENEW = "renew requirements/ci.txt: see docs/how-to/release.md"


def asked_for(*extras):
    """Requirements of extras, with those of the project's other extras that they name."""
    for line in (line for extra in extras for line in EXTRAS[extra]):
        wanted = Requirement(line)
        if wanted.name == PROJECT["name"]:
            yield from asked_for(*sorted(wanted.extras))
        else:
            yield line


WANTED = sorted({*PROJECT["dependencies"], *asked_for("test")})


def locked():
    """Version and hashes of every locked package; several where systems differ."""
    text = (ROOT / "requirements" / "ci.txt").read_text(encoding="utf-8").replace("\\\n", " ")
    found = {}
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            pinned = re.match(r"([\w.-]+)==(\S+)", line)
            assert pinned, f"not pinned: {line:.80}"
            hashes = re.findall(r"--hash=sha256:([0-9a-f]{64})(?:\s|$)", line)
            found.setdefault(canonicalize_name(pinned[1]), []).append((pinned[2], hashes))
    return found


@pytest.mark.parametrize("line", WANTED)
def test_what_is_asked_for_is_locked_in_its_range(line):
    wanted = Requirement(line)
    versions = locked().get(canonicalize_name(wanted.name), [])
    assert versions, f"{wanted.name} is not locked; {RENEW}"
    for version, _ in versions:
        assert Version(version) in wanted.specifier, f"{wanted.name} {version}; {RENEW}"


def test_every_package_has_hashes():
    packages = locked()
    assert len(packages) > 30
    for name, versions in packages.items():
        for version, hashes in versions:
            assert hashes, f"{name} {version} has no hash; {RENEW}"


def test_users_get_ranges():
    for line in PROJECT["dependencies"]:
        operators = {each.operator for each in Requirement(line).specifier}
        assert "==" not in operators
        assert ">=" in operators
        assert "<" in operators


# --- the commands of the release page ------------------------------------------------------

PAGE = (ROOT / "docs" / "how-to" / "release.md").read_text(encoding="utf-8")


def command(program):
    """The words of the one command of the page that begins with a program."""
    blocks = re.findall(r"^ *```sh\n(.*?)```", PAGE, re.DOTALL | re.MULTILINE)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    (found,) = (line for line in lines if line.split()[:1] == [program])
    return shlex.split(found)


def test_the_release_has_a_list_of_what_is_in_it():
    _, kind, *rest = command("cyclonedx-py")
    options = dict(pairwise(rest))
    assert (kind, rest[0]) == ("environment", "release")
    assert options["-o"] == "dist/sbom.cdx.json"
    assert (ROOT / options["--pyproject"]).is_file()
    assert options["--of"] == "JSON"


def test_weaknesses_are_looked_up_for_all_that_is_locked():
    words = command("pip-audit")
    assert (ROOT / words[words.index("-r") + 1]) == ROOT / "requirements" / "ci.txt"
    assert "--strict" in words  # else what the index does not know passes


def test_ci_installs_what_is_locked():
    scripts = sorted((ROOT / ".ci").glob("*"))
    if not scripts:
        pytest.skip("a source distribution has no CI")
    lines = [line for each in scripts for line in each.read_text(encoding="utf-8").splitlines()]
    installs = [shlex.split(line)[1:] for line in lines if line.startswith("install ")]
    assert installs == [
        ["--require-hashes", "-r", "requirements/ci.txt"],
        ["--no-deps", "--no-build-isolation", "-e", "."],
    ]
