"""`framing review` without its page: what is decided, kept, written, ordered and refused."""

from __future__ import annotations

import json
import math
import os
import socket
import subprocess
import threading
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from click.testing import CliRunner
from conftest import TEXTS, eager_of
from hypothesis import given, settings
from reviewing import ENVIRONMENT, command, serving

from framing.annotations import find_schema, read_annotations, read_file, text_hash
from framing.cli import main
from framing.errors import AnnotationError, InputError
from framing.prediction import Span
from framing.predictor import Framing
from framing.review import check_extra
from framing.review.articles import Article, find_articles, least_sure_first, mean_entropy
from framing.review.decisions import Decision, RefusedError, Review, read_decision, suggest
from framing.review.journal import Journal
from framing.review.session import Session, Settings
from framing.review.store import Store
from framing.review.words import find_words, fit
from framing.schema import Schema
from framing.validation import validate, validate_files

TEXT = "A disgraceful plan.\r\n😀 The reckless “reform” shames the town.\n"
OTHER = "The council met. Thugs, it said.\n"
LOADED, SCARE, EDITORIAL = "loaded_language", "scare_quotes", "editorializing"


def place(words, text=TEXT):
    start = text.index(words)
    return {"start": start, "end": start + len(words)}


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "desk"
    (made / "late").mkdir(parents=True)
    (made / "a.txt").write_bytes(TEXT.encode())
    (made / "late" / "b.txt").write_bytes(OTHER.encode())
    return made


@pytest.fixture
def opened(handmade, folder, tmp_path):
    """Open a session on the folder; every one of a test writes to the same output."""
    stores = []

    def start(settings=None, text=True, paths=None, framing=handmade):
        while stores:
            stores.pop().close()
        articles, _, _ = find_articles(paths or [str(folder)])
        stores.append(Store(tmp_path / "out.jsonl", text=text))
        return Session(framing, articles, stores[-1], settings or Settings())

    yield start
    for store in stores:
        store.close()


def act(session, number=0, **decision):
    version = session.article(number)["version"]
    return session.decide(number, {"version": version, **decision})


def accept_all(session, number=0):
    if any(span["state"] == "open" for span in session.article(number)["spans"]):
        act(session, number, do="rest", state="accepted")
    return act(session, number, do="done")


def spans_of(path):
    """Spans of the output, as (words, label), by document."""
    return {
        each.id: [(each.text[mark.start : mark.end], mark.label) for mark in each.marks]
        for each in read_file(path)
    }


# --- words --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("so-called don't", ["so-called", "don't"]),
        ("“Oh,” 😀 she", ["“", "Oh", ",", "”", "😀", "she"]),
        ("cost 3.5m.\r\nU.S.", ["cost", "3.5m", ".", "U.S."]),
        (" \n", []),
    ],
)
def test_words(text, words):
    assert [text[start:end] for start, end in find_words(text)] == words


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [(0, 2, "cost"), (5, 8, "3.5m"), (8, 9, "3.5m"), (4, 5, " "), (2, 8, "cost 3.5m")],
)
def test_spans_grow_to_whole_words(start, end, words):
    text = "cost 3.5m."
    first, last = fit(find_words(text), start, end)
    assert text[first:last] == words


# --- decisions ----------------------------------------------------------------------------


def begun():
    rows = [(0, 1, LOADED, 0.9, False), (2, 4, SCARE, 0.6, True)]
    return Review("a", "0" * 64, 10, suggest(rows), {"genre": "news"})


def after(*decisions):
    review = begun()
    for decision in decisions:
        review = review.after(read_decision(decision, "ana"))
    return review


MOVE = {"do": "mark", "span": 1, "start": 2, "end": 6, "label": LOADED, "state": "accepted"}
ADD = {"do": "mark", "span": 2, "start": 7, "end": 9, "label": SCARE, "state": "accepted"}
REST = {"do": "rest", "state": "rejected"}


def test_decisions_add_up():
    review = after(MOVE, ADD, REST, {"do": "genre", "genre": "opinion"}, {"do": "done"})
    states = [(item.state, item.changed, item.first is None) for item in review.items]
    assert states == [
        ("rejected", False, False),
        ("accepted", True, False),
        ("accepted", False, True),
    ]
    assert (review.items[1].start, review.items[1].end, review.items[1].label) == (2, 6, LOADED)
    assert [item.annotator for item in review.items] == ["ana"] * 3
    assert (review.genre, review.done, review.open, review.version) == ("opinion", True, 0, 5)


