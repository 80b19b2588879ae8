"""Model files that are meant to do harm, by name; and a process that loads them one by one.

`python tests/hostile_models.py FOLDER [STEP]` loads the base models with every change in turn
(or every STEP-th, and all bombs), each in a process of its own, and prints a line of JSON for
each: what was said, seconds, megabytes, and whatever was touched that loading has no business with.
"""

from __future__ import annotations

import io
import json
import os
import pickle
import random
import resource
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

LABEL = "loaded_language"
MOST_SECONDS, MOST_MEGABYTES = 2.0, 500
CANARY = "from pathlib import Path\nPath({place!r}).touch()\n"


# --- the models that are changed ----------------------------------------------------------


def make_bases(folder: Path) -> dict[str, Path]:
    """A small model of each kind, of one label, with next to nothing in it."""
    from hostile import restless_model
    from sklearn.ensemble import HistGradientBoostingClassifier

    from framing.features import sentence_blocks
    from framing.heads import BoostedHead, Gate, LinearHead
    from framing.linear import Linear
    from framing.schema import Schema
    from framing.spans import feature_names
    from framing.storage import save_model

    model = restless_model()
    schema = Schema(tuple(each for each in model.schema.labels if each.name == LABEL))
    width = max(block.stop for block in sentence_blocks(4, 1).values())
    tokens = np.zeros((1, model.linear.token_weights.shape[1]), np.float32)
    tokens[:, :4096] = model.linear.token_weights[:1, :4096]
    zero = np.zeros(1, np.float32)
    linear = Linear(
        model.linear.vectors, tokens, zero, np.zeros((1, width), np.float32), zero,
        np.array([[1, 0, 0]], np.float32),
    )  # fmt: skip
    rng = np.random.default_rng(0)
    columns = (len(feature_names(schema.labels)), 11)
    plain = [LinearHead(np.array([1]), np.ones((1, 1)), np.zeros(1)) for _ in columns]
    boosted = []
    for number in columns:
        rows = rng.normal(size=(200, number)).astype(np.float32)
        estimator = HistGradientBoostingClassifier(max_iter=3, early_stopping=False)
        boosted.append(BoostedHead(estimator.fit(rows, rows[:, 5] > 0), 1))
    small = replace(
        model, schema=schema, linear=linear, levels=np.array([[1, -1, -3]], np.float32),
        calibration=np.array([[1.0, 0.0]]), thresholds=np.array([0.3]),
    )  # fmt: skip
    gate = Gate(plain[0], np.zeros(1))
    for kind, heads in (("linear", plain), ("boosted", boosted)):
        own = gate if kind == "boosted" else None
        made = replace(small, kind=kind, gate=own, spans=heads[0], sentences=heads[1])
        save_model(made, folder / f"{kind}.skops")
    return {kind: folder / f"{kind}.skops" for kind in ("linear", "boosted")}


class Parts:
    """A model file taken apart: its members, and the tree of nodes."""

    def __init__(self, data: bytes) -> None:
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            self.members = {name: file.read(name) for name in file.namelist()}
        self.tree = json.loads(self.members.pop("schema.json"))

    def nodes(self) -> list[tuple[Any, Any]]:
        """Every node with its place: container and key."""
        found: list[tuple[Any, Any]] = []
        waiting: list[Any] = [self.tree]
        while waiting:
            each = waiting.pop(0)
            items = each.items() if isinstance(each, dict) else enumerate(each)
            for key, value in items:
                if isinstance(value, dict) and "__loader__" in value:
                    found.append((each, key))
                if isinstance(value, dict | list) and key != "key_types":
                    waiting.append(value)
        return found

    def join(self, level: int = 1) -> bytes:
        """The file again."""
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as file:
            for name, content in self.members.items():
                file.writestr(name, content)
            file.writestr("schema.json", json.dumps(self.tree))
        return target.getvalue()

    def array(self, name: str) -> Any:
        return np.load(io.BytesIO(self.members[name]))

    def put(self, name: str, array: Any, **more: Any) -> None:
        target = io.BytesIO()
        np.save(target, array, **more)
        self.members[name] = target.getvalue()


# --- what is put in -----------------------------------------------------------------------


def plain(value: Any) -> dict[str, Any]:
    return {
        "__class__": "str", "__module__": "builtins", "__loader__": "JsonNode",
        "content": json.dumps(value), "is_json": True,
    }  # fmt: skip


