"""Versions, models and extras of an installation."""

from __future__ import annotations

import json
import platform
from dataclasses import asdict, dataclass, field
from importlib import metadata, util

from framing import __version__
from framing.errors import ModelError
from framing.review import NEEDED
from framing.storage import SAVED, SHIPPED, shipped_sums

PACKAGES = ("numpy", "scikit-learn", "skops", "click", "datasets")
EXTRAS = {
    "review": NEEDED,
    "duckdb": ("duckdb",),
    "polars": ("polars",),
    "spark": ("pyspark",),
    "ray": ("ray",),
}
"""What users may add, and the modules that it brings."""


@dataclass(frozen=True, slots=True)
class Checkup:
    """What `framing doctor` found.

    Attributes
    ----------
    framing, python : str
    packages : dict of str to str
        Version of each package, or "missing".
    models : dict of str to str
        "ok" and the SHA-256, or what is wrong.
    extras : dict of str to str
        "ok", or how to install what is missing; an installation is healthy without.
    """

    framing: str
    python: str
    packages: dict[str, str]
    models: dict[str, str]
    extras: dict[str, str] = field(default_factory=dict)

    @property
    def healthy(self) -> bool:
        """Whether every package is there and every model loads."""
        fine = all(state.startswith("ok") for state in self.models.values())
        return fine and "missing" not in self.packages.values()

    def to_json(self) -> str:
        """As JSON."""
        return json.dumps(asdict(self) | {"healthy": self.healthy}, indent=2)

    def to_text(self) -> str:
        """As lines."""
        lines = [f"framing {self.framing}, Python {self.python}"]
        lines += [f"  {name} {version}" for name, version in self.packages.items()]
        lines += [f"  model {name}: {state}" for name, state in self.models.items()]
        lines += [f"  extra {name}: {state}" for name, state in self.extras.items()]
        return "\n".join(lines)


def examine() -> Checkup:
    """Look at the installation; loads the shipped models."""
    packages = {name: _version(name) for name in PACKAGES}
    models = {name: _model_state(name) for name in SHIPPED}
    extras = {name: _extra_state(name) for name in EXTRAS}
    return Checkup(__version__, platform.python_version(), packages, models, extras)


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "missing"


def _extra_state(name: str) -> str:
    if all(util.find_spec(module) for module in EXTRAS[name]):
        return "ok"
    return f'missing; pip install "framing-devices[{name}]"'


def _model_state(name: str) -> str:
    from framing.storage import load_model

    if name == "boosted" and util.find_spec("sklearn") is None:
        return "needs scikit-learn"
    try:
        load_model(name)
    except ModelError as error:
        return str(error)
    return f"ok, sha256 {shipped_sums()[f'{name}.skops']} ({SAVED})"
