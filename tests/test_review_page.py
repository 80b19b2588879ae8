"""The page of `framing review` in a real browser: what a person sees, presses and selects."""

from __future__ import annotations

import json
import warnings
from contextlib import ExitStack
from types import SimpleNamespace

import browsing
import pytest
from click.testing import CliRunner
from reviewing import hosting, serving

from framing import api
from framing.annotations import read_file
from framing.cli import main

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys
    from selenium.webdriver.support.ui import WebDriverWait

pytestmark = browsing.IN_BROWSER
ODD = (
    "\ufeffHarbour plan 😀 shames\r\nA disgraceful 👩‍👩‍👧 “reform” of the 𝔖outh quay.\r\n\r\n"
    "<script>document.title = 'hacked'</script><img src=x onerror=alert(1)>\r"
    "Reckless far-right thugs & co. stayed\x07 \t away.\n\n\nThe end.\n"
)
PLAIN = "The disgraceful plan lays bare a reckless mayor. She said “maybe so” to the regime.\n"
CALM = "The council met on Monday. It rained.\n"


class Page:
    """The page of a server in the browser."""

    def __init__(self, browser, server, output):
        self.browser, self.server, self.output = browser, server, output

    def open(self, width=1280, scheme="light", height=900):
        browsing.show(self.browser, self.server.address, width, height, scheme)
        WebDriverWait(self.browser, 20).until(lambda b: self.find("#text p"))
        return self

    def find(self, selector):
        return self.browser.find_elements(By.CSS_SELECTOR, selector)

    def text(self, selector):
        return self.browser.execute_script(
            "return document.querySelector(arguments[0])?.textContent ?? null", selector
        )

    def texts(self, selector):
        script = "return Array.from(document.querySelectorAll(arguments[0]), n => n.textContent)"
        return self.browser.execute_script(script, selector)

    def settle(self):
        WebDriverWait(self.browser, 20).until(
            lambda b: b.execute_script("return !document.body.hasAttribute('aria-busy')")
        )

    def press(self, *keys):
        for key in keys:
            ActionChains(self.browser).send_keys(key).perform()
            self.settle()

    def press_with(self, modifiers, *keys):
        chain = ActionChains(self.browser)
        for modifier in modifiers:
            chain = chain.key_down(modifier)
        chain = chain.send_keys(*keys)
        for modifier in modifiers:
            chain = chain.key_up(modifier)
        chain.perform()
        self.settle()

    def click(self, selector):
        self.find(selector)[0].click()
        self.settle()

    def drag(self, first, last, key=None):
        """Drag the mouse from inside the first words to inside the last, which see."""
        places = self.browser.execute_script(
            """
            const box = document.getElementById("text");
            const spot = (words, at) => {
              const walker = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
              let before = 0;
              const from = box.textContent.indexOf(words) + at;
              for (let node = walker.nextNode(); node; node = walker.nextNode()) {
                if (from < before + node.length) {
                  const range = document.createRange();
                  range.setStart(node, from - before);
                  range.setEnd(node, from - before + 1);
                  const { left, right, top, bottom } = range.getBoundingClientRect();
                  return [at ? right - 1 : left + 1, (top + bottom) / 2];
                }
                before += node.length;
              }
            };
            return [spot(arguments[0], 0), spot(arguments[1], arguments[1].length - 1)];
            """, first, last,
        )  # fmt: skip
        chain = ActionChains(self.browser)
        if key:
            chain = chain.key_down(key)
        (x, y), (to_x, to_y) = [[round(each) for each in place] for place in places]
        actions = chain.w3c_actions.pointer_action
        actions.move_to_location(x, y).pointer_down().move_to_location(to_x, to_y).pointer_up()
        chain.perform()
        if key:
            ActionChains(self.browser).key_up(key).perform()
        WebDriverWait(self.browser, 5).until(
            lambda _: "Selected words" in (self.text("#card") or "")
        )

    @property
    def current(self):
        return self.text("#card .quote")

    @property
    def state(self):
        return self.text("#card .state").split()[-1]

    @property
    def status(self):
        return self.text("#status")

    def written(self):
        """What the annotation file holds: words and labels by document."""
        return {
            document.id: [(document.text[m.start : m.end], m.label) for m in document.marks]
            for document in read_file(self.output)
        }

    def journal(self):
        lines = (self.output.parent / f"{self.output.name}.journal").read_text().splitlines()
        return [json.loads(line) for line in lines]