def test_undo_takes_back_one_after_another():
    undo = {"do": "undo"}
    review = after(MOVE, ADD, REST, undo)
    assert [item.state for item in review.items] == ["open", "accepted", "accepted"]
    assert len(after(MOVE, ADD, REST, undo, undo).items) == 2
    review = after(MOVE, undo)
    assert (review.items, review.version) == (begun().items, 2)
    with pytest.raises(RefusedError, match="nothing to undo"):
        review.after(Decision("undo"))


def test_a_review_comes_back_from_the_journal():
    review = begun()
    assert Review.from_dict(json.loads(json.dumps(review.to_dict())), review.sha256) == review


@pytest.mark.parametrize(
    "data",
    [
        {}, {"do": "begin"}, {"do": ["mark"]}, {**MOVE, "start": "2"}, {**MOVE, "end": True},
        {**MOVE, "label": None}, {**MOVE, "state": "open"}, {"do": "rest"}, {"do": "genre"},
        {**MOVE, "span": 3}, {**MOVE, "span": -1},
    ],
)  # fmt: skip
def test_what_is_no_decision(data):
    with pytest.raises(RefusedError):
        after(data)


# --- the journal --------------------------------------------------------------------------


def lines(path):
    return [entry for _, entry in Journal(path).read()]


def test_journal_grows(tmp_path):
    path = tmp_path / "journal"
    journal = Journal(path)
    journal.add([{"n": 1}, {"n": 2}])
    journal.add([{"n": "😀\u2028"}])
    assert lines(path) == [{"n": 1}, {"n": 2}, {"n": "😀\u2028"}]


@pytest.mark.parametrize("cut", range(1, 10))
def test_half_a_line_is_left_out_and_written_over(tmp_path, cut):
    path = tmp_path / "journal"
    Journal(path).add([{"n": 1}])
    whole = path.read_bytes()
    journal = Journal(path)
    list(journal.read())
    journal.add([{"n": 22}])
    path.write_bytes(path.read_bytes()[:-cut])
    journal = Journal(path)
    assert [entry for _, entry in journal.read()] == [{"n": 1}]
    journal.add([{"n": 3}])
    assert path.read_bytes() == whole + b'{"n": 3}\n'


