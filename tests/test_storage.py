from __future__ import annotations

import hashlib
import io
import json
import os
import pickle
import shutil
import subprocess
import sys
import zipfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import KINDS, ROOT

from framing import archive, storage
from framing.archive import Archive, canonical
from framing.errors import ModelError
from framing.features import EDGES
from framing.heads import BoostedHead, Gate
from framing.linear import Edges
from framing.predictor import Framing
from framing.spans import feature_names
from framing.storage import FORMAT, SHIPPED, TRUSTED, load_model, save_model, shipped_sums


class Parts:
    """A model file taken apart: its members, and the tree of nodes."""

    def __init__(self, path):
        with zipfile.ZipFile(path) as file:
            self.members = {name: file.read(name) for name in file.namelist()}
        self.tree = json.loads(self.members.pop("schema.json"))

    def node(self, *keys):
        """A node by keys of dictionaries, attributes of objects and places in lists."""
        found = self.tree
        for key in keys:
            content = found["content"]
            if found["__loader__"] == "ObjectNode":
                content = content["content"]
            found = content[key]
        return found

    def array(self, *keys):
        return np.load(io.BytesIO(self.members[self.node(*keys)["file"]]))

    def put(self, array, *keys):
        """Another array in the place of one."""
        target = io.BytesIO()
        np.save(target, array)
        self.members[self.node(*keys)["file"]] = target.getvalue()

    def write(self, path):
        with zipfile.ZipFile(path, "w") as file:
            for name, content in self.members.items():
                file.writestr(name, content)
            file.writestr("schema.json", json.dumps(self.tree))
        return path


@pytest.fixture
def tmp_path(tmp_path):
    """The folder of one test, gone after it: there are hundreds, of many megabytes each."""
    yield tmp_path
    shutil.rmtree(tmp_path)


@pytest.fixture
def parts(handmade_path):
    """The handmade model, which is linear, taken apart."""
    return Parts(handmade_path)


