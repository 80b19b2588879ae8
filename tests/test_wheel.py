"""What is installed: built, looked into, put into an environment of its own, and used."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest
from conftest import ROOT

import framing

PACKAGE = re.compile(
    r"framing/(?:[a-z_]+/)?[a-z_]+\.py"
    r"|framing/py\.typed"
    r"|framing/saved/(?:SHA256SUMS|schema\.toml|[a-z]+\.(?:skops|md))"
    r"|framing/lexicon/[a-z_]+\.txt"
    r"|framing/(?:output|review)/[a-z_]+\.(?:css|js|html)"
)
DIST_INFO = re.compile(
    r"framing_devices-[\d.]+\.dist-info/(?:METADATA|WHEEL|RECORD|entry_points\.txt|licenses/LICENSE)"
)
TEXT = "The shocking regime slammed its critics in a disgraceful tirade. It rained on Monday."
SCRIPT = f"""
import json, os, sys
import framing
from framing import Framing
text = {TEXT!r}
found = {{}}
for name in ("linear", "boosted"):
    reading = Framing(name).predict(text)
    assert all(text[span.start:span.end] == span.text for span in reading)
    found[name] = reading.to_dict()
print(json.dumps({{"home": framing.__file__, "found": found}}))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Build it as a user's tools would."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT],
        check=True, capture_output=True, cwd=folder,
    )  # fmt: skip
    (found,) = folder.iterdir()
    return found


@pytest.fixture(scope="module")
def environment(wheel, tmp_path_factory):
    """An empty environment that sees the packages of this one, with the wheel installed."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    python = folder / "bin" / "python"
    places = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    inside = subprocess.run(
        [python, "-I", "-c", code], check=True, capture_output=True, text=True
    ).stdout.strip()
    Path(inside, "outer.pth").write_text("\n".join(sorted(places)) + "\n")
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps",
         "--no-index", "--disable-pip-version-check", "--force-reinstall", "--no-compile", wheel],
        check=True, capture_output=True,
    )  # fmt: skip
    return folder


def run(program, *arguments, folder):
    place = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    return subprocess.run(
        [program, *arguments], check=True, capture_output=True, text=True, cwd=folder, env=place
    ).stdout


def test_it_holds_the_package_and_nothing_else(wheel):
    assert wheel.name == f"framing_devices-{framing.__version__}-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as file:
        names = set(file.namelist())
        assert file.testzip() is None
    strange = {each for each in names if not (PACKAGE.fullmatch(each) or DIST_INFO.fullmatch(each))}
    assert not strange
    inside = {
        str(path.relative_to(ROOT)) for path in (ROOT / "framing").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".part"
    }  # fmt: skip
    assert {name for name in names if name.startswith("framing/")} == inside
    for name in ("saved/linear.skops", "saved/boosted.skops", "saved/SHA256SUMS", "py.typed",
                 "saved/schema.toml", "lexicon/hedge.txt", "output/report.html",
                 "output/devices.css", "review/page.html", "review/review.js", "review/review.css"):  # fmt: skip
        assert f"framing/{name}" in names
    assert len([name for name in names if not name.startswith("framing/")]) == 5


def test_its_metadata(wheel):
    with zipfile.ZipFile(wheel) as file:
        (name,) = [each for each in file.namelist() if each.endswith("METADATA")]
        metadata = file.read(name).decode()
        (name,) = [each for each in file.namelist() if each.endswith("entry_points.txt")]
        assert file.read(name).decode().strip() == "[console_scripts]\nframing = framing.cli:main"
    head = metadata.split("\n\n")[0].split("\n")
    assert "Name: framing-devices" in head
    assert f"Version: {framing.__version__}" in head
    assert "License-Expression: Apache-2.0" in head
    needs = [line for line in head if line.startswith("Requires-Dist") and "extra ==" not in line]
    names = {re.split(r"[<>=~ ]", line.split(": ")[1])[0] for line in needs}
    assert names == {"numpy", "scikit-learn", "skops", "click", "datasets"}


def test_it_finds_devices_with_both_models(environment, tmp_path, linear, boosted):
    answer = json.loads(run(environment / "bin" / "python", "-c", SCRIPT, folder=tmp_path))
    assert Path(answer["home"]).is_relative_to(environment)
    for name, model in (("linear", linear), ("boosted", boosted)):
        assert answer["found"][name] == json.loads(json.dumps(model.predict(TEXT).to_dict()))


def test_it_has_the_command(environment, tmp_path):
    program = environment / "bin" / "framing"
    assert run(program, "--version", folder=tmp_path) == f"framing, version {framing.__version__}\n"
    (tmp_path / "a.txt").write_text(TEXT)
    output = run(
        program, "score", "a.txt", "--model", "linear", "--format", "jsonl", folder=tmp_path
    )
    assert json.loads(output)
    report = json.loads(run(program, "doctor", "--json", folder=tmp_path))
    assert report["healthy"]
    assert str(environment) in report["models"]["linear"]