def test_a_line_that_cannot_be_written_leaves_no_trace(tmp_path, monkeypatch):
    path = tmp_path / "journal"
    journal = Journal(path)
    journal.add([{"n": 1}])

    def full(_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            journal.add([{"n": 2}])
    assert lines(path) == [{"n": 1}]
    journal.add([{"n": 3}])
    assert lines(path) == [{"n": 1}, {"n": 3}]


@pytest.mark.parametrize(
    ("content", "where"),
    [
        ('{"id": "a", "text": "b"}\n', 1),
        ("\n", 1),
        ('{"format": "framing review 1"}\n{"do": \n', 2),
        ('{"format": "framing review 1"}\n[]\n', 2),
        ('{"format": "framing review 1"}\n{"do": "done", "sha256": "f"}\n', 2),
        ('{"format": "framing review 1"}\n{"do": "begin", "sha256": "f"}\n', 2),
    ],
)
def test_a_broken_journal_is_named_by_its_line(tmp_path, content, where):
    (tmp_path / "out.jsonl.journal").write_text(content)
    with pytest.raises(AnnotationError, match=f"out.jsonl.journal:{where}: "):
        Store(tmp_path / "out.jsonl")


# --- the store ----------------------------------------------------------------------------


def test_two_reviews_cannot_write_to_one_output(tmp_path):
    first = Store(tmp_path / "out.jsonl")
    with pytest.raises(InputError, match="another framing review"):
        Store(tmp_path / "out.jsonl")
    first.close()
    Store(tmp_path / "out.jsonl").close()


def test_files_of_others_are_not_written_over(tmp_path):
    (tmp_path / "out.jsonl").write_text('{"id": "a", "text": "b"}\n')
    with pytest.raises(InputError, match="not written by framing review"):
        Store(tmp_path / "out.jsonl")
    assert (tmp_path / "out.jsonl").read_text() == '{"id": "a", "text": "b"}\n'


# --- articles -----------------------------------------------------------------------------


def test_articles_of_a_folder(folder, tmp_path):
    (folder / "again.txt").write_bytes(OTHER.encode())
    (folder / "blank.txt").write_bytes(b" \r\n")
    (folder / "latin.txt").write_bytes(b"caf\xe9")
    found, unread, passed = find_articles([str(folder), str(folder / "a.txt")])
    assert [article.name for article in found] == ["desk/a.txt", "desk/again.txt"]
    assert [article.text for article in found] == [TEXT, OTHER]
    assert len(unread) == 1
    assert "latin.txt: not UTF-8" in unread[0]
    assert [line.split(": ")[1] for line in passed] == [
        "nothing to read in it", "the same text as desk/again.txt", "the same text as desk/a.txt",
    ]  # fmt: skip


def test_no_articles(tmp_path):
    with pytest.raises(InputError, match="no article in"):
        find_articles([str(tmp_path)])


@pytest.mark.parametrize(
    ("scores", "entropy"), [([], 0), ([0.5], 1), ([1.0], 0), ([0.5, 1.0], 0.5), ([0.25], 0.811)]
)
def test_mean_entropy(scores, entropy):
    spans = [Span(0, 1, LOADED, score, "a") for score in scores]
    assert math.isclose(mean_entropy(spans), entropy, abs_tol=1e-3)


def test_least_sure_first(handmade, folder):
    sure, unsure, none = "Thugs.", "He said “maybe so” again.", "It rained."
    for name, text in (("1", none), ("2", sure), ("3", unsure)):
        (folder / f"{name}.txt").write_text(text)
    found, _, _ = find_articles([str(folder / f"{n}.txt") for n in "123"])
    assert [article.text for article in least_sure_first(handmade, found)] == [unsure, sure, none]


# --- a session ----------------------------------------------------------------------------


def test_an_article_comes_with_suggestions_and_evidence(opened):
    found = opened().article(0)
    assert found["text"] == TEXT
    names = [span["label"] for span in found["spans"]]
    words = [TEXT[span["start"] : span["end"]] for span in found["spans"]]
    assert words == ["disgraceful", "reckless", "“reform”", "shames"]
    assert names == [1, 1, 2, 0]
    assert {span["state"] for span in found["spans"]} == {"open"}
    assert found["spans"][0]["why"][0][0] == "disgraceful"


def test_only_what_is_accepted_is_written(opened, tmp_path):
    session = opened(Settings(annotator="ana"))
    act(session, do="mark", span=0, **place("disgraceful"), label=LOADED, state="accepted")
    act(session, do="mark", span=1, **place("reckless"), label=LOADED, state="rejected")
    act(session, do="mark", span=2, **place("“reform"), label=EDITORIAL, state="accepted")
    act(session, do="mark", span=4, **place("the town"), label=LOADED, state="accepted")
    assert not (tmp_path / "out.jsonl").exists()
    with pytest.raises(RefusedError, match="1 span is undecided"):
        act(session, do="done")
    act(session, do="rest", state="rejected")
    assert act(session, do="done")["done"]
    (document,) = read_file(tmp_path / "out.jsonl")
    assert spans_of(tmp_path / "out.jsonl") == {
        "desk/a.txt": [("disgraceful", LOADED), ("“reform", EDITORIAL), ("the town", LOADED)]
    }
    assert document.text == TEXT
    assert {mark.annotator for mark in document.marks} == {"ana"}
    assert document.meta == {
        "genre": "news", "license": "unknown", "group": "desk/a.txt",
        "suggestions": "handmade",
    }  # fmt: skip
    assert session.done == 1


def test_a_finished_article_stays_up_to_date(opened, tmp_path):
    session = opened()
    accept_all(session)
    act(session, do="mark", span=0, **place("disgraceful plan"), label=LOADED, state="accepted")
    assert spans_of(tmp_path / "out.jsonl")["desk/a.txt"][0] == ("disgraceful plan", LOADED)
    act(session, do="genre", genre="opinion")
    assert next(read_file(tmp_path / "out.jsonl")).meta["genre"] == "opinion"
    for _ in range(3):
        act(session, do="undo")
    assert list(read_file(tmp_path / "out.jsonl")) == []


@pytest.mark.parametrize(
    ("decision", "reason"),
    [
        ({"span": 4, **place("lan")}, "begins inside a word"),
        ({"span": 4, **place("plan.\r\n")}, "ends with white space"),
        ({"span": 0, "start": 0, "end": 0}, "outside the text"),
        ({"span": 0, "start": -1, "end": 3}, "outside the text"),
        ({"span": 0, "start": 0, "end": len(TEXT) + 1}, "outside the text"),
        ({"span": 4, **place("plan"), "label": "praise"}, "no such label"),
        ({"span": 5, **place("plan")}, "no span 5"),
        ({"span": 4, **place("disgraceful plan")}, "overlaps"),
        ({"do": "genre", "genre": "poem"}, "no such genre"),
        ({"do": "undo", "version": 0}, "elsewhere"),
    ],
)
def test_refused_decisions_leave_everything_as_it_was(opened, tmp_path, decision, reason):
    session = opened()
    act(session, do="mark", span=0, **place("disgraceful"), label=LOADED, state="accepted")
    before, kept = session.article(0), (tmp_path / "out.jsonl.journal").read_bytes()
    with pytest.raises(RefusedError, match=reason):
        act(session, **{"do": "mark", "label": LOADED, "state": "accepted"} | decision)
    assert session.article(0) == before
    assert (tmp_path / "out.jsonl.journal").read_bytes() == kept


def test_a_review_goes_on_after_the_end(opened, tmp_path):
    session = opened()
    act(session, do="mark", span=0, **place("plan"), label=SCARE, state="accepted")
    accept_all(session, 1)
    state = session.article(0)
    assert opened().article(0) == state
    assert opened().done == 1


def test_suggestions_of_a_begun_article_stay(opened):
    session = opened()
    act(session, do="mark", span=0, **place("plan"), label=SCARE, state="accepted")
    before = session.article(0)["spans"]
    blank = opened(Settings(blank=True)).article(0)["spans"]
    assert [{**span, "why": []} for span in before] == blank


def test_a_blank_page(opened, tmp_path):
    session = opened(Settings(blank=True))
    assert session.article(0)["spans"] == []
    act(session, do="mark", span=0, **place("plan"), label=LOADED, state="accepted")
    act(session, do="done")
    assert spans_of(tmp_path / "out.jsonl") == {"desk/a.txt": [("plan", LOADED)]}
    assert next(read_file(tmp_path / "out.jsonl")).meta["suggestions"] == "none"


def test_what_a_kill_kept_from_the_file_is_made_up_for(opened, tmp_path):
    session = opened()
    accept_all(session)
    accept_all(session, 1)
    whole = (tmp_path / "out.jsonl").read_bytes()
    (tmp_path / "out.jsonl").unlink()
    opened()
    assert (tmp_path / "out.jsonl").read_bytes() == whole


def test_a_changed_article_is_told_and_begins_anew(opened, folder, tmp_path):
    session = opened()
    accept_all(session)
    (folder / "a.txt").write_text("A reckless plan.\n")
    session = opened()
    found = session.article(0)
    assert "2 decisions of that time are kept" in found["notice"]
    assert [span["state"] for span in found["spans"]] == ["open"]
    assert session.article(1)["notice"] == ""
    accept_all(session)
    first, second = read_file(tmp_path / "out.jsonl")
    assert (first.id, first.text) == ("desk/a.txt", TEXT)
    assert second.id == f"desk/a.txt@{text_hash(second.text)[:8]}"
    assert first.group == second.group
    (folder / "a.txt").write_bytes(TEXT.encode())
    session = opened()
    assert session.article(0)["done"]
    assert session.article(0)["notice"] == ""


def test_a_moved_article_keeps_its_decisions(opened, folder):
    accept_all(opened())
    (folder / "a.txt").rename(folder / "z.txt")
    session = opened()
    assert [(row["name"], row["done"]) for row in session.overview()["articles"]] == [
        ("desk/late/b.txt", False), ("desk/z.txt", True),
    ]  # fmt: skip


def test_a_label_that_the_model_does_not_have(opened, handmade_model):
    labels = handmade_model.schema.labels
    renamed = Schema((*labels[:-1], replace(labels[-1], name="praise")))
    other = Framing(replace(handmade_model, schema=renamed))
    session = opened(framing=other)
    act(session, do="mark", span=0, **place("plan"), label="praise", state="accepted")
    with pytest.raises(InputError, match=r"a\.txt was reviewed with a label .*: praise"):
        opened()


def test_stand_off(opened, folder, tmp_path):
    accept_all(opened(text=False))
    line = json.loads((tmp_path / "out.jsonl").read_text())
    assert "text" not in line
    documents, missing = read_annotations([tmp_path / "out.jsonl"], folder)
    assert [each.text for each in documents] == [TEXT]
    assert missing == []


def test_decisions_from_many_threads_are_all_kept(opened, tmp_path):
    session = opened()
    threads = [
        threading.Thread(target=try_genre, args=(session, genre))
        for genre in ("news", "opinion", "feature") * 5
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    entries = [entry for _, entry in Journal(tmp_path / "out.jsonl.journal").read()]
    assert session.article(0)["version"] == 15 == len(entries) - 1


def try_genre(session, genre):
    while True:
        try:
            return act(session, do="genre", genre=genre)
        except RefusedError:  # another thread was quicker
            continue


@pytest.fixture(scope="module")
def proposing(tiny_models):
    """A model that suggests whatever it can."""
    return Framing(eager_of(tiny_models["linear"]))


@settings(max_examples=40)
@given(TEXTS)
def test_what_is_accepted_of_any_text_validates(proposing, text):
    text = text.encode("utf-8", "ignore").decode()  # files hold no lone surrogates
    with TemporaryDirectory() as folder:
        store = Store(Path(folder, "out.jsonl"))
        session = Session(proposing, [Article("a", text, text_hash(text))], store, Settings())
        for number, span in enumerate(session.article(0)["spans"]):
            label = session.schema.names[span["label"]]
            here = {"span": number, "start": span["start"], "end": span["end"], "label": label}
            try:
                act(session, do="mark", state="accepted", **here)
            except RefusedError:  # it overlaps another of its label
                act(session, do="mark", state="rejected", **here)
        act(session, do="done")
        store.close()
        (document,) = read_file(store.output)
    assert [p for p in validate([document], session.schema) if p.severity == "error"] == []
    assert document.text == text


# --- the command --------------------------------------------------------------------------


@pytest.fixture
def options(handmade_path, tmp_path):
    return "--model", handmade_path, "--output", tmp_path / "out.jsonl"


def failing(*arguments):
    """Standard error of a command that ends by itself."""
    done = subprocess.run(
        command(*arguments, "--no-browser"),
        env=ENVIRONMENT,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2, done
    return done.stderr.decode()


def test_killed_and_resumed(folder, options, tmp_path):
    with serving(folder, *options) as server:
        server.decide(0, do="rest", state="accepted")
        server.decide(0, do="done")
        server.decide(1, do="mark", span=0, **place("Thugs", OTHER), label=LOADED, state="rejected")
        server.kill()
    with serving(folder, *options) as server:
        assert [row["done"] for row in server.get("api/review")["articles"]] == [True, False]
        assert server.get("api/articles/1")["spans"][0]["state"] == "rejected"
        server.decide(1, do="done")
        code, out, err = server.stop()
    assert (code, err) == (0, "")
    assert "2 of 2 articles done" in out
    problems, count = validate_files([tmp_path / "out.jsonl"], None, find_schema([]))
    assert (count, [str(problem) for problem in problems]) == (2, [])
    assert sorted(folder.rglob("*")) == [
        folder / "a.txt",
        folder / "late",
        folder / "late" / "b.txt",
    ]


def test_two_servers_on_one_output(folder, options):
    with serving(folder, *options):
        assert "another framing review is writing to it" in failing(folder, *options)


def test_a_port_in_use(folder, options):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = failing(folder, *options, "--port", port)
    assert said.startswith(f"Error: port {port}: ")


def test_the_port_that_was_asked_for(folder, options):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with serving(folder, *options, "--port", port) as server:
        assert server.port == port


def test_what_cannot_be_read_is_named(folder, options):
    (folder / "latin.txt").write_bytes(b"caf\xe9")
    with serving(folder, *options) as server:
        code, _, err = server.stop()
    assert code == 2
    assert "latin.txt: not UTF-8" in err


def test_least_sure_first_by_the_command(folder, options):
    (folder / "unsure.txt").write_text("He said “maybe so” again.\n")
    with serving(folder, *options, "--order", "least-sure") as server:
        names = [row["name"] for row in server.get("api/review")["articles"]]
    assert names[0] == "desk/unsure.txt"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["--genre", "poem"], "no genre 'poem'"), (["--model", "nothing.skops"], "nothing.skops")],
)
def test_wrong_options(folder, options, arguments, message):
    assert message in failing(folder, *options, *arguments)


