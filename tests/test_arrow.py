"""Arrow tables: columns in, columns out, and the callable that engines send to workers."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import framing.arrow
from framing import Framing, InputError, ModelError
from framing.arrow import Scorer, schema, score_batches, score_table

TEXTS = (
    "The thugs lost.",
    None,
    "",
    "😀 A reckless plan, and “reform”.",
    "He said: “A disgraceful regime.” It lays bare.\nSubscribe now.\n",
)
SPAN = {"start": pa.int64(), "end": pa.int64(), "label": pa.string(), "score": pa.float64()}


@pytest.fixture
def scorer(handmade_path) -> Scorer:
    return Scorer(handmade_path)


def table(texts=TEXTS, **columns) -> pa.Table:
    ids = pa.array(range(len(texts)), pa.int64())
    return pa.table({"id": ids, "text": pa.array(texts, pa.string())} | columns)


def expected(framing: Framing, texts) -> list[dict]:
    """The added columns as rows, by way of `predict_many`."""
    readings = framing.predict_many(text for text in texts if text is not None)
    rows = []
    for text in texts:
        reading = None if text is None else next(readings)
        spans = [] if reading is None else [
            {"start": s.start, "end": s.end, "label": s.label, "score": s.score} for s in reading
        ]  # fmt: skip
        rates = {
            f"rate_{name}": reading.profile.rates[name] if reading is not None else None
            for name in framing.labels
        }
        rows.append({"spans": spans} | rates)
    return rows


def added(scored: pa.Table | pa.RecordBatch) -> list[dict]:
    scored.validate(full=True)
    return scored.drop_columns(["id", "text"]).to_pylist()


# --- what comes out -----------------------------------------------------------------------


def test_a_table_gains_spans_and_rates(scorer, handmade) -> None:
    scored = scorer(table())
    assert scored.select(["id", "text"]).equals(table())
    assert added(scored) == expected(handmade, TEXTS)
    assert [len(row["spans"]) for row in added(scored)] == [1, 0, 0, 2, 3]


def test_a_null_text_has_no_spans_and_null_rates(scorer) -> None:
    null, empty = added(scorer(table([None, ""])))
    assert null["spans"] == empty["spans"] == []
    assert {null[name] for name in null if name != "spans"} == {None}
    assert {empty[name] for name in empty if name != "spans"} == {0.0}


def test_offsets_are_code_points(scorer) -> None:
    row = scorer(table(["😀😀 A reckless plan."])).to_pylist()[0]
    (span,) = row["spans"]
    assert row["text"][span["start"] : span["end"]] == "reckless"


def test_the_functions_are_the_scorer(scorer, handmade_path) -> None:
    given = table(["A “reckless” plan: “Thugs!”"]).rename_columns(["id", "body"])
    asked = {"model": handmade_path, "include_quoted": True}
    same = Scorer(handmade_path, "body", include_quoted=True)(given)
    assert score_table(given, "body", **asked).equals(same, check_metadata=True)
    (batch,) = score_batches(iter(given.to_batches()), "body", **asked)
    assert pa.Table.from_batches([batch]).equals(same)
    assert schema(given.schema, "body", **asked).equals(same.schema, check_metadata=True)


def test_include_quoted_marks_what_is_quoted(handmade_path) -> None:
    text = "Reckless, she said: “The thugs won.”"
    framing = Framing(handmade_path, include_quoted=True)
    scored = Scorer(handmade_path, include_quoted=True)(table([text]))
    found = [tuple(span.values()) for span in scored["spans"][0].as_py()]
    assert found == [(s.start, s.end, s.label, s.score, s.quoted) for s in framing.predict(text)]
    assert {quoted for *_, quoted in found} == {True, False}


@given(texts=st.lists(st.none() | st.text(st.characters(exclude_categories=["Cs"])), max_size=5))
def test_any_texts(handmade, handmade_path, texts) -> None:
    assert added(Scorer(handmade_path)(table(texts))) == expected(handmade, texts)


# --- the schema ---------------------------------------------------------------------------


def test_the_schema_is_that_of_the_result(scorer, handmade) -> None:
    given = table(more=pa.array([1.5] * len(TEXTS)))
    wanted = pa.schema(
        {
            "id": pa.int64(),
            "text": pa.string(),
            "more": pa.float64(),
            "spans": pa.list_(pa.struct(SPAN)),
            **{f"rate_{name}": pa.float64() for name in handmade.labels},
        }
    )
    assert scorer.schema(given.schema).equals(wanted)
    assert scorer(given).schema.equals(scorer.schema(given.schema), check_metadata=True)


def test_the_metadata_names_the_model(scorer, handmade_path) -> None:
    given = table().replace_schema_metadata({"mine": "kept"})
    assert scorer(given).schema.metadata == {
        b"mine": b"kept",
        b"framing.model.name": b"linear",
        b"framing.model.sha256": Framing(handmade_path).model.meta["sha256"].encode(),
        b"framing.model.version": framing.__version__.encode(),
        b"framing.offset_unit": b"code_point",
    }


def test_no_rows(scorer) -> None:
    scored = scorer(table([]))
    assert scored.num_rows == 0
    assert scored.schema.equals(scorer.schema(table().schema))
    assert scored.column("spans").num_chunks == 1  # Spark wants one
    assert list(scorer(iter([]))) == []
    empty = pa.RecordBatch.from_pylist([], table().schema)
    assert [batch.num_rows for batch in scorer([empty])] == [scorer(empty).num_rows] == [0]


# --- columns of every make ----------------------------------------------------------------

KINDS = {
    "string": pa.string(),
    "large": pa.large_string(),
    "view": pa.string_view(),
    "dictionary": pa.dictionary(pa.int8(), pa.string()),
    "large dictionary": pa.dictionary(pa.int32(), pa.large_string()),
}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_kinds_of_string(scorer, handmade, kind) -> None:
    scored = scorer(table(text=pa.array(TEXTS).cast(kind)))
    assert scored.schema.field("text").type == kind
    assert added(scored) == expected(handmade, TEXTS)


def test_run_ends(scorer, handmade) -> None:
    import pyarrow.compute as pc

    texts = [TEXTS[0]] * 3 + [None] * 2
    given = table(texts, text=pc.run_end_encode(pa.array(texts)))
    assert scorer(given).drop_columns(["id", "text"]).to_pylist() == expected(handmade, texts)


def test_nothing_but_nulls(scorer, handmade) -> None:
    assert added(scorer(table([None, None], text=pa.nulls(2)))) == expected(handmade, [None, None])


def test_chunks_and_slices(scorer, handmade) -> None:
    texts = TEXTS * 3
    whole = table(texts)
    ragged = pa.table(
        {
            "id": pa.chunked_array([range(2), range(2, 15)]),
            "text": pa.chunked_array([texts[:7], [], texts[7:]], pa.string()),
        }
    )
    assert added(scorer(ragged)) == added(scorer(whole)) == expected(handmade, texts)
    assert added(scorer(whole.slice(3, 5))) == expected(handmade, texts[3:8])
    assert added(scorer(whole.to_batches()[0].slice(3, 5))) == expected(handmade, texts[3:8])


def test_a_large_table_is_read_in_batches(scorer, handmade, monkeypatch) -> None:
    monkeypatch.setattr(framing.arrow, "ROWS", 2)
    scored = scorer(table())
    assert scored.column("spans").num_chunks == 3
    assert added(scored) == expected(handmade, TEXTS)


def test_a_stream_is_read_one_batch_at_a_time(scorer) -> None:
    asked = []

    def batches() -> Iterator[pa.RecordBatch]:
        for number in range(3):
            asked.append(number)
            yield table([TEXTS[0]] * (number + 1)).to_batches()[0]

    scored = scorer(batches())
    assert asked == []
    for number, batch in enumerate(scored):
        assert isinstance(batch, pa.RecordBatch)
        assert (batch.num_rows, asked) == (number + 1, list(range(number + 1)))


# --- what is refused ----------------------------------------------------------------------

WRONG = {
    "no column": ({"body": ["a"], "id": [1]}, "no column 'text'; the columns are: body, id"),
    "no columns": ({}, "no column 'text'; the columns are: none"),
    "numbers": ({"text": [1, 2]}, "column 'text' is int64, not string"),
    "bytes": ({"text": [b"a"]}, "column 'text' is binary, not string"),
    "lists": ({"text": [["a"]]}, "column 'text' is list<item: string>, not string"),
    "coded numbers": (
        {"text": pa.array([1, 2]).dictionary_encode()},
        "column 'text' is dictionary<values=int64, indices=int32, ordered=0>, not string",
    ),
    "spans": (
        {"text": ["a"], "spans": [1]},
        "the table has a column 'spans' already; rename or drop it",
    ),
    "a rate": (
        {"text": ["a"], "rate_scare_quotes": [1]},
        "the table has a column 'rate_scare_quotes' already; rename or drop it",
    ),
}


@pytest.mark.parametrize(("columns", "message"), WRONG.values(), ids=WRONG)
def test_tables_that_are_refused(scorer, columns, message) -> None:
    given = pa.table(columns)
    for attempt in (
        lambda: scorer(given),
        lambda: scorer.schema(given.schema),
        lambda: next(scorer(iter([pa.RecordBatch.from_pydict(columns)]))),
    ):
        with pytest.raises(InputError) as caught:
            attempt()
        assert str(caught.value) == message


def test_two_columns_of_one_name(scorer) -> None:
    given = pa.table([["a"], ["b"]], names=["text", "text"])
    with pytest.raises(InputError, match=r"^2 columns 'text'; the columns are: text, text$"):
        scorer(given)


@pytest.mark.parametrize("data", [5, None, [1, 2], "text", [TEXTS]], ids=repr)
def test_what_is_no_table(scorer, data) -> None:
    with pytest.raises(InputError, match=r"^a pyarrow table, .* is wanted here, not \w+$"):
        list(scorer(data))


def test_bytes_that_are_no_text(scorer) -> None:
    broken = pa.array([b"fine", b"caf\xe9"]).view(pa.string())
    with pytest.raises(InputError, match=r"^column 'text', row 1: not UTF-8 \(.*\)$"):
        scorer(table(["a", "b"], text=broken))
    batches = [table(["a", "b"]).to_batches()[0], table(["", ""], text=broken).to_batches()[0]]
    with pytest.raises(InputError, match="row 3"):
        list(scorer(batches))


# --- the callable -------------------------------------------------------------------------


@pytest.mark.parametrize("method", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_it_pickles_small_and_equal(scorer, handmade_path, method) -> None:
    scorer(table())  # what was loaded stays here
    for each in (Scorer(), scorer, Scorer("linear", "body", include_quoted=True)):
        content = pickle.dumps(each, method)
        assert len(content) < 1000
        assert pickle.loads(content) == each  # noqa: S301 - our own


def test_making_one_loads_nothing() -> None:
    script = (
        "import sys; from framing.arrow import Scorer, _load; Scorer();"
        "assert not _load.cache_info().currsize; assert 'sklearn' not in sys.modules"
    )
    place = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    subprocess.run([sys.executable, "-c", script], check=True, env=place, timeout=120)


def test_the_model_is_loaded_once(scorer, monkeypatch) -> None:
    made = []
    monkeypatch.setattr(
        framing.arrow, "Framing", lambda *a, **k: made.append(a) or Framing(*a, **k)
    )
    framing.arrow._load.cache_clear()
    for _ in range(3):
        pickle.loads(pickle.dumps(scorer))(table())  # noqa: S301
    assert len(made) == 1


def test_a_path_is_made_absolute(handmade_path, monkeypatch) -> None:
    monkeypatch.chdir(handmade_path.parent)
    assert Scorer(handmade_path.name) == Scorer(handmade_path)
    assert Scorer("linear").model == "linear"


def test_a_model_that_changed_is_noticed(tiny_paths, handmade_path, tmp_path) -> None:
    from datasets.fingerprint import Hasher

    path = tmp_path / "model.skops"
    path.write_bytes(handmade_path.read_bytes())
    before = Scorer(path)
    path.write_bytes(tiny_paths["linear"].read_bytes())
    with pytest.raises(ModelError, match="not the file that the scorer was made for"):
        before(table())
    after = Scorer(path)
    assert after != before
    assert Hasher.hash(after) != Hasher.hash(before)  # what `datasets` finds old results by
    assert Hasher.hash(after) == Hasher.hash(Scorer(path))
    assert after(table()).schema.metadata[b"framing.model.sha256"] == after.sha256.encode()


@pytest.mark.parametrize("name", ["nonsense", "", "x" * 5000])
def test_no_such_model(name) -> None:
    with pytest.raises(ModelError, match="no such model"):
        Scorer(name)


def _in_a_worker(scorer: Scorer, given: pa.Table) -> pa.Table:
    return scorer(given)


def test_a_spawned_worker(handmade_path, handmade) -> None:
    with get_context("spawn").Pool(1) as pool:
        scored = pool.apply(_in_a_worker, (Scorer(handmade_path), table()))
    assert added(scored) == expected(handmade, TEXTS)
