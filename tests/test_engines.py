"""Engines: the blocks of the how-to pages give what `Framing.predict_many` gives.

Each section runs in a process of its own, as a reader's script would, and is skipped where
its engine is not installed. Spark and Ray are chosen by `-m engines`.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from framing import Framing
from framing.arrow import Scorer

ROOT = Path(__file__).parents[1]
PAGES = ROOT / "docs" / "how-to"
ON_AN_ENGINE = PAGES / "score-on-an-engine.md"
HUNDRED_MILLION = PAGES / "hundred-million-articles.md"
APART = "<!-- Run apart:"
"""What `docs/console.py` passes over."""

ODD = (
    "😀 Critics slammed the “reform” 😀",
    None,
    "",
    "Officials say the reckless plan could trigger chaos.\r\nREAD MORE: Subscribe now!\r\n",
    " \n\u2028\t",
    "שלום. The regime’s shocking tirade stunned experts, some say.",
)


def sections(page: Path) -> dict[str, list[str]]:
    """Python blocks of a page by the heading that they stand under."""
    parts = re.split(r"^## ", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    blocks = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
    return {part.split("\n")[0]: blocks.findall(part) for part in parts[1:]} | {
        "": blocks.findall(parts[0])
    }


def script(page: Path, section: str) -> str:
    """The one script of a section."""
    (found,) = sections(page)[section]
    return found


def run(*words: str | Path, expected: int = 0) -> str:
    """What a script printed; nothing leaves this machine."""
    place = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "OMP_NUM_THREADS": "1",
        "HF_HUB_OFFLINE": "1",
        "HF_HOME": str(Path.cwd() / "cache"),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "RAY_USAGE_STATS_ENABLED": "0",
    }
    done = subprocess.run(
        [sys.executable, *map(str, words)], env=place, capture_output=True, check=False,
        text=True, timeout=900,
    )  # fmt: skip
    assert done.returncode == expected, done.stdout[-2000:] + done.stderr[-4000:]
    return done.stdout


@pytest.fixture(scope="module")
def articles(tmp_path_factory) -> pa.Table:
    """What the first block of the page writes, with odd texts among them."""
    folder = tmp_path_factory.mktemp("articles")
    shutil.copytree(ROOT / "docs" / "examples", folder / "docs" / "examples")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        exec(script(ON_AN_ENGINE, ""), {})  # noqa: S102 - our own page
        texts = pq.read_table("articles.parquet")["text"].to_pylist()
    assert len(texts) == 5
    texts = [*ODD, *texts]
    return pa.table({"id": range(len(texts)), "text": texts})


@pytest.fixture(scope="module")
def expected(articles) -> list[dict[str, Any]]:
    """Rows of the scored table, by way of `predict_many`."""
    framing = Framing()
    rows = articles.to_pylist()
    known = [row for row in rows if row["text"] is not None]
    readings = framing.predict_many(row["text"] for row in known)
    for row in rows:
        row["spans"] = []
        row |= {f"rate_{name}": None for name in framing.labels}
    for row, reading in zip(known, readings, strict=True):
        row["spans"] = [
            {"start": s.start, "end": s.end, "label": s.label, "score": s.score} for s in reading
        ]
        row |= {f"rate_{name}": rate for name, rate in reading.profile.rates.items()}
    assert sum(len(row["spans"]) for row in rows) > 5
    return rows


@pytest.fixture
def here(articles, tmp_path, monkeypatch) -> Path:
    """A folder with `articles.parquet`, to run in."""
    monkeypatch.chdir(tmp_path)
    pq.write_table(articles, "articles.parquet", row_group_size=4)
    return tmp_path


# --- engines ------------------------------------------------------------------------------

ENGINES = {
    "No engine": "pyarrow",
    "datasets": "datasets",
    "DuckDB": "duckdb",
    "Polars": "polars",
    "Spark": "pyspark",
    "Ray": "ray",
}
"""The module that each section of the page needs."""
HEAVY = ("Spark", "Ray")


def need(engine: str) -> None:
    if importlib.util.find_spec(ENGINES[engine]) is None:
        pytest.skip(f"{ENGINES[engine]} is not installed")
    if engine == "Spark" and not (shutil.which("java") or os.environ.get("JAVA_HOME")):
        pytest.skip("no Java")


@pytest.mark.parametrize(
    "engine",
    [pytest.param(each, marks=pytest.mark.engines if each in HEAVY else ()) for each in ENGINES],
)
def test_an_engine_gives_what_predict_many_gives(engine, here, expected) -> None:
    need(engine)
    Path("script.py").write_text(script(ON_AN_ENGINE, engine), encoding="utf-8")
    printed = run("script.py")
    (written,) = here.glob("scored-*")
    scored = pq.read_table(written).sort_by("id")
    assert scored.to_pylist() == expected
    assert scored.column_names == list(expected[0])
    if "words" in script(ON_AN_ENGINE, engine):
        assert "“reform”" in printed


def test_every_block_of_a_page_set_apart_is_run_here() -> None:
    apart = {page for page in PAGES.glob("*.md") if page.read_text("utf-8").startswith(APART)}
    assert {page: {name for name, each in sections(page).items() if each} for page in apart} == {
        ON_AN_ENGINE: {"", *ENGINES},
        HUNDRED_MILLION: {"Score them", "Measure rate and memory"},
    }


def test_the_result_does_not_depend_on_the_batches(articles, expected) -> None:
    scorer = Scorer()
    for rows in (1, 3, 1000):
        batches = list(scorer(articles.to_batches(rows)))
        assert pa.Table.from_batches(batches).to_pylist() == expected


# --- a hundred million articles -----------------------------------------------------------


@pytest.fixture
def parts(here, articles) -> Path:
    """Three files of articles in two folders, and the script that scores them."""
    for name, rows in (("a/1", range(4)), ("a/2", range(4, 8)), ("b/1", range(8, 11))):
        path = Path("articles", name).with_suffix(".parquet")
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(articles.take(list(rows)), path)
    code = script(HUNDRED_MILLION, "Score them")
    Path("score_partitions.py").write_text(code, encoding="utf-8")
    return here


def partitions(*words: str, expected: int = 0) -> list[str]:
    command = ("score_partitions.py", "articles", "scored", "--model", "linear", *words)
    return sorted(run(*command, expected=expected).splitlines())


def test_partitions_are_scored_and_resumed(parts, articles) -> None:
    first = partitions("--workers", "2")
    assert first[0] == "0 files are done, 3 to do"
    assert first[1:] == [f"articles/{name}.parquet: scored" for name in ("a/1", "a/2", "b/1")]
    assert not list(parts.rglob("*.part"))
    scored = pq.read_table("scored").sort_by("id")
    assert scored.to_pylist() == Scorer("linear")(articles).to_pylist()

    Path("scored/a/2.parquet").unlink()
    kept = {path: path.stat().st_mtime_ns for path in Path("scored").rglob("*.parquet")}
    assert partitions() == ["2 files are done, 1 to do", "articles/a/2.parquet: scored"]
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    assert pq.read_table("scored").sort_by("id").equals(scored)


def test_machines_share_the_partitions_and_a_broken_file_is_named(parts) -> None:
    Path("articles/b/2.parquet").write_bytes(b"PAR1")
    assert partitions("--machines", "2")[0] == "0 files are done, 2 to do"
    last = partitions("--machines", "2", "--machine", "1", expected=2)
    assert last[0] == "0 files are done, 2 to do"
    assert last[2].startswith("articles/b/2.parquet: ")
    assert len(list(Path("scored").rglob("*.parquet"))) == 3


def test_files_of_another_model_are_scored_anew(parts) -> None:
    partitions("--machines", "3")
    target = Path("scored/a/1.parquet")
    other = pq.read_table(target).replace_schema_metadata({"framing.model.sha256": "0" * 64})
    pq.write_table(other, target)
    assert partitions("--machines", "3")[0] == "0 files are done, 1 to do"


def test_what_it_costs_is_measured(here) -> None:
    texts = [f"Report {n}: the council met on Monday, officials said." for n in range(150)]
    pq.write_table(pa.table({"text": texts}), "sample.parquet")
    Path("measure.py").write_text(script(HUNDRED_MILLION, "Measure rate and memory"))
    first, second, third = run("measure.py").splitlines()
    rate, memory = _numbers(first)
    assert 50 < memory < 5000
    core_hours = 1e8 / rate / 3600
    hours, days, cores = _numbers(second.split(": ")[1])
    assert hours == pytest.approx(core_hours, rel=0.02, abs=0.6)
    assert days == pytest.approx(core_hours / cores / 24, rel=0.02, abs=0.06)
    whole, million = _numbers(third)
    assert whole == pytest.approx(core_hours * 0.05, rel=0.02, abs=0.6)
    assert million == pytest.approx(core_hours * 0.05 / 100, rel=0.02, abs=0.006)


def _numbers(line: str) -> list[float]:
    return [float(word.replace(",", "")) for word in re.findall(r"\d[\d,.]*", line)]


def test_rates_are_added_up(here, expected) -> None:
    duckdb = pytest.importorskip("duckdb")
    (query,) = re.findall(r"```sql\n(.*?)```", HUNDRED_MILLION.read_text("utf-8"), re.DOTALL)
    scored = pa.Table.from_pylist([row | {"outlet": "one"} for row in expected])
    Path("scored").mkdir()
    pq.write_table(scored, "scored/1.parquet")
    ((outlet, rate),) = duckdb.sql(query).fetchall()
    loaded = sum(span["label"] == "loaded_language" for row in expected for span in row["spans"])
    words = sum(len((row["text"] or "").split()) for row in expected)
    assert (outlet, rate) == ("one", pytest.approx(1000 * loaded / words, rel=0.01))


# --- the sum on the page ------------------------------------------------------------------


def _rates() -> Any:
    spec = importlib.util.spec_from_file_location("docs_rate", ROOT / "docs" / "rate.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_the_sum_on_the_page_is_right() -> None:
    rate = _rates()
    page = HUNDRED_MILLION.read_text(encoding="utf-8")
    rows = re.findall(r"^\| (linear|boosted) \|.*$", page, re.MULTILINE)
    assert rows == ["linear", "boosted"]
    for line in re.findall(r"^\| (?:linear|boosted) \|.*$", page, re.MULTILINE):
        name, per_second = line.split(" | ")[0].removeprefix("| "), float(line.split(" | ")[1])
        assert line == rate._row(rate.Rate(name, per_second, 0))


def test_the_sum() -> None:
    rate = _rates()
    assert rate._row(rate.Rate("linear", 10.0, 500)) == (
        "| linear | 10.0 | 27.8 | 1.39 | 1.8 days |"
    )
    page = "a\n<!-- rate -->\nold\n<!-- rate: end -->\nb\n"
    assert rate.filled(page, "new\n") == page.replace("old", "new")
    with pytest.raises(ValueError, match="0 places"):
        rate.filled("a\n", "new\n")
