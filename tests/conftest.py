"""Models, texts and small tools that several test files share."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from framing.annotations import AnnotatedDocument
    from framing.lexical import Vectors
    from framing.model import Model
    from framing.predictor import Framing
    from framing.schema import Schema

ROOT = Path(__file__).parents[1]
ARTICLES = ROOT / "annotations" / "articles"
KINDS = ("linear", "boosted")
LABELS = ("editorializing", "loaded_language", "scare_quotes", "promotional_link")
"""One label of each sort: clause, phrase, quotation, insert."""

settings.register_profile(
    "framing", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("framing")


def pytest_configure() -> None:
    """Keep to one thread, for what is fitted here is tiny; and to this machine.

    A shell that starts the tests in the background has Ctrl-C ignored, here and in all that
    is started from here; the tests send it and look at what happens.
    """
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


# --- texts --------------------------------------------------------------------------------

SPEAKING = (
    "regime", "critics", "slammed", "shocking", "disgraceful", "tirade", "so-called", "bombshell",
    "reckless", "council", "vote", "Officials", "said", "claims", "is", "a", "stunning", "failure",
    "of", "leadership", "that", "could", "trigger", "the", "mayor's", "mayor’s", "and", "but",
    "READ", "MORE:", "Subscribe", "3,000", "U.S.", "Mr.", "don't", '"experts"', "“reform”", "‘deal’",
)  # fmt: skip
ODD = (
    "\ud800", "\udfff", "\0", "\r\n", "\n", "\r", "\u2028", "\u2029", "\ufeff", "\x85", "\x1c",
    "\t", "\xa0", "\u200b", "\u202e", "\u200f", "e\u0301", "\u0301", "שלום", "مرحبا", "𝔖", "😀",
    "👩‍👩‍👧", "漢", "İ", "ß", "ǅ", "½", "²", "٣", "_", " ", "  ", "“", "”", '"', "'", "‘", "’", "«",
    "(", ")", "[", "—", "-", ".", "!", "?", ":", ",", "@", "…", "`",
)  # fmt: skip
TEXTS = st.lists(
    st.one_of(
        st.sampled_from(SPEAKING).map(" {} ".format),
        st.sampled_from(SPEAKING),
        st.sampled_from(ODD),
        st.text(st.characters(), max_size=4),
    ),
    max_size=40,
).map("".join)
"""Any text whatsoever, and more often one with words, marks and odd characters."""


@pytest.fixture(scope="session")
def articles() -> list[AnnotatedDocument]:
    """A dozen annotated articles of the project's own, of all outlets."""
    from framing.annotations import read_annotations

    documents, missing = read_annotations([ARTICLES])
    assert not missing
    return documents[::14][:12]


@pytest.fixture(scope="session")
def schema() -> Schema:
    """Four of the ten devices, one of each sort."""
    from framing.schema import Schema, read_schema

    every = read_schema(ROOT / "annotations" / "schema.toml")
    return Schema(tuple(label for label in every.labels if label.name in LABELS))


# --- models -------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def vectors(articles) -> Vectors:
    """Made-up word vectors of the articles' words."""
    import numpy as np

    from framing.lexical import Vectors

    names = sorted({word for each in articles for word in each.text.lower().split()})
    rng = np.random.default_rng(7)
    table = rng.integers(-128, 128, (len(names), 8)).astype(np.int8)
    return Vectors({name: row for row, name in enumerate(names)}, table)


@pytest.fixture(scope="session")
def tiny_models(articles, schema, vectors) -> dict[str, Model]:
    """A model of each kind, trained on the dozen articles in two folds."""
    from framing.fitting import Settings, finish, lay_foundation

    chosen = Settings(folds=2, jobs=1)
    foundation = lay_foundation(articles, schema, vectors, chosen)
    made = {kind: finish(foundation, replace(chosen, kind=kind))[0] for kind in KINDS}
    return {kind: replace(model, linear=replace(model.linear)) for kind, model in made.items()}


@pytest.fixture(scope="session")
def started_models(articles, schema, vectors, handmade_model) -> dict[str, Model]:
    """Like the tiny models, but training started from the handmade one."""
    from framing.fitting import Settings, finish, lay_foundation

    chosen = Settings(folds=2, jobs=1, penalties=(0.5,), start=handmade_model)
    foundation = lay_foundation(articles, schema, vectors, chosen)
    return {kind: finish(foundation, replace(chosen, kind=kind))[0] for kind in KINDS}


@pytest.fixture(scope="session")
def tiny_paths(tiny_models, tmp_path_factory) -> dict[str, Path]:
    """The tiny models as files."""
    from framing.storage import save_model

    folder = tmp_path_factory.mktemp("models")
    for kind, model in tiny_models.items():
        save_model(model, folder / f"{kind}.skops")
    return {kind: folder / f"{kind}.skops" for kind in KINDS}


@pytest.fixture(scope="session", params=KINDS)
def kind(request) -> str:
    """Each kind of model in turn."""
    return request.param


@pytest.fixture(scope="session")
def tiny(kind, tiny_models) -> Framing:
    """A tiny model of each kind."""
    from framing.predictor import Framing

    return Framing(tiny_models[kind])


