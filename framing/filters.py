"""Which spans are reported, and which fail a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from framing.errors import InputError
from framing.prediction import Prediction, Span


@dataclass(frozen=True, slots=True)
class Filter:
    """Which spans are reported, and which fail the run.

    Attributes
    ----------
    devices : frozenset of str
        Empty for all.
    min_score : float
    fail_on : dict of str to float
        Least score that fails, by device; whether the span is reported makes no difference.
    """

    devices: frozenset[str] = frozenset()
    min_score: float = 0.0
    fail_on: dict[str, float] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        labels: Sequence[str],
        devices: Sequence[str],
        min_score: float,
        fail_on: dict[str, float],
    ) -> Filter:
        """Check the names against the labels of the model.

        Raises
        ------
        InputError
            If a device is not among them.
        """
        for name in (*devices, *fail_on):
            if name not in labels:
                raise InputError(f"no device {name!r}; this model finds {', '.join(labels)}")
        return cls(frozenset(devices), min_score, fail_on)

    def apply(self, prediction: Prediction) -> Prediction:
        """The prediction with only the spans that are reported."""
        return prediction.only(self._keeps)

    def _keeps(self, span: Span) -> bool:
        return span.score >= self.min_score and (not self.devices or span.label in self.devices)

    def met(self, prediction: Prediction) -> bool:
        """Whether a span fails the run, reported or not."""
        return any(span.score >= self.fail_on.get(span.label, 2.0) for span in prediction.spans)
