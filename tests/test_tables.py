"""A table of profiles, and the notebook that shows it and a highlighted reading."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from framing import InputError, profile_table
from framing.prediction import Prediction, Span, profile

ROOT = Path(__file__).parents[1]
NOTEBOOK = ROOT / "docs" / "examples" / "notebook.ipynb"
LABELS = ("loaded_language", "speculation")


def reading(n_words, *labels):
    spans = tuple(Span(n, n + 1, label, 0.5, "x") for n, label in enumerate(labels))
    return Prediction("x" * 9, spans, profile(LABELS, spans, n_words, 1, 0))


READINGS = [reading(100, "speculation"), reading(300, "speculation", *["loaded_language"] * 3)]


def test_rows_and_their_sum():
    table = profile_table(iter(READINGS), ["a", "<b>"])
    assert table.rows() == [
        {"name": "a", "words": 100, "spans": 1, "loaded_language": 0.0, "speculation": 10.0},
        {"name": "<b>", "words": 300, "spans": 4, "loaded_language": 10.0, "speculation": 3.333},
    ]
    assert table.together() == {
        "name": "all", "words": 400, "spans": 5, "loaded_language": 7.5, "speculation": 5.0,
    }  # fmt: skip
    assert len(table) == 2
    assert table[0] == READINGS[0].profile
    assert table.labels == LABELS


def test_text():
    assert str(profile_table(READINGS)).splitlines() == [
        "     words  spans  loaded_language  speculation",
        "1      100      1              0.0         10.0",
        "2      300      4             10.0          3.3",
        "all    400      5              7.5          5.0",
    ]


def test_html_is_escaped_and_has_figures_in_every_cell():
    page = profile_table(READINGS, ["a", "<b>"])._repr_html_()
    assert "&lt;b&gt;" in page
    assert "<b>" not in page
    rows = re.findall("<tr.*?</tr>", page)
    assert [len(re.findall("<t[hd]", row)) for row in rows] == [5] * 4
    assert re.findall(r"<td[^>]*>([\d.,]+)</td>", rows[2]) == ["300", "4", "10.0", "3.3"]
    assert "#e69f0066" in rows[1]  # the highest rate of the second device
    assert "background" not in rows[3]


def test_nothing_to_show():
    table = profile_table([])
    assert table.rows() == []
    assert "<table" in table._repr_html_()
    assert str(table).splitlines()[-1].split() == ["all", "0", "0"]


@pytest.mark.parametrize(
    ("predictions", "names", "message"),
    [
        (READINGS, ["a"], "1 names for 2 predictions"),
        (["text"], None, "item 0 is str, not a prediction"),
    ],
)
def test_what_does_not_fit_is_refused(predictions, names, message):
    with pytest.raises(InputError, match=message):
        profile_table(predictions, names)


# --- the notebook ---------------------------------------------------------------------------


def test_the_notebook_is_kept_without_output():
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    assert all(not cell.get("outputs") and not cell.get("execution_count") for cell in cells)


def test_the_notebook_runs_and_shows_marks_and_table(tmp_path):
    pytest.importorskip("ipykernel")
    place = {
        **os.environ, "PYTHONPATH": str(ROOT), "IPYTHONDIR": str(tmp_path), "JUPYTER_PLATFORM_DIRS": "1",
        "JUPYTER_CONFIG_DIR": str(tmp_path), "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"),
    }  # fmt: skip
    subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "nbconvert", "--execute", "--to", "html",
         "--output-dir", tmp_path, "--output", "page", NOTEBOOK],
        env=place, check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    marks = re.findall(r"<mark ([^>]*)>.*?<sup>(\w+)</sup>", page, re.DOTALL)
    assert len(marks) > 3
    assert any(f'title="{label} (0.' in attributes for attributes, label in marks)
    assert all("border-bottom:3px solid #" in attributes for attributes, _ in marks)
    table = re.search('<table class="framing-profiles">.*?</table>', page, re.DOTALL)[0]
    for name in ("agency-lock", "tabloid-wheel", "all"):
        assert f">{name}</th>" in table
    assert NOTEBOOK.read_text(encoding="utf-8").count('"outputs": []') == 4