def strange(loader: str, module: str = "canary", name: str = "Canary", **more: Any) -> Any:
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


WEIRD: dict[str, Any] = {
    "none": plain(None),
    "number": plain(7),
    "huge number": plain(10**300),
    "nan": {**plain(0), "content": "NaN"},
    "broken json": {**plain(0), "content": "{"},
    "deep json": {**plain(0), "content": "[" * 100_000},
    "digits": {**plain(0), "content": "1" * 5000},
    "text": plain("x" * 1000),
    "list": plain([[1, 2], [3]]),
    "object": strange("ObjectNode"),
    "function": strange("FunctionNode", content={"module_path": "canary", "function": "sing"}),
    "type": strange("TypeNode"),
    "system": strange("FunctionNode", "os", "system", content={"module_path": "os", "function": "system"}),
    "eval": strange("FunctionNode", "builtins", "eval"),
    "partial": strange("PartialNode", "functools", "partial"),
    "reduce": strange("ReduceNode", __reduce__={"args": plain([1])}),
    "operator": strange("OperatorFuncNode", "operator", "methodcaller", attrs=plain(["sing"])),
    "method": strange("MethodNode", content={"func": "sing", "obj": strange("ObjectNode")}),
    "generator": strange("RandomGeneratorNode", "numpy.random._generator", "Generator"),
    "pattern": strange("ReduceNode", "re", "Pattern", __reduce__={"args": plain(["(a+)+$", 0])}),
    "vectorizer": strange(
        "ObjectNode", "sklearn.feature_extraction.text", "TfidfVectorizer",
        content={"token_pattern": plain("(a+)+$"), "vocabulary_": plain({"a": 10**9})},
    ),
    "disguise": strange("ObjectNode", "canary", "LogisticRegression"),
    "nobody": strange("NoSuchNode"),
    "no loader": {"content": {}},
    "lost file": {"__class__": "ndarray", "__module__": "numpy", "__loader__": "NdArrayNode",
                  "type": "numpy", "file": "999.npy"},
    "outer file": {"__class__": "ndarray", "__module__": "numpy", "__loader__": "NdArrayNode",
                   "type": "numpy", "file": "../../etc/passwd"},
}  # fmt: skip