def test_without_the_extra(folder, monkeypatch):
    monkeypatch.setattr("framing.review.NEEDED", ("no_such_package",))
    with pytest.raises(InputError):
        check_extra()
    found = CliRunner().invoke(main, ["review", str(folder)])
    assert found.exit_code == 2
    assert found.stderr == 'Error: review needs its extra: pip install "framing-devices[review]"\n'


# --- who may ask --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server(handmade_path, tmp_path_factory):
    folder = tmp_path_factory.mktemp("guarded")
    (folder / "a.txt").write_text(TEXT)
    with serving(
        folder / "a.txt", "--model", handmade_path, "--output", folder / "o.jsonl"
    ) as found:
        yield found


def paths():
    from framing.review.app import FILES

    return [*FILES, "devices.css", "api/review", "api/articles/0"]


@pytest.mark.parametrize("path", [*paths(), "nothing", "api/articles/9"])
def test_every_answer_is_closed_to_others(server, path):
    status, headers, _ = server.ask(path)
    assert status == (404 if path in ("nothing", "api/articles/9") else 200)
    assert_closed(headers)


def assert_closed(headers):
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; ")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Set-Cookie"] is None
    assert headers["Access-Control-Allow-Origin"] is None


@pytest.mark.parametrize("root", ["/", "//", "", "/x/", "/%ff/", "/%C3%A9/"])
@pytest.mark.parametrize("path", ["", "api/review", "review.js", "nothing"])
def test_nothing_without_the_token(server, root, path):
    status, headers, body = server.ask(path, root=root or server.path[:-1])
    assert (status, body) == (403, "403: not from here\n")
    assert_closed(headers)


