"""From annotated documents to a model: `fit`, and the stages that it goes through.

`corpus` lays out the documents, `logistic` fits tokens and sentences, `heads` what weighs
the candidates, `tuning` chooses levels and thresholds, and `stages` puts it all together.
"""

from framing.fitting.corpus import Settings, fold_groups, prepare
from framing.fitting.logistic import fit_logistic
from framing.fitting.stages import KINDS, Progress, Rehearsal, finish, fit, lay_foundation
from framing.fitting.tuning import choose_thresholds, find_levels, fit_calibration

__all__ = [
    "KINDS",
    "Progress",
    "Rehearsal",
    "Settings",
    "choose_thresholds",
    "find_levels",
    "finish",
    "fit",
    "fit_calibration",
    "fit_logistic",
    "fold_groups",
    "lay_foundation",
    "prepare",
]
