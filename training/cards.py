"""Model cards: what a saved model was made from, how good it is, and what it is not for."""

from __future__ import annotations

import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

from framing.model import Model

Rows = list[dict[str, Any]]

COMMAND = "python -m training.build --texts TEXTS"


def score_table(folds: Rows, held: Rows) -> str:
    """Markdown table of both protocols, device by device."""
    lines = [
        "| device | n (folds) | F1 across folds | n (test) | F1 on the test split | one-to-one F1 |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for fold, test in zip(folds, held, strict=True):
        a, b = fold["partial"], test["partial"]
        lines.append(
            f"| {fold['label']} | {fold['n']} | {a['f1']:.2f} ({a['low']:.2f} to {a['high']:.2f}) "
            f"| {test['n']} | {b['f1']:.2f} ({b['low']:.2f} to {b['high']:.2f}) "
            f"| {test['one-to-one']['f1']:.2f} |"
        )
    return "\n".join(lines)


def write_card(path: Path, model: Model, digest: str, folds: Rows, held: Rows, n_held: int) -> None:
    """Write the card of a model beside it; scores are rows of `Report.rows`."""
    meta = model.meta
    second = (
        "gradient-boosted trees keep or drop what the linear models propose"
        if model.kind == "boosted"
        else "a second, small logistic model a device weighs what the first ones propose"
    )
    path.write_text(
        f"""# Model card: {model.kind}

Finds spans of {len(model.schema.labels)} framing devices in English news text. Logistic models
over words, word classes, affixes, character n-grams and static word vectors score every token and
sentence; {second}.

- **Made from** {meta["documents"]} documents with {meta["spans"]} marked spans
  ({meta["sentences"]} sentences), the training split of `annotations/`; the test split was not
  seen. No benchmark's labels were used. Word vectors: distilled from all-MiniLM-L6-v2
  (Apache-2.0).
- **Made with** `{COMMAND}`, seed {meta["seed"]}, {meta["folds"]} folds by story;
  Python {platform.python_version()}, scikit-learn {version("scikit-learn")},
  NumPy {version("numpy")}, skops {version("skops")}.
- **SHA-256** `{digest}`
- **Licence** Apache-2.0.

## Accuracy

Partial-overlap F1 (the span score of SemEval-2020 task 11) with 95% bootstrap intervals over
stories; beside it one-to-one F1 at IoU >= 0.5 on the test split. *Across folds*, of the
real articles among the documents: thresholds and calibration are chosen on the same folds, so these
figures are a little kind; the test split ({n_held} documents, never trained or tuned on) is the fair
one.

{score_table(folds, held)}

## Limits

- It marks wording. Whether the wording is fair, and whether a claim is true, it does not know.
- The labels were made by a language model reading to written guidelines, in independent passes,
  not by a panel of people; see `annotations/README.md`.
- English news of 2016 to 2021, mostly from the United States, Britain, India and Australia, and
  articles written for the project. Other kinds of text, satire above all, are marked less well.
- Words inside direct quotation are not reported unless asked for.
- Rare devices in neutral reporting are often missed, or found where a reader would not mark them:
  a rate over many articles says more than one span.
""",
        encoding="utf-8",
    )