@pytest.fixture(scope="module")
def small_boosted_path(handmade_model, tmp_path_factory):
    """The handmade model with a few trees of nothing in particular as its heads."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    n_labels = len(handmade_model.schema.labels)
    rng = np.random.default_rng(0)
    heads = []
    for columns in (len(feature_names(handmade_model.schema.labels)), 7 + 4 * n_labels):
        rows = rng.normal(size=(200, n_labels + columns - 1)).astype(np.float32)
        estimator = HistGradientBoostingClassifier(max_iter=3, early_stopping=False)
        heads.append(BoostedHead(estimator.fit(rows, rows[:, 5] > 0), n_labels))
    gate = Gate(handmade_model.spans, np.full(n_labels, 0.1))
    model = replace(handmade_model, kind="boosted", gate=gate, spans=heads[0], sentences=heads[1])
    path = tmp_path_factory.mktemp("boosted") / "small.skops"
    save_model(model, path)
    load_model(path)
    return path


@pytest.fixture
def boosted_parts(small_boosted_path):
    """A boosted model taken apart."""
    return Parts(small_boosted_path)


def refused(path, message=""):
    """Whether loading ends in one line that names the file; returns the line."""
    with pytest.raises(ModelError) as caught:
        load_model(path)
    line = str(caught.value)
    assert "\n" not in line
    assert len(line) < 500
    assert message in line
    return line


# --- there and back -----------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_round_trip(kind, tiny_models, tiny_paths, articles):
    texts = [each.text for each in articles]
    before, after = Framing(tiny_models[kind]), Framing(tiny_paths[kind])
    assert list(after.predict_many(texts)) == list(before.predict_many(texts))
    assert (after.predict_proba(texts) == before.predict_proba(texts)).all()
    assert after.model.schema == before.model.schema
    assert after.model.kind == kind
    assert after.model.meta.keys() >= tiny_models[kind].meta.keys()
    assert after.model.meta["sha256"] == hashlib.sha256(tiny_paths[kind].read_bytes()).hexdigest()


@pytest.mark.parametrize("kind", KINDS)
def test_round_trip_with_a_start(kind, started_models, articles, tmp_path):
    path = tmp_path / "a.skops"
    save_model(started_models[kind], path)
    texts = [each.text for each in articles[:4]]
    before, after = Framing(started_models[kind]), Framing(path)
    assert list(after.predict_many(texts)) == list(before.predict_many(texts))
    assert (after.predict_proba(texts) == before.predict_proba(texts)).all()
    assert after.model.meta["start"] == {"name": "handmade", "sha256": ""}
    start = after.model.linear.start
    assert len(start.vectors.index) == 0  # its own, not those of the model
    assert (start.token_weights == started_models[kind].linear.start.token_weights).all()
    meta = {key: value for key, value in after.model.meta.items() if key != "sha256"}
    save_model(replace(after.model, meta=meta), tmp_path / "again.skops")
    assert (tmp_path / "again.skops").read_bytes() == path.read_bytes()


def test_round_trip_with_edges(handmade_model, tmp_path):
    linear = handmade_model.linear
    rng = np.random.default_rng(0)
    weights = rng.normal(size=(len(EDGES), linear.token_weights.shape[1])).astype(np.float32)
    edges = Edges(weights, rng.normal(size=len(EDGES)).astype(np.float32))
    model = replace(handmade_model, linear=replace(linear, edges=edges))
    path = saved(model, tmp_path)
    found = load_model(path).linear.edges
    assert (found.weights == weights).all()
    assert (found.bias == edges.bias).all()
    fewer = replace(linear, edges=Edges(weights[:2], edges.bias[:2]))
    path = saved(replace(model, linear=fewer), tmp_path)
    with pytest.raises(ModelError, match="5 estimators are wanted"):
        load_model(path)


def test_vectors_of_a_start_are_stored_once(started_models, tmp_path):
    model = started_models["linear"]
    assert "vectors" in Parts(saved(model, tmp_path)).node("start")["content"]
    linear = model.linear
    start = replace(linear, start=None, token_weights=linear.token_weights[:, :-4])
    start.sentence_weights = linear.sentence_weights[:, :-12]
    same = replace(model, linear=replace(linear, start=start))
    parts = Parts(saved(same, tmp_path))
    assert sorted(parts.node("start")["content"]) == ["mix", "sentences", "tokens"]
    loaded = load_model(tmp_path / "a.skops").linear
    assert loaded.start.vectors is loaded.vectors


def saved(model, folder):
    save_model(model, folder / "a.skops")
    return folder / "a.skops"


@pytest.fixture(scope="module")
def started_path(handmade_model, tmp_path_factory):
    """The handmade model, started from itself with half of its labels."""
    linear = handmade_model.linear
    start = replace(
        linear, token_weights=linear.token_weights[:2], token_bias=linear.token_bias[:2],
        sentence_weights=linear.sentence_weights[:2, :-4], sentence_bias=linear.token_bias[:2],
        mix=linear.mix[:2],
    )  # fmt: skip
    wider = [
        np.hstack((each, np.ones((4, more), np.float32)))
        for each, more in ((linear.token_weights, 2), (linear.sentence_weights, 6))
    ]
    begun = replace(linear, token_weights=wider[0], sentence_weights=wider[1], start=start)
    return saved(replace(handmade_model, linear=begun), tmp_path_factory.mktemp("started"))


@pytest.mark.parametrize(
    ("keys", "array", "message"),
    [
        (("mix",), np.ones((3, 3), np.float32), "3 estimators are wanted"),
        (("mix",), np.ones((0, 3), np.float32), "started from has no labels"),
        (("mix",), np.ones((2, 3)), "mix is not an array of float32"),
        (("mix",), np.full((2, 3), np.nan, np.float32), "not finite"),
        (("tokens", 0, "coef_"), np.ones((1, 5), np.float32), "coef_ has shape (1, 5)"),
        (("sentences", 1, "intercept_"), np.float32([np.inf]), "not finite"),
        (("tokens", 1, "intercept_"), np.float32([2e9]), "beyond 1e+09"),
    ],
)
def test_a_start_is_checked_as_the_rest(started_path, tmp_path, keys, array, message):
    parts = Parts(started_path)
    parts.put(array, "start", *keys)
    refused(parts.write(tmp_path / "b.skops"), message)


def test_weights_for_a_start_need_one(started_path, parts, tmp_path):
    with_start = Parts(started_path)
    del with_start.tree["content"]["start"]
    with_start.tree["key_types"]["content"].pop()
    refused(with_start.write(tmp_path / "a.skops"), "coef_ has shape")
    node = Parts(started_path).node("start")
    for strange in ({"__loader__": "JsonNode", "content": "7"}, {**node, "content": {}}):
        changed = Parts(started_path)
        changed.tree["content"]["start"] = strange
        refused(changed.write(tmp_path / "b.skops"))


class ReadBySkops(Archive):
    """The whole file as skops itself loads it."""

    def read(self):
        import skops.io

        return skops.io.loads(self.data, trusted=TRUSTED)

    def read_estimators(self, trusted, keys):
        return self.read()


@pytest.mark.parametrize("name", ["linear", "boosted", "shipped linear"])
def test_skops_itself_reads_the_same_model(name, tiny_paths, articles):
    path = tiny_paths.get(name, storage.SAVED / "linear.skops")
    ours = Framing(load_model(path))
    theirs = Framing(storage._build(ReadBySkops.open(path)))
    assert theirs.model.kind == ours.model.kind
    texts = [each.text for each in articles[:4]]
    assert list(ours.predict_many(texts)) == list(theirs.predict_many(texts))
    assert (ours.predict_proba(texts) == theirs.predict_proba(texts)).all()
    assert (ours.model.score(texts).scores == theirs.model.score(texts).scores).all()


def test_a_boosted_model_is_read_without_the_arrays_that_skops_need_not_see(tiny_paths):
    archive = Archive.open(tiny_paths["boosted"])
    found = archive.read_estimators(TRUSTED, ("span head",))
    assert list(found) == ["span head"]
    with zipfile.ZipFile(io.BytesIO(archive._only(("thresholds", "levels")))) as part:
        assert sorted(part.namelist()) == ["1.npy", "2.npy", "schema.json"]


def test_the_same_model_gives_the_same_bytes(kind, tiny_models, tiny_paths, tmp_path):
    digest = save_model(tiny_models[kind], tmp_path / "deep" / "again.skops")
    content = (tmp_path / "deep" / "again.skops").read_bytes()
    assert content == tiny_paths[kind].read_bytes()
    assert digest == hashlib.sha256(content).hexdigest()
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["again.skops"]


def test_a_loaded_model_can_be_saved_again(kind, tiny_paths, tmp_path):
    model = load_model(tiny_paths[kind])
    meta = {key: value for key, value in model.meta.items() if key != "sha256"}
    save_model(replace(model, meta=meta), tmp_path / "again.skops")
    assert (tmp_path / "again.skops").read_bytes() == tiny_paths[kind].read_bytes()


def test_saving_again_replaces_the_file(handmade_model, tmp_path):
    path = tmp_path / "a.skops"
    path.write_bytes(b"old")
    save_model(handmade_model, path)
    assert load_model(str(path)).schema.names == handmade_model.schema.names


def test_linear_models_need_no_scikit_learn(tiny_paths):
    code = (
        "import sys\n"
        "from framing import Framing\n"
        "from framing.errors import ModelError\n"
        f"Framing({str(tiny_paths['linear'])!r}).predict('It fell. The mayor left.')\n"
        "assert not {'sklearn', 'skops', 'scipy'} & set(sys.modules), sorted(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_importing_is_quick():
    code = (
        "import sys, framing, framing.cli\n"
        "heavy = {'sklearn', 'skops', 'scipy', 'numpy', 'datasets', 'framing.storage'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_members_are_small_dull_and_dated_alike(tiny_paths):
    for path in tiny_paths.values():
        with zipfile.ZipFile(path) as file:
            for member in file.infolist():
                assert member.date_time == (1980, 1, 1, 0, 0, 0)
                assert member.compress_type == zipfile.ZIP_DEFLATED
                assert archive._MEMBER.match(member.filename)


def test_canonical_twice_is_canonical_once(handmade_path):
    data = handmade_path.read_bytes()
    assert canonical(data) == data


def test_only_the_types_listed_are_asked_for(tiny_paths):
    import skops.io

    assert skops.io.get_untrusted_types(file=tiny_paths["linear"]) == []
    found = set()
    for path in (tiny_paths["boosted"], storage.SAVED / "boosted.skops"):
        types = Archive.open(path).types()
        assert types >= set(skops.io.get_untrusted_types(file=path))
        assert types <= set(TRUSTED)
        found |= types
    needless = {each for each in set(TRUSTED) - found if not each.startswith("builtins.")}
    assert not needless
    assert len(set(TRUSTED)) == len(TRUSTED)


# --- no model -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["nonsense", "", "linear.skops", "Linear", "\0"])
def test_no_such_model(name):
    refused(name)


def test_a_folder_is_no_model(tmp_path):
    assert "no such model; use linear or boosted" in refused(tmp_path)


@pytest.mark.parametrize(
    "content", [b"", b"PK", b"not a model\n", b"\0" * 99, b"PK\5\6" + b"\0" * 18]
)
def test_other_files(tmp_path, content):
    path = tmp_path / "a.skops"
    path.write_bytes(content)
    assert str(path) in refused(path)


@pytest.mark.parametrize("share", [0.001, 0.3, 0.7, 0.99, 0.99999])
def test_truncated(tiny_paths, kind, tmp_path, share):
    data = tiny_paths[kind].read_bytes()
    path = tmp_path / "a.skops"
    path.write_bytes(data[: int(len(data) * share)])
    assert str(path) in refused(path, "not a model file")


def test_too_large(handmade_path, monkeypatch):
    monkeypatch.setattr(archive, "MOST_BYTES", 100)
    refused(handmade_path, "bytes, more than the 100 of any model")


@pytest.mark.parametrize("kind", ["linear"])
def test_changed_bytes_never_end_in_another_error(kind, tiny_paths, tmp_path):
    """Any byte: it is refused, or it did not matter."""
    data = tiny_paths[kind].read_bytes()
    path = tmp_path / "a.skops"
    rng = np.random.default_rng(3)
    places = [*rng.integers(0, len(data), 30), *rng.integers(len(data) - 9000, len(data), 30)]
    for at in places:
        changed = bytearray(data)
        changed[at] ^= 1 << int(rng.integers(8))
        path.write_bytes(changed)
        with suppress(ModelError):
            load_model(path)


# --- members ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["../1.npy", "/1.npy", "x.npy", "1.npy/", "1.pkl", "schema.json.bak", "1.npy\n", "١.npy"],
)
def test_renamed_members(parts, tmp_path, name):
    parts.members[name] = parts.members.pop("1.npy")
    path = parts.write(tmp_path / "a.skops")
    assert str(path) in refused(path, "not a skops file: member")


def test_members_that_lack(parts, tmp_path):
    del parts.members["1.npy"]
    refused(parts.write(tmp_path / "a.skops"))


def test_members_that_stand_twice(parts, tmp_path):
    path = parts.write(tmp_path / "a.skops")
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(path, "a") as file:
        file.writestr("1.npy", b"")
    refused(path, "members stand twice")


def test_no_tree_of_nodes(parts, tmp_path):
    path = tmp_path / "a.skops"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("1.npy", parts.members["1.npy"])
    refused(path, "no schema.json")


@pytest.mark.parametrize(
    "content", [b"", b"[", b"[]", b"1", b"{}", b'{"__loader__": 1}', b"\xff", b"[" * 200_000]
)
def test_broken_tree_of_nodes(parts, tmp_path, content):
    path = tmp_path / "a.skops"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("schema.json", content)
    assert str(path) in refused(path)


def test_too_many_members(handmade_path, monkeypatch):
    monkeypatch.setattr(archive, "MOST_MEMBERS", 10)
    refused(handmade_path, "members, more than any model has")


def declare(path, name, size):
    """Let a member claim another size once it is unpacked."""
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\1\2")
    while data[at + 46 : at + 46 + len(name)] != name.encode():
        at = data.index(b"PK\1\2", at + 4)
    data[at + 24 : at + 28] = size.to_bytes(4, "little")
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("name", ["1.npy", "schema.json"])
def test_bombs_are_refused_before_they_are_unpacked(parts, tmp_path, name, monkeypatch):
    path = declare(parts.write(tmp_path / "a.skops"), name, 4_000_000_000)
    monkeypatch.setattr(archive, "_node", None)
    refused(path, "unpacks to")


def test_a_bomb_within_the_sum_of_sizes(parts, tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "MOST_UNPACKED", 1000)
    refused(parts.write(tmp_path / "a.skops"), "bytes, more than any model")


def test_a_member_that_is_longer_than_it_says(parts, tmp_path):
    parts.members["1.npy"] = b"\0" * 5_000_000
    path = declare(parts.write(tmp_path / "a.skops"), "1.npy", 100)
    refused(path)


@pytest.mark.parametrize("shape", [(1 << 60,), (1 << 45,)])
def test_arrays_that_claim_to_be_huge(parts, tmp_path, shape):
    target = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        target, {"descr": "|u1", "fortran_order": False, "shape": shape}
    )
    parts.members[parts.node("words")["file"]] = target.getvalue()
    refused(parts.write(tmp_path / "a.skops"))


@pytest.mark.parametrize(("at", "value"), [(10, 99), (8, 1)], ids=["compression", "encryption"])
def test_members_that_zipfile_cannot_read(parts, tmp_path, at, value):
    path = parts.write(tmp_path / "a.skops")
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\1\2") + at] = value
    path.write_bytes(data)
    refused(path)


# --- contents -----------------------------------------------------------------------------


def set_json(parts, value, *keys):
    parts.node(*keys)["content"] = json.dumps(value)


@pytest.mark.parametrize("number", [0, FORMAT - 1, FORMAT + 1, -1, None, "2", 1.5, [FORMAT]])
def test_other_formats(parts, tmp_path, number):
    set_json(parts, number, "format")
    line = refused(
        parts.write(tmp_path / "a.skops"), f"model format {number!r}, this version reads {FORMAT}"
    )
    assert "framing train" in line


def test_no_format(parts, tmp_path):
    del parts.tree["content"]["format"]
    refused(parts.write(tmp_path / "a.skops"), "model format None")


@pytest.mark.parametrize("value", ["deep", None, 1, ["linear"]])
def test_other_kinds(parts, tmp_path, value):
    set_json(parts, value, "kind")
    refused(parts.write(tmp_path / "a.skops"), "unknown kind of model")


@pytest.mark.parametrize("key", ["schema", "meta", "words", "tokens", "span head", "levels", "mix"])
def test_parts_that_lack(parts, tmp_path, key):
    del parts.tree["content"][key]
    line = refused(parts.write(tmp_path / "a.skops"))
    assert key in line


@pytest.mark.parametrize(
    "key",
    ["schema", "meta", "words", "vectors", "tokens", "sentences", "span head", "sentence head",
     "levels", "calibration", "thresholds"],
)  # fmt: skip
@pytest.mark.parametrize("value", [None, "text", [[1, 2, 3]]])
def test_swapped_types(parts, tmp_path, key, value):
    parts.tree["content"][key] = {
        "__class__": "str", "__module__": "builtins", "__loader__": "JsonNode",
        "content": json.dumps(value), "is_json": True,
    }  # fmt: skip
    refused(parts.write(tmp_path / "a.skops"))


ARRAYS = {
    "words": ("words",),
    "vectors": ("vectors",),
    "token weights": ("tokens", 0, "coef_"),
    "token bias": ("tokens", 1, "intercept_"),
    "sentence weights": ("sentences", 3, "coef_"),
    "head columns": ("span head", "columns"),
    "head weights": ("sentence head", "estimators", 2, "coef_"),
    "levels": ("levels",),
    "mix": ("mix",),
    "calibration": ("calibration",),
    "thresholds": ("thresholds",),
}


@pytest.mark.parametrize("keys", ARRAYS.values(), ids=ARRAYS)
def test_wrong_shapes(parts, tmp_path, keys):
    array = parts.array(*keys)
    for other in (
        array[..., None],
        np.concatenate((array.ravel(), array.ravel(), [1])),
        array[()].sum(),
    ):
        if keys == ("words",) and np.ndim(other) == 1:
            continue  # of any length: its words are counted, below
        parts.put(np.asarray(other, array.dtype), *keys)
        refused(parts.write(tmp_path / "a.skops"))


@pytest.mark.parametrize("keys", ARRAYS.values(), ids=ARRAYS)
def test_wrong_dtypes(parts, tmp_path, keys):
    array = parts.array(*keys)
    for dtype in ("<f2", "<i4", "<c16", "<U3"):
        parts.put(np.zeros(array.shape, dtype), *keys)
        refused(parts.write(tmp_path / "a.skops"))


@pytest.mark.parametrize(
    "name", [name for name in ARRAYS if name not in ("words", "vectors", "head columns")]
)
@pytest.mark.parametrize("value", [np.nan, -np.inf])
def test_numbers_that_are_not_finite(parts, tmp_path, name, value):
    array = parts.array(*ARRAYS[name])
    array.ravel()[-1] = value
    parts.put(array, *ARRAYS[name])
    path = parts.write(tmp_path / "a.skops")
    if name == "levels" and np.isinf(value):  # a label that is never looked for
        load_model(path)
    else:
        refused(path, "not finite")


@pytest.mark.parametrize("column", [-1, 10_000])
def test_heads_that_look_outside(parts, tmp_path, column):
    columns = parts.array("span head", "columns")
    columns[0] = column
    parts.put(columns, "span head", "columns")
    refused(parts.write(tmp_path / "a.skops"), "columns that do not exist")


@pytest.mark.parametrize("words", [b"a", b"a\nb\na", b"\xff\nb"])
def test_words_and_vectors_go_together(parts, tmp_path, words):
    parts.put(np.frombuffer(words, np.uint8), "words")
    parts.put(np.zeros((3, 1), np.int8), "vectors")
    refused(parts.write(tmp_path / "a.skops"))


def test_a_label_more(parts, tmp_path):
    more = json.loads(json.dumps(parts.node("schema", "editorializing")))
    parts.node("schema")["content"]["another"] = more
    refused(parts.write(tmp_path / "a.skops"), "estimators are wanted, one a label")


def test_a_label_of_no_known_unit(parts, tmp_path):
    set_json(parts, "word", "schema", "editorializing", "unit")
    path = parts.write(tmp_path / "a.skops")
    assert str(path) in refused(path, "has unit 'word'")


def test_what_is_wrong_inside_names_the_file(parts, tmp_path):
    parts.put(np.full((4, 2), np.nan), "calibration")
    path = parts.write(tmp_path / "a.skops")
    assert str(path) in refused(path, "not finite")


# --- types that nobody asked for ----------------------------------------------------------

CANARY = """
from pathlib import Path
Path({place!r}).write_text("imported")

