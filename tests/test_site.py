"""The documentation as a site: it builds without a warning and asks the network for nothing."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest

pytest.importorskip("mkdocs")
pytest.importorskip("material")

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
OUTSIDE = {
    "README.md": "about.html",
    "CHANGELOG.md": "changes.html",
    "annotations/README.md": "annotations/index.html",
    "annotations/guidelines.md": "annotations/guidelines.html",
    "framing/saved/linear.md": "models/linear.html",
    "framing/saved/boosted.md": "models/boosted.html",
}


@pytest.fixture(scope="module")
def build(tmp_path_factory):
    """Build the site in a folder of its own: what was printed, and where it is."""
    site = tmp_path_factory.mktemp("site")
    place = {**os.environ, "PYTHONPATH": str(ROOT), "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "mkdocs", "build", "--strict", "--site-dir", site],
        cwd=ROOT, env=place, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    return done, site


@pytest.fixture(scope="module")
def site(build):
    done, site = build
    assert done.returncode == 0, done.stderr
    return site


@pytest.fixture(scope="module")
def pages(site):
    """The pages that came out, by their place."""
    found = {
        path.relative_to(site).as_posix(): path.read_text(encoding="utf-8")
        for path in site.rglob("*.html")
    }
    del found["404.html"]
    return found


def page_of(path):
    """Place of a page of docs/ on the site."""
    return path.relative_to(DOCS).with_suffix(".html").as_posix()


def plain(page):
    """The words of a page's article, without markup."""
    article = re.search(r"<article.*?</article>", page, re.DOTALL)[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", article))


def test_it_builds_without_a_warning(build):
    done, _ = build
    assert done.returncode == 0, done.stderr
    assert not re.search("WARNING|ERROR", done.stdout + done.stderr)


def test_every_page_is_there_and_in_the_menu(pages):
    wanted = {page_of(path) for path in DOCS.rglob("*.md")} | set(OUTSIDE.values())
    assert set(pages) == wanted
    menu = re.search(r'<nav class="md-nav md-nav--primary".*', pages["index.html"], re.DOTALL)[0]
    listed = set(re.findall(r'<a href="([^"#]+)"[^>]*class="md-nav__link', menu))
    assert {"index.html" if link == "./" else link for link in listed} >= wanted - {"index.html"}


@pytest.mark.parametrize("kind", ["linear", "boosted"])
def test_model_cards_are_those_beside_the_models(pages, kind):
    card = (ROOT / "framing" / "saved" / f"{kind}.md").read_text(encoding="utf-8")
    digest = re.search("[0-9a-f]{64}", card)[0]
    words = plain(pages[f"models/{kind}.html"])
    assert digest in words
    assert card.splitlines()[0].removeprefix("# ") in words


def test_nothing_is_loaded_from_elsewhere(site, pages):
    load = re.compile(
        r"""<(?:script|img|iframe|source|video|audio|embed|object)\b[^>]*\b(?:src|data)=["']?(?:https?:)?//"""
        r"""|<link\b(?![^>]*rel=["']?canonical)[^>]*href=["']?(?:https?:)?//"""
    )
    for place, page in pages.items():
        assert not load.search(page), f"{place}: {load.search(page)}"
    for style in site.rglob("*.css"):
        content = style.read_text(encoding="utf-8")
        assert not re.search(r"""(url\(|@import)\s*["']?(https?:)?//""", content), style
    assert load.search('<script async src="https://example.org/a.js">')
    assert load.search("<link rel=stylesheet href=//example.org/a.css>")


def test_links_and_anchors_lead_somewhere(site, pages):
    anchors = {place: set(re.findall(r'\bid="([^"]+)"', page)) for place, page in pages.items()}
    count = 0
    for place, page in pages.items():
        for link in re.findall(r'(?:href|src)="([^"]+)"', page):
            if re.match(r"[a-z]+:|#__|//", link):
                continue
            path, _, anchor = unquote(link).partition("#")
            target = (site / place).parent / path if path else site / place
            target = target / "index.html" if target.is_dir() else target
            assert target.is_file(), f"{place}: {link}"
            name = target.resolve().relative_to(site.resolve()).as_posix()
            assert not anchor or name not in anchors or anchor in anchors[name], f"{place}: {link}"
            count += 1
    assert count > 500


def test_lists_are_lists(pages):
    for place, page in pages.items():
        assert not re.search(r"<p>[^<]*\n- ", page), place


def test_the_colours_are_those_of_the_report(site):
    from framing.prediction import COLOURS

    style = (site / "stylesheets" / "devices.css").read_text(encoding="utf-8")
    for number, colour in enumerate(COLOURS):
        assert f"--device-{number}:{colour};" in style
        assert re.search(rf"^\.d{number} {{ --c: .*--line: .*--tile:", style, re.MULTILINE)


@pytest.mark.parametrize("name", ["report-light.png", "report-dark.png"])
def test_screenshots_are_small_and_stand_in_pages(site, pages, name):
    picture = DOCS / "images" / name
    content = picture.read_bytes()
    assert content.startswith(b"\x89PNG")
    assert len(content) < 300_000
    assert int.from_bytes(content[16:20], "big") == 1280
    assert (site / "images" / name).read_bytes() == content
    assert sum(f"images/{name}" in page for page in pages.values()) >= 2