@pytest.fixture(scope="session")
def eager_model(kind, tiny_models) -> Model:
    """A tiny model that proposes and reports whatever it can: many spans in any text."""
    return eager_of(tiny_models[kind])


@pytest.fixture(scope="session")
def eager(eager_model) -> Framing:
    """`eager_model` as a `Framing`."""
    from framing.predictor import Framing

    return Framing(eager_model)


def eager_of(model: Model) -> Model:
    """The same model with levels, a gate and thresholds that nothing fails."""
    import numpy as np

    from framing.pieces import Lexicon

    n_labels = len(model.schema.labels)
    levels = np.tile(np.array([-1, -3, -60], np.float32), (n_labels, 1))
    inserts = np.array([label.unit == "insert" for label in model.schema.labels])
    thresholds = np.where(inserts, 0.999, 0.0)  # an insert hides what stands inside it
    gate = model.gate and replace(model.gate, least=np.zeros(n_labels))
    return replace(model, levels=levels, gate=gate, thresholds=thresholds, lexicon=Lexicon(),
                   linear=replace(model.linear))  # fmt: skip


HANDMADE = {
    "editorializing": ("lays", "bare", "shames"),
    "loaded_language": ("disgraceful", "reckless", "thugs", "regime"),
    "promotional_link": ("subscribe",),
}
"""Words that the handmade model looks for; it also reports every phrase in marks."""


def of_speech(schema: Schema) -> Schema:
    """The schema with labels that are marked in the words of quoted speakers too."""
    return replace(schema, labels=tuple(replace(label, speech=True) for label in schema.labels))


@pytest.fixture(scope="session")
def handmade_model(schema) -> Model:
    """A model whose weights were put in by hand, so that its spans are known beforehand.

    Words of `HANDMADE` have a token logit of 4, others -4. A phrase or clause scores by
    its mean logit, an insert by that of its sentence, a phrase in marks 0.88.
    """
    import numpy as np

    from framing.features import sentence_blocks, token_blocks
    from framing.heads import LinearHead
    from framing.lexical import SENTENCE, Vectors, word_features
    from framing.linear import Linear
    from framing.model import Model
    from framing.spans import BASIC

    names, n_labels = schema.names, len(schema.names)
    vectors = Vectors({}, np.zeros((0, 1), np.int8))
    blocks = token_blocks(1), sentence_blocks(1, n_labels)
    weights = [
        np.zeros((n_labels, max(each.stop for each in block.values())), np.float32)
        for block in blocks
    ]
    for label, members in HANDMADE.items():
        columns = word_features(members, vectors).columns["word"]
        weights[0][names.index(label), blocks[0]["word", 0].start + columns] = 8
        weights[1][names.index(label), blocks[1]["word", SENTENCE].start + columns] = 16
    bias = np.full(n_labels, -4, np.float32)
    mix = np.tile(np.array([1, 0, 0], np.float32), (n_labels, 1))
    by_mean = [[0.0 if name in LABELS[2:] else 1.0] for name in names]
    by_sentence = [[1.0 if name == "promotional_link" else 0.0] for name in names]
    always = np.array([2.0 if name == "scare_quotes" else 0.0 for name in names])
    return Model(
        schema,
        "linear",
        Linear(vectors, weights[0], bias, weights[1], bias, mix),
        np.tile(np.array([2, 0, -2], np.float32), (n_labels, 1)),
        None,
        LinearHead(
            np.array([BASIC.index("mean"), BASIC.index("sentence")]),
            np.hstack((by_mean, by_sentence)),
            always,
        ),
        LinearHead(np.array([2]), np.ones((n_labels, 1)), np.zeros(n_labels)),
        np.tile([1.0, 0.0], (n_labels, 1)),
        np.full(n_labels, 0.5),
        {"documents": 0, "spans": 0, "name": "handmade"},
    )


@pytest.fixture(scope="session")
def handmade(handmade_model) -> Framing:
    """`handmade_model` as a `Framing`."""
    from framing.predictor import Framing

    return Framing(handmade_model)


@pytest.fixture(scope="session")
def handmade_path(handmade_model, tmp_path_factory) -> Path:
    """`handmade_model` as a file."""
    from framing.storage import save_model

    path = tmp_path_factory.mktemp("handmade") / "handmade.skops"
    save_model(handmade_model, path)
    return path


@pytest.fixture(scope="session")
def linear() -> Framing:
    """The shipped linear model."""
    from framing.predictor import Framing

    return Framing("linear")


@pytest.fixture(scope="session")
def boosted() -> Framing:
    """The shipped boosted model."""
    from framing.predictor import Framing

    return Framing("boosted")


@pytest.fixture(scope="session")
def shipped(kind, request) -> Framing:
    """Each shipped model in turn."""
    return request.getfixturevalue(kind)


# --- what is run --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    import browsing

    driver = browsing.start(tmp_path_factory.mktemp("profile"))
    yield driver
    driver.quit()


@pytest.fixture(scope="session")
def command():
    """Run `framing` in a process of its own: `command("score", path, input=b"...")`."""
    place = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "0", "LC_ALL": "C.UTF-8"}

    def run(*arguments, **options) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, "-W", "error", "-m", "framing", *map(str, arguments)],
            capture_output=True, check=False, env=place, timeout=300, **options,
        )  # fmt: skip

    return run