def header(shape: str, descr: str = "'|u1'") -> bytes:
    """A NumPy file that says what it likes and holds nothing."""
    words = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}".encode()
    words += b" " * (-(len(words) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(words).to_bytes(2, "little") + words


class Bomb:
    def __reduce__(self) -> tuple[Any, ...]:
        return (__import__, ("canary",))


def array_changes(array: Any) -> dict[str, Any]:
    """Other contents of a member: bytes, or an array."""
    floats = array.dtype.kind == "f"
    first = array.copy()
    if first.dtype.names is None and first.size:
        first.ravel()[:1] = np.nan if floats else 127
    boxed = io.BytesIO()
    np.save(boxed, np.array([Bomb()], object), allow_pickle=True)
    return {
        "one changed": first,
        "infinite": np.full_like(array, np.inf) if floats else array.ravel()[:0],
        "largest": np.full_like(array, np.finfo(array.dtype).max) if floats else array.ravel()[:0],
        "other type": np.zeros(array.shape, "<f2"),
        "other order": np.zeros(array.shape, array.dtype.newbyteorder(">")),
        "structured": np.zeros(array.shape, [("value", "<f8")]),
        "turned": np.asarray(array[None]),
        "no dimension": np.zeros((), array.dtype),
        "empty": array.ravel()[:0],
        "pickle": pickle.dumps(Bomb()),
        "boxed pickle": boxed.getvalue(),
        "nothing": b"",
        "not numpy": b"not numpy",
        "huge shape": header(f"({1 << 60},)"),
        "large shape": header(f"({1 << 33},)"),
        "shape that wraps": header(f"({1 << 32}, {1 << 32})"),
        "negative shape": header("(-1,)"),
        "wide items": header("(1,)", "'|V2147483647'"),
        "no items": header(f"({1 << 60},)", "'|V0'"),
        "nested header": header("(" * 3000 + ")" * 3000),
        "minus header": header("(" + "-" * 9000 + "1,)"),
        "unclosed header": header("(1,").replace(b"}", b" "),
        "header of two lines": header("(1,)\n  'x"),
        "code in the header": header("(__import__('canary'),)"),
    }


# --- the files ----------------------------------------------------------------------------

Content = bytes | Callable[[], bytes]
Made = Iterator[tuple[str, Content]]


def truncated(data: bytes) -> Made:
    for number in range(24):
        yield f"cut {number}", data[: len(data) * number // 24]
    yield "cut last", data[:-1]
    yield "twice", data + data[: len(data) // 2]


def flipped(data: bytes, number: int = 60) -> Made:
    chance = random.Random(4)
    for count in range(number):
        changed = bytearray(data)
        low = 0 if count % 2 else max(len(data) - 6000, 0)
        for _ in range(1 + count % 3):
            changed[chance.randrange(low, len(data))] ^= 1 << chance.randrange(8)
        yield f"flip {count}", bytes(changed)


def swapped(data: bytes) -> Made:
    """Every node by turns as something else: a few of the kinds at each."""
    names = list(WEIRD)
    count = len(Parts(data).nodes())
    places = range(count) if count < 120 else sorted(random.Random(2).sample(range(count), 90))
    for at in places:
        for step in range(2):
            name = names[(at * 2 + step) % len(names)]
            parts = Parts(data)
            holder, key = parts.nodes()[at]
            holder[key] = WEIRD[name]
            yield f"node {at} {name}", parts.join
        parts = Parts(data)
        holder, key = parts.nodes()[at]
        del holder[key]
        yield f"node {at} gone", parts.join


def arrays(data: bytes, every: int) -> Made:
    """Members as other arrays, or as none."""
    names = sorted(Parts(data).members)
    for turn, name in enumerate(names):
        changes = array_changes(Parts(data).array(name))
        for number, (change, content) in enumerate(changes.items()):
            if (turn + number) % every:
                continue
            parts = Parts(data)
            if isinstance(content, bytes):
                parts.members[name] = content
            else:
                parts.put(name, content)
            yield f"{name} {change}", parts.join


def zips(data: bytes) -> Made:
    """Tricks of the container."""
    parts = Parts(data)
    first = next(iter(parts.members))
    for name in (
        "/etc/passwd",
        "../1.npy",
        "a/1.npy",
        "1.npy/",
        "C:\\1.npy",
        "schema.json ",
        "1.pkl",
    ):
        other = Parts(data)
        other.members[name] = b"x"
        yield f"member {name}", other.join
    yield "nested", _zip({"schema.json": json.dumps(parts.tree).encode(), "1.npy": data})
    yield "a zip in its place", _zip({"model.skops": data})
    yield "in front", b"#!/bin/sh\ntouch canary\n" + data
    yield "tail", data + b"\0" * 1000
    target = io.BytesIO(data)
    with zipfile.ZipFile(target, "a") as file:
        file._didModify = True
        file.NameToInfo.pop(first)
        file.writestr(first, b"")
    yield "a member twice", target.getvalue()
    for attribute, value in (
        ("external_attr", 0o120777 << 16),
        ("create_system", 0),
        ("flag_bits", 1),
    ):
        yield f"{attribute}", _zip(parts.members | {"schema.json": json.dumps(parts.tree).encode()},
                                   **{attribute: value})  # fmt: skip
    for kind in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        members = parts.members | {"schema.json": json.dumps(parts.tree).encode()}
        yield f"compression {kind}", _zip(members, compress_type=kind)
    zip64 = bytearray(data)
    at = zip64.rindex(b"PK\1\2")
    zip64[at + 20 : at + 28] = b"\xff" * 8
    yield "sizes of zip64 without them", bytes(zip64)
    end = bytearray(data)
    end[-22 + 8 : -22 + 20] = b"\xff" * 12
    yield "end of zip64 without it", bytes(end)
    for field, value in ((10, 0xFFFF), (12, 0xFFFFFFFF), (16, 0xFFFFFFFF), (16, 0)):
        width = 2 if field == 10 else 4
        end = bytearray(data)
        end[-22 + field : -22 + field + width] = value.to_bytes(width, "little")
        yield f"end {field} {value}", bytes(end)
    declared = bytearray(data)
    declared[at + 24 : at + 28] = (4_000_000_000).to_bytes(4, "little")
    yield "declared size", bytes(declared)


def _zip(members: dict[str, bytes], **attributes: Any) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as file:
        for name, content in members.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            for key, value in attributes.items():
                if key != "flag_bits":
                    setattr(info, key, value)
            file.writestr(info, content)
        for info in file.filelist if "flag_bits" in attributes else ():
            info.flag_bits |= 1
    return target.getvalue()


def bombs(data: bytes) -> Made:
    """Little on disc, much in memory or time."""
    parts = Parts(data)
    words = parts.tree["content"]["words"]["file"]
    for name, content in (("zeros", b"\0"), ("lines", b"\n")):
        for size in (31 << 20, 300 << 20):
            yield f"bomb of {name} {size >> 20} MB", partial(_filled, data, words, content, size)
    other = Parts(data)
    lines = "\n".join(f"{number:x}" for number in range(4_000_000)).encode()
    other.put(words, np.frombuffer(lines, np.uint8))
    other.put(parts.tree["content"]["vectors"]["file"], np.zeros((4_000_000, 1), np.int8))
    yield "bomb of four million words", other.join
    for name, piece in (("lists", "[],"), ("objects", "{},"), ("numbers", "0,"), ("depth", "[")):
        for size in (3 << 20, 40 << 20):
            body = piece * (size // len(piece))
            schema = f'{{"__loader__": "ListNode", "content": [{body}0]}}'
            yield f"bomb schema of {name} {size >> 20} MB", _zip({"schema.json": schema.encode()})
    other = Parts(data)
    other.tree["content"]["meta"] = {**plain(0), "content": "[" + "[]," * 1_000_000 + "0]"}
    yield "bomb meta of lists", other.join
    other = Parts(data)
    other.members[words] = header(f"({30 << 20},)") + b"\0" * (30 << 20)
    node = other.tree["content"]["words"]
    other.tree["content"]["extra"] = {
        "__loader__": "ListNode", "__class__": "list", "__module__": "builtins",
        "content": [node] * 1000,
    }  # fmt: skip
    yield "bomb of one array a thousand times", other.join
    members = {f"{number}.npy": b"" for number in range(1, 30_000)}
    yield "bomb of many members", _zip(members | {"schema.json": b"{}"})


def _filled(data: bytes, member: str, content: bytes, size: int) -> bytes:
    parts = Parts(data)
    parts.members[member] = header(f"({size},)") + content * size
    return parts.join(9)


def schemas(data: bytes) -> Made:
    """Labels that no terminal, file or matrix can hold."""
    good = json.loads(json.dumps({"definition": "d", "unit": "phrase"}))
    names = ("", "\n", "\x1b[31m", "\ud800", "x" * 10_000, "a\u2028b", "\u202e")
    for number, name in enumerate(names):
        yield f"label {number}", _with_schema(data, {name: good})
    for number, entry in enumerate(
        ({}, [], None, {"unit": "phrase"}, good | {"unit": "x" * 10_000}, good | {"unit": ["phrase"]},
         good | {"definition": "\x1b[2J"}, good | {"example": "\ud800"})
    ):  # fmt: skip
        yield f"entry {number}", _with_schema(data, {LABEL: entry})
    yield "no labels", _with_schema(data, {})
    yield "many labels", _with_schema(data, {f"l{number}": good for number in range(50_000)})


def _with_schema(data: bytes, schema: Any) -> bytes:
    parts = Parts(data)
    parts.tree["content"]["schema"] = plain(schema)
    return parts.join


def trees(data: bytes) -> Made:
    """Nodes that point outside, and an estimator with other attributes."""
    parts = Parts(data)
    names = [name for name in parts.members if parts.array(name).dtype.names]
    large = max(names, key=lambda name: len(parts.array(name)))
    changes = (
        ("left", 10**6), ("right", 2**32 - 1), ("left", 0), ("right", 0), ("feature_idx", 10**6),
        ("feature_idx", -1), ("value", np.nan), ("value", np.inf), ("is_categorical", 1),
        ("is_leaf", 1), ("num_threshold", np.nan), ("depth", 2**31), ("bitset_idx", 2**31),
        ("value", 1e308), ("is_leaf", 2),
    )  # fmt: skip
    for field, value in changes:
        for place in (0, -1):
            other = Parts(data)
            nodes = other.array(large)
            if field in nodes.dtype.names:
                nodes[field][place] = value
                other.put(large, nodes)
                yield f"tree {field} {value} {place}", other.join
    fields = parts.array(large).dtype.names
    other = Parts(data)
    turned = [(field, parts.array(large).dtype[field]) for field in fields[::-1]]
    other.put(large, np.zeros(5, turned))
    yield "tree with fields in another order", other.join
    for head in ("span head", "sentence head"):
        attributes = parts.tree["content"][head]["content"]["trees"]["content"]["content"]
        for key in attributes:
            for value in (None, 10**9, "text", [1], "2.0.0"):
                other = Parts(data)
                holder = other.tree["content"][head]["content"]["trees"]["content"]["content"]
                holder[key] = plain(value)
                if head == "span head" or value == 10**9:
                    yield f"{head} {key} {value}", other.join


def files(bases: dict[str, Path]) -> Made:
    """Every changed file with its name."""
    for kind, path in bases.items():
        data = path.read_bytes()
        yield f"{kind}: as it was", data
        makers: list[Callable[[bytes], Made]] = [truncated, flipped, swapped, zips]
        makers += [bombs, schemas] if kind == "linear" else [trees]
        for maker in makers:
            yield from ((f"{kind}: {name}", made) for name, made in maker(data))
        every = 1 if kind == "linear" else 9
        yield from ((f"{kind}: {name}", made) for name, made in arrays(data, every))


# --- loading them -------------------------------------------------------------------------

FORBIDDEN = (
    "os.", "subprocess.", "socket.", "shutil.", "ctypes.", "pty.", "webbrowser.", "ftplib.",
    "urllib.", "pickle.find_class", "code.",
)  # fmt: skip
HARMLESS = ("os.listdir", "os.scandir", "os.putenv", "os.unsetenv")


def load(path: Path) -> dict[str, Any]:
    """Load one file and read a text with it; what came of it."""
    from framing.errors import ModelError
    from framing.predictor import Framing

    touched: list[str] = []

    def listen(event: str, arguments: tuple[Any, ...]) -> None:
        writes = (
            event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")
        )
        banned = event.startswith(FORBIDDEN) and event not in HARMLESS
        if writes or banned or (event == "import" and arguments[0] == "canary"):
            touched.append(f"{event} {arguments[:1]}"[:200])

    sys.addaudithook(listen)
    start = time.process_time()
    outcome: dict[str, Any] = {"result": "loaded"}
    try:
        model = Framing(path)
        took = time.process_time() - start
        text = "The reckless regime fell. “So-called” critics said so.\n"
        for span in model.predict(text):
            assert text[span.start : span.end] == span.text
            assert 0 <= span.score <= 1
    except ModelError as error:
        took = time.process_time() - start
        outcome = {"result": "refused", "line": str(error)}
    except BaseException as error:  # noqa: BLE001 - this is what must not happen
        took = time.process_time() - start
        outcome = {"result": "fault", "line": f"{type(error).__name__}: {error}"[:300]}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return outcome | {"seconds": round(took, 2), "megabytes": peak, "touched": touched[:3]}


def load_apart(path: Path) -> dict[str, Any]:
    """Load a file in a process of its own, which must not die."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        os.write(writing, json.dumps(load(path)).encode()[:60_000])
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        said = stream.read()
    _, status = os.waitpid(child, 0)
    return json.loads(said) if said else {"result": "died", "line": f"status {status}"}


def main() -> None:
    """Load everything and print what came of it."""
    folder = Path(sys.argv[1])
    place = folder / "canary has sung"
    (folder / "canary.py").write_text(CANARY.format(place=str(place)))
    sys.path.append(str(folder))
    bases = make_bases(folder)
    get_ready(bases)
    target = folder / "changed.skops"
    step = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    for number, (name, made) in enumerate(files(bases)):
        if number % step == 0 or "bomb" in name:
            target.write_bytes(made if isinstance(made, bytes) else made())
            found = {"name": name, **load_apart(target), "sung": place.exists()}
            print(json.dumps(found), flush=True)  # noqa: T201


def get_ready(bases: dict[str, Path]) -> None:
    """Import everything before the processes part, but start no threads: trees would."""
    from framing.predictor import Framing

    Framing(bases["boosted"])
    Framing(bases["linear"]).predict("It fell.")


if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parent)]
    main()