class Canary:
    def __init__(self, *_): Path({place!r}).write_text("made")
    def __setstate__(self, _): Path({place!r}).write_text("set")
    def __reduce__(self): return Canary, ()

def sing(*_): Path({place!r}).write_text("sung")
"""


@pytest.fixture
def canary(tmp_path, monkeypatch):
    """A module that leaves a file behind when it is imported, or anything of it runs."""
    place = tmp_path / "canary has sung"
    (tmp_path / "canary.py").write_text(CANARY.format(place=str(place)))
    monkeypatch.syspath_prepend(str(tmp_path))
    yield place
    sys.modules.pop("canary", None)


def strange(loader, module="canary", name="Canary", **more):
    state = {
        "__class__": "dict", "__module__": "builtins", "__loader__": "DictNode", "content": {},
        "key_types": {
            "__class__": "list", "__module__": "builtins", "__loader__": "ListNode", "content": [],
        },
    }  # fmt: skip
    return {
        "__class__": name, "__module__": module, "__loader__": loader, "__id__": 10**6,
        "content": state, **more,
    }  # fmt: skip


STRANGE = {
    "object": strange("ObjectNode"),
    "function": strange("FunctionNode", name="sing", content={"module_path": "canary", "function": "sing"}),
    "type": strange("TypeNode"),
    "os.system": strange("FunctionNode", "os", "system", content={"module_path": "os", "function": "system"}),
    "builtins.eval": strange("FunctionNode", "builtins", "eval"),
    "partial": strange("PartialNode", "functools", "partial"),
    "reduce": strange("ReduceNode"),
    "estimator in disguise": strange("ObjectNode", "canary", "LogisticRegression"),
    "nobody's": strange("NoSuchNode"),
}  # fmt: skip


@pytest.mark.parametrize("node", STRANGE.values(), ids=STRANGE)
@pytest.mark.parametrize("key", ["thresholds", "tokens", "extra"])
def test_unknown_types_in_a_linear_model_never_run(parts, tmp_path, canary, node, key):
    parts.tree["content"][key] = node
    path = parts.write(tmp_path / "a.skops")
    if key == "extra":  # nobody looks at it
        load_model(path)
    else:
        refused(path)
    assert not canary.exists()


@pytest.mark.parametrize("node", STRANGE.values(), ids=STRANGE)
@pytest.mark.parametrize("key", ["span head", "extra"])
def test_unknown_types_in_a_boosted_model_never_run(boosted_parts, tmp_path, canary, node, key):
    if key == "extra":
        boosted_parts.tree["content"][key] = node
        boosted_parts.tree["key_types"]["content"].append(
            boosted_parts.tree["key_types"]["content"][0]
        )
    else:
        boosted_parts.node("span head")["content"]["trees"] = node
    path = boosted_parts.write(tmp_path / "a.skops")
    line = refused(path)
    assert str(path) in line
    assert not canary.exists()


def test_pickles_never_run(parts, tmp_path, canary):
    class Bomb:
        def __reduce__(self):
            return Path.write_text, (canary, "sung")

    target = io.BytesIO()
    np.save(target, np.array([Bomb()], object), allow_pickle=True)
    for content in (target.getvalue(), pickle.dumps(Bomb())):
        parts.members[parts.node("thresholds")["file"]] = content
        refused(parts.write(tmp_path / "a.skops"))
    assert not canary.exists()


@pytest.mark.parametrize("name", ["LogisticRegression", "DummyClassifier", "Pipeline"])
def test_trusted_types_in_the_wrong_place(boosted_parts, tmp_path, name):
    from importlib import import_module

    import sklearn.dummy
    import sklearn.linear_model
    import sklearn.pipeline

    homes = (sklearn.linear_model, sklearn.dummy, sklearn.pipeline)
    module = next(getattr(home, name).__module__ for home in homes if hasattr(home, name))
    assert import_module(module)
    boosted_parts.node("span head")["content"]["trees"] = strange("ObjectNode", module, name)
    refused(boosted_parts.write(tmp_path / "a.skops"))


def test_estimators_that_nobody_asked_for(boosted_parts, tmp_path):
    node = strange("ObjectNode", "sklearn.neighbors._classification", "KNeighborsClassifier")
    boosted_parts.tree["content"]["extra"] = node
    keys = boosted_parts.tree["key_types"]["content"]
    keys.append(keys[0])
    refused(boosted_parts.write(tmp_path / "a.skops"))


def test_trees_in_a_linear_model(parts, tmp_path, boosted_parts):
    parts.tree["content"]["span head"] = boosted_parts.node("span head")
    refused(parts.write(tmp_path / "a.skops"))


# --- trees --------------------------------------------------------------------------------


def a_tree(parts):
    """Keys of the nodes of the first tree that has more than a leaf."""
    rounds = parts.node("span head", "trees", "_predictors")["content"]
    for number in range(len(rounds)):
        keys = ("span head", "trees", "_predictors", number, 0, "nodes")
        if len(parts.array(*keys)) > 3:
            return keys
    raise AssertionError("no tree has grown")


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("left", 10**6, "point outside it or backwards"),
        ("right", 2**32 - 1, "point outside it or backwards"),
        ("left", 0, "point outside it or backwards"),
        ("feature_idx", 10**6, "columns that do not exist"),
        ("feature_idx", -1, "columns that do not exist"),
        ("value", np.nan, "not finite"),
    ],
)
def test_trees_out_of_bounds(boosted_parts, tmp_path, field, value, message):
    keys = a_tree(boosted_parts)
    nodes = boosted_parts.array(*keys)
    nodes[field][0] = value
    boosted_parts.put(nodes, *keys)
    refused(boosted_parts.write(tmp_path / "a.skops"), message)


def test_trees_of_another_layout(boosted_parts, tmp_path):
    keys = a_tree(boosted_parts)
    boosted_parts.put(np.zeros(5), *keys)
    refused(boosted_parts.write(tmp_path / "a.skops"))


@pytest.mark.parametrize("attribute", ["_bin_mapper", "_loss", "_preprocessor", "classes_"])
def test_trees_without_what_prediction_needs(boosted_parts, tmp_path, attribute):
    """Refused when it is loaded, not at the first prediction."""
    content = boosted_parts.node("span head", "trees")["content"]["content"]
    assert attribute in content
    content[attribute] = {
        "__class__": "str", "__module__": "builtins", "__loader__": "JsonNode",
        "content": "[3]", "is_json": True,
    }  # fmt: skip
    refused(boosted_parts.write(tmp_path / "a.skops"))


# --- shipped ------------------------------------------------------------------------------


def test_shipped_models_are_listed_with_their_hashes():
    sums = shipped_sums()
    assert set(sums) == {f"{name}.skops" for name in SHIPPED}
    for name, digest in sums.items():
        content = (storage.SAVED / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == digest
        assert len(content) < archive.MOST_BYTES


def test_shipped_models_load(shipped, kind):
    assert shipped.model.kind == kind
    assert len(shipped.labels) == 10
    assert shipped.model.meta["sha256"] == shipped_sums()[f"{kind}.skops"]


@pytest.mark.parametrize("name", SHIPPED)
def test_a_changed_byte_is_refused(name, tmp_path, monkeypatch):
    for file in storage.SAVED.iterdir():
        if file.name == "SHA256SUMS" or file.stem == name:
            shutil.copy(file, tmp_path)
    monkeypatch.setattr(storage, "SAVED", tmp_path)
    monkeypatch.setattr(storage, "SUMS", tmp_path / "SHA256SUMS")
    monkeypatch.setattr(storage, "_build", lambda archive: "built")
    assert load_model(name) == "built"
    path = tmp_path / f"{name}.skops"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    refused(name, "not the file that was shipped")
    (tmp_path / "SHA256SUMS").unlink()
    refused(name, "not the file that was shipped")
    path.unlink()
    refused(name, "no such model")


def test_archives_know_their_hash(handmade_path):
    found = Archive.open(handmade_path)
    assert found.sha256 == hashlib.sha256(handmade_path.read_bytes()).hexdigest()
    assert found.read()["kind"] == "linear"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(handmade_path, tmp_path):
    path = tmp_path / "a.skops"
    shutil.copy(handmade_path, path)
    path.chmod(0)
    refused(path)