@pytest.fixture
def review(browser, handmade, tmp_path):
    """Serve articles and open the page; every test ends without a word on the console."""
    with ExitStack() as stack:

        def start(*texts, **view):
            folder = write(tmp_path / "desk", *texts)
            server = stack.enter_context(hosting(handmade, folder, tmp_path / "out.jsonl"))
            return Page(browser, server, tmp_path / "out.jsonl").open(**view)

        yield start
        said = [entry["message"] for entry in browser.get_log("browser")]
        browser.get("about:blank")
    # Chromium notes every answer that is no success; the page tells the person why.
    assert [line for line in said if "status of 409" not in line] == []


def write(folder, *texts):
    """Articles 1.txt, 2.txt and so on."""
    folder.mkdir(exist_ok=True)
    for number, text in enumerate(texts, 1):
        (folder / f"{number}.txt").write_bytes(text.encode())
    return folder


# --- the text -----------------------------------------------------------------------------


def printed(text):
    """The text as the page prints it: one UTF-16 unit for each."""
    pictures = {code: chr(0x2400 + code) for code in range(32) if chr(code) not in "\t\n"}
    return text.replace("\r\n", " \n").replace("\r", "\n").translate({**pictures, 127: "\u2421"})


def test_the_text_is_there_to_the_character(review):
    page = review(ODD)
    assert page.text("#text") == printed(ODD)
    assert page.find("#text script, #text img") == []
    assert page.browser.title == "desk/1.txt – Framing review"


def test_spans_stand_on_their_words_whatever_comes_before(review):
    page = review(ODD)
    found = page.browser.execute_script("""
      const spans = {};
      for (const mark of document.querySelectorAll("#text mark")) {
        spans[mark.dataset.span] = (spans[mark.dataset.span] ?? "") + mark.textContent;
      }
      return spans;
    """)
    words = ["shames", "disgraceful", "“reform”", "'hacked'", "Reckless", "thugs"]
    assert list(found.values()) == page.texts("#list .words") == words
    assert page.current == "shames"


# --- selecting words ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("👩‍👩‍👧", "“re", "👩‍👩‍👧 “reform"),
        ("ight thugs", "& c", "far-right thugs & co"),
        ("𝔖outh", "quay.", "𝔖outh quay."),
        ("lan", "disgra", "plan 😀 shames\r\nA disgraceful"),
        ("tayed", "away", "stayed\x07 \t away"),
        ("\ufeff", "Harb", "Harbour"),
    ],
)
def test_words_are_selected_with_the_mouse(review, first, last, expected):
    page = review(ODD)
    page.drag(first, last)
    page.press("1", "R", "d")
    assert page.written() == {"desk/1.txt": [(expected, "editorializing")]}


@pytest.mark.parametrize(
    ("first", "last", "expected"), [("right", "right", "right"), ("𝔖outh", "qu", "𝔖outh qu")]
)
def test_with_alt_the_mouse_selects_exactly(review, first, last, expected):
    page = review(ODD)
    page.drag(first, last, Keys.ALT)
    assert page.current == expected
    page.press("1")
    if expected == "right":
        assert page.state == "added"
    else:
        assert "ends inside a word" in page.status


