from __future__ import annotations

import json
import platform
import re
import shutil
import tomllib

import pytest
from conftest import ROOT

from framing import __version__, doctor, storage
from framing.doctor import EXTRAS, PACKAGES, Checkup, examine
from framing.storage import SHIPPED, shipped_sums


@pytest.fixture(scope="module")
def found():
    return examine()


def test_a_healthy_installation(found):
    assert found.healthy
    assert (found.framing, found.python) == (__version__, platform.python_version())
    assert set(found.packages) == set(PACKAGES)
    assert set(found.models) == set(SHIPPED)
    for name, state in found.models.items():
        assert state.startswith(f"ok, sha256 {shipped_sums()[f'{name}.skops']}")


def test_as_json(found):
    data = json.loads(found.to_json())
    assert data["healthy"] is True
    assert data["packages"] == found.packages
    assert data["models"] == found.models


def test_as_text(found):
    lines = found.to_text().split("\n")
    assert lines[0] == f"framing {__version__}, Python {platform.python_version()}"
    assert len(lines) == 1 + len(PACKAGES) + len(SHIPPED) + len(EXTRAS)
    assert f"  click {found.packages['click']}" in lines


@pytest.mark.parametrize(
    ("packages", "models", "healthy"),
    [
        ({"numpy": "2.0"}, {"linear": "ok, sha256 ab"}, True),
        ({"numpy": "missing"}, {"linear": "ok, sha256 ab"}, False),
        ({"numpy": "2.0"}, {"linear": "not the file that was shipped"}, False),
        ({"numpy": "2.0"}, {"linear": "ok, sha256 ab", "boosted": "needs scikit-learn"}, False),
    ],
)
def test_what_is_healthy(packages, models, healthy):
    checkup = Checkup("1", "3", packages, models)
    assert checkup.healthy is healthy
    assert json.loads(checkup.to_json())["healthy"] is healthy


def test_missing_packages_are_named(monkeypatch):
    monkeypatch.setattr(doctor, "PACKAGES", ("numpy", "no-such-package"))
    monkeypatch.setattr(doctor, "SHIPPED", ())
    found = examine()
    assert found.packages["no-such-package"] == "missing"
    assert not found.healthy


def test_missing_extras_are_named_and_harmless(monkeypatch):
    monkeypatch.setattr(doctor, "EXTRAS", {"review": ("json",), "ray": ("json", "no_such_module")})
    found = examine()
    assert found.healthy
    assert found.to_text().split("\n")[-2:] == [
        "  extra review: ok",
        '  extra ray: missing; pip install "framing-devices[ray]"',
    ]
    assert json.loads(found.to_json())["extras"] == found.extras


def test_extras_are_those_of_the_package():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for name, modules in EXTRAS.items():
        needed = {re.match(r"[\w-]+", each)[0] for each in project["optional-dependencies"][name]}
        assert needed == set(modules)


def test_broken_models_are_named(monkeypatch, tmp_path):
    shutil.copy(storage.SUMS, tmp_path)
    (tmp_path / "linear.skops").write_bytes(b"PK broken")
    monkeypatch.setattr(storage, "SAVED", tmp_path)
    monkeypatch.setattr(storage, "SUMS", tmp_path / "SHA256SUMS")
    found = examine()
    assert not found.healthy
    assert "not a model file" in found.models["linear"]
    assert "no such model" in found.models["boosted"]


def test_without_scikit_learn_the_linear_model_is_fine(monkeypatch):
    monkeypatch.setattr(doctor.util, "find_spec", lambda name: None)
    found = examine()
    assert found.models["boosted"] == "needs scikit-learn"
    assert found.models["linear"].startswith("ok")