def test_nothing_with_part_of_the_token(server):
    token = server.path.strip("/")
    assert len(token) >= 32
    other = "y" if token[0] == "x" else "x"
    for wrong in (token[:-1], token + "x", token.swapcase(), other + token[1:]):
        assert server.ask(root=f"/{wrong}/")[0] == 403
    assert server.ask()[0] == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "localhost.evil:{port}", ""]
)  # fmt: skip
def test_foreign_hosts(server, host):
    assert server.ask("api/review", headers={"Host": host.format(port=server.port)})[0] in (
        400,
        403,
    )
    assert server.ask("api/review", headers={"Host": f"localhost:{server.port}"})[0] == 200


@pytest.mark.parametrize(
    "origin",
    ["null", "http://evil.example", "http://127.0.0.1:1", "https://127.0.0.1:{port}", "http://localhost:{port}"],
)  # fmt: skip
@pytest.mark.parametrize("data", [None, {"do": "undo", "version": 0}])
def test_foreign_origins(server, origin, data):
    headers = {"Origin": origin.format(port=server.port)}
    assert server.ask("api/articles/0", data, headers)[0] == 403
    own = {"Origin": f"http://127.0.0.1:{server.port}"}
    assert server.ask("api/articles/0", data, own)[0] == (200 if data is None else 409)


def test_only_this_machine(server):
    listening = Path("/proc/net/tcp")
    if not listening.exists():
        pytest.skip("no /proc")
    bound = [line.split()[1] for line in listening.read_text().splitlines()[1:]]
    mine = {each.split(":")[0] for each in bound if int(each.split(":")[1], 16) == server.port}
    assert "0100007F" in mine
    assert "00000000" not in mine


@pytest.mark.parametrize("data", ["undo", [], 1, {"do": "mark", "label": "x" * 70_000}])
def test_bodies_that_are_no_decision(server, data):
    assert server.ask("api/articles/0", data)[0] == 400


@pytest.mark.parametrize("data", [{}, {"version": 0}, {"version": 0, "do": "mark"}])
def test_decisions_that_are_none(server, data):
    status, _, body = server.ask("api/articles/0", data)
    assert status == 409
    assert json.loads(body)["error"]


def test_other_methods(server):
    assert server.ask("api/articles/0", method="DELETE")[0] == 405
    assert server.ask("", method="POST")[0] == 405


def test_the_token_is_new_each_time(folder, options):
    with serving(folder, *options) as first:
        address = first.path
    with serving(folder, *options) as second:
        assert second.path != address