def test_words_are_selected_with_keys(review):
    page = review(PLAIN)
    page.press("j", "j", Keys.ARROW_RIGHT)
    assert (page.text("#card strong"), page.current) == ("Selected words", "mayor")
    page.press_with([Keys.SHIFT], Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    assert page.current == "mayor. She"
    page.press_with([Keys.SHIFT], Keys.ARROW_LEFT)
    assert page.current == "mayor."
    page.press_with([Keys.SHIFT, Keys.ALT], Keys.ARROW_LEFT)
    assert page.current == "mayor"
    page.press("2")
    assert (page.state, page.current) == ("added", "mayor")
    page.press(Keys.ARROW_LEFT, Keys.ESCAPE)
    assert page.current == "mayor"
    assert page.browser.execute_script("return getSelection().isCollapsed")


def test_a_button_adds_what_is_selected(review):
    page = review(CALM)
    assert "No span here" in page.text("#card")
    page.drag("Monday", "Monday")
    page.click("#card [data-name=label-3]")
    page.click("#done")
    assert page.written() == {"desk/1.txt": [("Monday", "promotional_link")]}


# --- deciding -----------------------------------------------------------------------------


def test_keys_accept_reject_and_move_on(review):
    page = review(PLAIN)
    assert page.texts("#list .words") == [
        "disgraceful", "lays bare", "reckless", "“maybe so”", "regime",
    ]  # fmt: skip
    page.press("j", "k", "j")
    assert (page.current, page.state) == ("lays bare", "undecided")
    page.press("a")
    assert page.current == "reckless"
    page.press("r")
    assert page.current == "“maybe so”"
    assert page.status == "rejected: loaded language, “reckless”. 3 undecided"
    page.press("k", "k", "k", "r", "a")
    assert page.current == "regime"
    page.press("a")
    assert "Every span is decided" in page.status
    assert [
        (line["span"], line["state"]) for line in page.journal() if line.get("do") == "mark"
    ] == [(1, "accepted"), (2, "rejected"), (0, "rejected"), (3, "accepted"), (4, "accepted")]


def test_digits_relabel_and_brackets_move_edges(review):
    page = review(PLAIN)
    page.press("3", "[", "]")
    assert (page.current, page.state) == ("The disgraceful plan", "corrected")
    assert page.text("#card .what strong") == "scare quotes"
    page.press("{")
    assert page.current == "disgraceful plan"
    page.press("}", "}")
    assert page.current == "disgraceful"
    assert "no further" in page.status
    page.press("2")
    assert page.state == "accepted"  # what the model said after all
    page.press("0")
    assert page.text("#card .what strong") == "loaded language"


def test_edge_buttons_move_by_a_character_with_alt(review):
    page = review("A disgraceful-looking plan.\n")
    page.drag("disgraceful-looking", "disgraceful-looking")
    page.press("2")
    end = page.find("#card [data-name='end-1']")[0]
    ActionChains(page.browser).key_down(Keys.ALT).click(end).key_up(Keys.ALT).perform()
    page.settle()
    assert "ends inside a word" in page.status
    assert page.current == "disgraceful-looking"


def test_undo(review):
    page = review(PLAIN)
    page.press("a", "3", "]", "u", "u")
    assert (page.current, page.state) == ("lays bare", "undecided")
    page.press_with([Keys.CONTROL], "z")
    assert (page.current, page.state) == ("disgraceful", "undecided")
    page.press("u")
    assert "Nothing to undo" in page.status
    assert page.find("#undo")[0].get_attribute("disabled")


def test_an_overlap_of_one_label_is_refused_and_said(review):
    page = review(PLAIN)
    page.press("a", "2", "[", "[")
    assert "overlaps" in page.status
    assert page.current == "plan lays bare"


def test_done_asks_about_the_rest(review):
    page = review(PLAIN, CALM)
    page.press("a", "d")
    assert page.text("#rest-title") == "4 spans are undecided"
    page.press(Keys.ESCAPE)
    assert not page.output.exists()
    assert not page.find("#rest")[0].is_displayed()
    page.press("d", "r")
    assert page.written() == {"desk/1.txt": [("disgraceful", "loaded_language")]}
    assert page.text("#name") == "desk/2.txt"
    assert page.text("#progress-words") == "1 of 2 articles done"
    page.press("d")
    assert page.written()["desk/2.txt"] == []
    assert "All 2 articles done. Train with: framing train" in page.status


def test_all_the_rest_at_once(review):
    page = review(PLAIN)
    page.press("r", "A")
    assert page.texts("#list .sign .hush") == [" rejected", *[" accepted"] * 4]
    page.press("u", "R")
    assert set(page.texts("#list .sign .hush")) == {" rejected"}


def test_articles_are_turned(review):
    page = review(PLAIN, CALM, ODD)
    page.press("n", "n", "n")
    assert (page.text("#name"), page.status) == ("desk/3.txt", "This is the last article")
    page.press("p")
    assert page.text("#name") == "desk/2.txt"
    page.press("g", Keys.ENTER)
    assert page.text("#name") == "desk/2.txt"
    page.press("g")
    page.click("#queue li:first-child button")
    assert page.text("#name") == "desk/1.txt"


def test_the_genre_is_written(review):
    page = review(CALM)
    page.find("#genre")[0].send_keys("opinion")
    page.settle()
    page.press(Keys.TAB, "d")
    assert next(read_file(page.output)).meta["genre"] == "opinion"


def test_the_page_opens_where_work_is_left(review):
    page = review(CALM, PLAIN)
    page.press("d")
    page.open()
    assert page.text("#name") == "desk/2.txt"
    page.press("p")
    assert page.find("#done-mark")[0].is_displayed()


def test_two_pages_do_not_write_over_each_other(review):
    page = review(PLAIN)
    page.server.decide(0, do="rest", state="rejected")
    page.press("a")
    assert page.state == "rejected"  # shown anew
    assert len(page.journal()) == 3


# --- what is shown, and to whom -----------------------------------------------------------


def test_the_card_says_what_and_why(review):
    page = review(PLAIN)
    shown = page.find("#card")[0].text
    assert "Words that praise, condemn or ridicule" in shown
    assert "score 0.98" in shown
    assert "disgraceful\n+" in shown


def test_a_click_takes_the_inner_span_then_the_outer(review):
    page = review(PLAIN)
    page.drag("The", "plan")
    page.press("1")
    inner = page.find("#text mark.d1")[0]
    inner.click()
    assert page.current == "disgraceful"
    page.find("#text mark.d1")[0].click()
    assert page.current == "The disgraceful plan"
    marks = page.find("#text mark mark, #text mark:has(mark)")
    bottoms = [each.rect["y"] + each.rect["height"] for each in marks]
    assert max(bottoms) - min(bottoms) >= 5


def test_the_keyboard_keeps_its_place(review):
    page = review(PLAIN)
    page.browser.execute_script("document.querySelector('[data-name=reject]').focus()")
    page.press(Keys.ENTER, Keys.ENTER)
    active = page.browser.switch_to.active_element
    assert active.get_attribute("data-name") == "reject"
    assert page.texts("#list .sign .hush")[:2] == [" rejected"] * 2
    page.browser.execute_script("document.querySelector('[data-name=span-4]').focus()")
    page.press(Keys.ENTER)
    assert page.current == "regime"
    assert page.browser.switch_to.active_element.get_attribute("data-name") == "span-4"


def test_single_keys_can_be_turned_off(review):
    page = review(PLAIN)
    page.press("?")
    page.click("#keys-on")
    page.press(Keys.ESCAPE, "a", "d", "1")
    assert page.state == "undecided"
    assert not page.find("#rest")[0].is_displayed()
    page.click("#card [data-name=accept]")
    assert page.texts("#list .sign .hush")[0] == " accepted"


def test_what_happens_is_announced(review):
    page = review(PLAIN)
    assert page.find("#status")[0].get_attribute("role") == "status"
    assert page.status == "desk/1.txt: 5 spans, 5 undecided"
    page.press("j")
    assert page.status == "editorializing, “lays bare”: undecided"


@pytest.mark.parametrize("width", [320, 390, 768, 960, 1280])
def test_the_page_never_scrolls_sideways(review, width):
    page = review("A " + "disgraceful-" * 30 + "plan and a reckless mayor.\n" + ODD, width=width)
    overflow = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.browser.execute_script(overflow) == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_light_and_dark(review, scheme):
    page = review(PLAIN, scheme=scheme)
    colours = page.browser.execute_script("""
      const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
      return [getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]
        .map((colour) => { context.fillStyle = colour; context.fillRect(0, 0, 1, 1); return context.getImageData(0, 0, 1, 1).data[0]; });
    """)
    assert (colours[0] > colours[1]) == (scheme == "light")


def test_the_page_asks_nobody_else(review):
    page = review(ODD)
    asked = page.browser.execute_script(
        "return performance.getEntriesByType('resource').map((each) => each.name)"
    )
    assert len(asked) >= 7
    assert all(each.startswith(page.server.address) for each in asked)
    assert page.find("[src]:not([src='review.js']), iframe, object, embed, a[href^=http]") == []


# --- the whole loop -----------------------------------------------------------------------


def test_a_stopped_server_is_told(browser, handmade_path, tmp_path):
    output = tmp_path / "out.jsonl"
    folder = write(tmp_path / "desk", PLAIN)
    with serving(folder, "--model", handmade_path, "--output", output) as server:
        page = Page(browser, server, output).open()
        page.press("a")
        server.kill()
        page.press("r")
        assert page.find("#trouble")[0].is_displayed()
        assert "the server does not answer" in page.text("#trouble")
        assert page.texts("#list .sign .hush")[:2] == [" accepted", " undecided"]
    browser.get_log("browser")


def test_correct_kill_resume_train(browser, handmade_path, schema, vectors, tmp_path, monkeypatch):
    output = tmp_path / "out.jsonl"
    (tmp_path / "schema.toml").write_text(
        "".join(
            f'[{x.name}]\ndefinition = "d"\nunit = "{x.unit}"\nquotation = {str(x.quotation).lower()}\n'
            for x in schema.labels
        )
    )
    folder = write(
        tmp_path / "desk", PLAIN, *(f"A reckless plan {n}. It rained.\n" for n in range(4))
    )
    arguments = (folder, "--model", handmade_path, "--output", output, "--annotator", "ana")
    with serving(*arguments) as server:
        page = Page(browser, server, output).open()
        page.press("]")  # disgraceful plan
        page.press("j", "2")  # lays bare: another label
        page.press("j", "r")  # reckless: none
        page.drag("She", "said")
        page.press("1")  # one more
        server.kill()
    assert not output.exists()
    with serving(*arguments) as server:
        page = Page(browser, server, output).open()
        assert page.texts("#list .sign .hush") == [
            " corrected", " corrected", " rejected", " added", " undecided", " undecided",
        ]  # fmt: skip
        page.press("d", "a")
        for _ in range(4):
            page.press("A", "d")
        assert "All 5 articles done" in page.status
        assert server.stop()[0] == 0
    browser.get_log("browser")
    expected = [
        ("disgraceful plan", "loaded_language"), ("lays bare", "loaded_language"),
        ("She said", "editorializing"), ("“maybe so”", "scare_quotes"),
        ("regime", "loaded_language"),
    ]  # fmt: skip
    assert page.written()["desk/1.txt"] == expected
    given = []

    def spy(documents, *rest):
        given.extend(documents)
        return api_fit(documents, *rest)

    api_fit = api.fit
    monkeypatch.setattr(api, "fit", spy)
    shipped = SimpleNamespace(linear=SimpleNamespace(vectors=vectors))
    monkeypatch.setattr(api, "load_model", lambda _: shipped)  # for its vectors alone
    checked = CliRunner().invoke(main, ["annotations", "validate", str(output)])
    assert (checked.exit_code, checked.stdout) == (0, "5 documents, 0 errors, 0 warnings\n")
    model = tmp_path / "own.skops"
    trained = CliRunner().invoke(
        main, ["train", str(output), "--output", str(model), "--model", "linear"]
    )
    assert trained.exit_code == 0, trained.output
    assert trained.stdout == f"{model}: linear model of 5 documents and 9 spans\n"
    learnt = next(document for document in given if document.id == "desk/1.txt")
    assert [(PLAIN[m.start : m.end], m.label) for m in learnt.marks] == expected
    assert {mark.annotator for mark in learnt.marks} == {"ana"}
