"""The skops file itself: its size and members checked, its arrays read.

skops writes a zip of NumPy arrays and `schema.json`, a tree of nodes. Reading plain
containers, numbers and arrays of it needs neither skops nor scikit-learn, and runs
nothing; estimators come out as the dictionaries of their attributes.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from framing.errors import ModelError

MOST_BYTES = 64 << 20
MOST_UNPACKED = 256 << 20
MOST_MEMBER = 32 << 20
MOST_MEMBERS = 20_000
MOST_SCHEMA = 4 << 20
_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_MEMBER = re.compile(r"[0-9]+\.npy\Z|schema\.json\Z")
_ESTIMATORS = {("sklearn.linear_model._logistic", "LogisticRegression")}
BROKEN = (
    zipfile.BadZipFile, zlib.error, tokenize.TokenError, struct.error, ArithmeticError,
    AttributeError, EOFError, LookupError, MemoryError, NotImplementedError, OSError,
    RecursionError, RuntimeError, SyntaxError, TypeError, ValueError,
)  # fmt: skip
"""What zipfile, json and NumPy raise at files that are not what they should be."""
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Archive:
    """A model file whose size and members have been checked.

    Attributes
    ----------
    path : Path
    data : bytes
    sha256 : str
    """

    path: Path
    data: bytes
    sha256: str

    @classmethod
    def open(cls, path: Path) -> Archive:
        """Read a file and check what it claims to hold.

        Raises
        ------
        ModelError
            If it is no zip file, too large, or has members that skops does not write.
        """
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise ModelError(f"{path}: {size} bytes, more than the {MOST_BYTES} of any model")
        data = path.read_bytes()
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as file:
                _check_members(path, file.infolist())
        except zipfile.BadZipFile as error:
            raise ModelError(f"{path}: not a model file: {error}") from error
        return cls(path, data, hashlib.sha256(data).hexdigest())

    def read(self) -> Any:
        """Plain content: containers, numbers, strings and arrays.

        Estimators are dictionaries of their attributes; what is of any other type is left
        out as None.

        Raises
        ------
        ModelError
            If the tree of nodes is broken.
        """
        try:
            with zipfile.ZipFile(io.BytesIO(self.data)) as file:
                tree = json.loads(file.read("schema.json"))
                _check_references(tree, {each.filename: each.file_size for each in file.infolist()})
                return _node(tree, file)
        except BROKEN as error:
            reason = (str(error) or type(error).__name__).split("\n")[0]
            raise ModelError(f"{self.path}: broken model file: {reason:.200}") from error

    def types(self) -> set[str]:
        """Full names of all types that the file speaks of."""
        with zipfile.ZipFile(io.BytesIO(self.data)) as file:
            found: set[str] = set()
            _collect(json.loads(file.read("schema.json")), found)
        return found

    def read_estimators(self, trusted: list[str], keys: Sequence[str]) -> dict[str, Any]:
        """Some of the content with real estimators, built by skops from trusted types only.

        The types of the whole file are checked; only what stands under the keys is built.

        Raises
        ------
        ModelError
            If the file holds a type that is not trusted, or cannot be built.
        """
        import warnings

        try:
            types = self.types()
            if types - set(trusted):
                names = ", ".join(sorted(types - set(trusted)))
                raise ModelError(f"{self.path}: holds types that are not trusted: {names!r:.200}")
            self._check_version()
            import skops.io

            named = sorted(name for name in types if name.startswith("sklearn."))
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # version skew is explained by the check of trees
                return skops.io.loads(self._only(keys), trusted=named)
        except ModelError:
            raise
        except Exception as error:  # whatever a node's builder raises
            reason = (str(error) or type(error).__name__).split("\n")[0]
            raise ModelError(f"{self.path}: cannot be loaded: {reason:.200}") from error

    def _check_version(self) -> None:
        """Refuse trees of another version line of scikit-learn, which may mean other things."""
        from sklearn import __version__

        with zipfile.ZipFile(io.BytesIO(self.data)) as file:
            found: set[str] = set()
            _collect_versions(json.loads(file.read("schema.json")), found)
        here = __version__.split(".")[:2]
        for version in sorted(found):
            if version.split(".")[:2] != here:
                raise ModelError(
                    f"{self.path}: its trees were saved by scikit-learn {version!r:.40}, here is "
                    f"{__version__}; install that version, or train it again with `framing train`"
                )

    def _only(self, keys: Sequence[str]) -> bytes:
        """A skops file of the content under some keys: skops unpacks all that it is given."""
        target = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(self.data)) as file, zipfile.ZipFile(target, "w") as part:
            schema = json.loads(file.read("schema.json"))
            names = schema["key_types"]["content"]
            pairs = zip(schema["content"].items(), names, strict=True)
            chosen = [(key, node, name) for (key, node), name in pairs if key in keys]
            schema["content"] = {key: node for key, node, _ in chosen}
            schema["key_types"]["content"] = [name for _, _, name in chosen]
            members: dict[str, str] = {}
            _renumber(schema, {}, members)
            for old, new in members.items():
                part.writestr(new, file.read(old))
            part.writestr("schema.json", json.dumps(schema))
        return target.getvalue()


def _check_members(path: Path, members: list[zipfile.ZipInfo]) -> None:
    if len(members) > MOST_MEMBERS:
        raise ModelError(f"{path}: {len(members)} members, more than any model has")
    names = [member.filename for member in members]
    if len(set(names)) != len(names) or "schema.json" not in names:
        raise ModelError(f"{path}: not a skops file: members stand twice, or no schema.json")
    strange = [name for name in names if not _MEMBER.match(name)]
    if strange:
        raise ModelError(f"{path}: not a skops file: member {strange[0]!r:.80}")
    if any(member.compress_type not in _COMPRESSIONS for member in members):
        raise ModelError(f"{path}: not a skops file: a member that is not deflated")
    if max(member.file_size for member in members) > MOST_MEMBER:
        raise ModelError(f"{path}: a member unpacks to more bytes than any of a model")
    unpacked = sum(member.file_size for member in members)
    schema = next(member for member in members if member.filename == "schema.json")
    if unpacked > MOST_UNPACKED or schema.file_size > MOST_SCHEMA:
        raise ModelError(f"{path}: unpacks to {unpacked} bytes, more than any model")


def _collect(node: Any, found: set[str]) -> None:
    """Add the type of every node."""
    children: Any = node if isinstance(node, list) else ()
    if isinstance(node, dict):
        if "__class__" in node:
            found.add(f"{node.get('__module__')}.{node['__class__']}")
        children = node.values()
    for child in children:
        _collect(child, found)


def _collect_versions(node: Any, found: set[str]) -> None:
    """Add what estimators say about the scikit-learn that saved them."""
    children: Any = node if isinstance(node, list) else ()
    if isinstance(node, dict):
        version = node.get("_sklearn_version")
        if isinstance(version, dict) and isinstance(version.get("content"), str):
            found.add(str(json.loads(version["content"])))
        children = node.values()
    for child in children:
        _collect_versions(child, found)


def _check_references(tree: Any, sizes: dict[str, int]) -> None:
    """Count members as often as nodes point at them: one bomb may be read many times."""
    total, waiting = 0, [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            name = node.get("file")
            total += sizes.get(name, 0) if isinstance(name, str) else 0
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node
    if total > MOST_UNPACKED:
        raise ValueError(f"its arrays take {total} bytes, more than any model")


def _node(node: dict[str, Any], file: zipfile.ZipFile) -> Any:
    loader = node["__loader__"]
    if loader == "JsonNode":
        return json.loads(node["content"])
    if loader == "DictNode":
        return {key: _node(value, file) for key, value in node["content"].items()}
    if loader in ("ListNode", "TupleNode"):
        return [_node(value, file) for value in node["content"]]
    if loader == "NdArrayNode" and node.get("type") == "numpy":
        with file.open(node["file"]) as member:
            return np.lib.format.read_array(member, allow_pickle=False)
    if loader == "ObjectNode" and (node["__module__"], node["__class__"]) in _ESTIMATORS:
        return _node(node["content"], file)
    return None


def canonical(data: bytes) -> bytes:
    """A skops file with members and node numbers in order, fixed dates, and deflated.

    skops names both by memory address; the same content then always gives the same bytes.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        schema = json.loads(file.read("schema.json"))
        members: dict[str, str] = {}
        _renumber(schema, {}, members)
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w") as packed:
            for old, new in members.items():
                _add(packed, new, file.read(old))
            _add(packed, "schema.json", json.dumps(schema).encode())
    return target.getvalue()


def _add(packed: zipfile.ZipFile, name: str, content: bytes) -> None:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED
    packed.writestr(info, content, compresslevel=9)


def _renumber(node: Any, ids: dict[tuple[int, int], int], members: dict[str, str]) -> None:
    """Number `__id__` and `file` by their first occurrence, in place.

    Numbers and strings get a number each: whether two of them are one object is chance.
    """
    if isinstance(node, list):
        for child in node:
            _renumber(child, ids, members)
    elif isinstance(node, dict):
        if "__id__" in node:
            plain = node.get("__loader__") in ("JsonNode", "TypeNode")
            key = (node["__id__"], len(ids)) if plain else (node["__id__"], -1)
            node["__id__"] = ids.setdefault(key, len(ids) + 1)
        if "file" in node and isinstance(node["file"], str):
            node["file"] = members.setdefault(node["file"], f"{len(members) + 1}.npy")
        for key in node:
            _renumber(node[key], ids, members)
