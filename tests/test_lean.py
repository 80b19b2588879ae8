from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest
from conftest import ROOT

from framing.lean import without_pandas


def test_pandas_is_as_if_it_were_not_installed(monkeypatch):
    monkeypatch.delitem(sys.modules, "pandas", raising=False)
    with without_pandas(), pytest.raises(ImportError):
        import_module("pandas")
    assert "pandas" not in sys.modules


def test_it_can_be_imported_after_an_error(monkeypatch):
    monkeypatch.delitem(sys.modules, "pandas", raising=False)
    with pytest.raises(ZeroDivisionError), without_pandas():
        raise ZeroDivisionError
    assert "pandas" not in sys.modules


def test_pandas_that_somebody_uses_stays(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", sys)
    with without_pandas():
        assert import_module("pandas") is sys
    assert sys.modules["pandas"] is sys


def test_the_command_with_the_boosted_model_imports_no_pandas():
    """It takes 100 MB, and scikit-learn imports it where it is installed."""
    code = (
        "import sys; from framing.cli import main;"
        "main(['score', 'docs/examples', '--output', '/dev/null'], standalone_mode=False)"
    )
    seen = "print('sklearn' in sys.modules, 'pandas' in sys.modules)"
    code = f"try:\n  {code}\nexcept SystemExit:\n  {seen}"
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False, text=True
    )
    assert (found.stdout, found.stderr) == ("True False\n", "")
