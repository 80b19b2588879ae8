"""Show how a news article steers its reader."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from framing.errors import AnnotationError, InputError, ModelError

if TYPE_CHECKING:
    from framing.api import load, train
    from framing.prediction import Prediction, Span
    from framing.predictor import Framing
    from framing.tables import profile_table

__version__ = "0.1.0"
__all__ = [
    "AnnotationError",
    "Framing",
    "InputError",
    "ModelError",
    "Prediction",
    "Span",
    "load",
    "profile_table",
    "train",
]

_HOMES = {
    "Framing": "framing.predictor",
    "Prediction": "framing.prediction",
    "Span": "framing.prediction",
    "load": "framing.api",
    "profile_table": "framing.tables",
    "train": "framing.api",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for, so that importing stays instant."""
    if name not in _HOMES:
        raise AttributeError(f"module 'framing' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
