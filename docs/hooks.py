"""What the site needs besides docs/: pages from elsewhere, links to them, colours, the order.

The pages are written so that their links lead somewhere in the repository. Here every link is
followed there first and then turned into the place of that file on the site.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation, Section
from mkdocs.structure.pages import Page

from framing.output.html import devices_style

ROOT = Path(__file__).parents[1]
PAGES = {
    "README.md": "about.md",
    "CHANGELOG.md": "changes.md",
    "annotations/README.md": "annotations/index.md",
    "annotations/guidelines.md": "annotations/guidelines.md",
    "framing/saved/linear.md": "models/linear.md",
    "framing/saved/boosted.md": "models/boosted.md",
}
"""Pages outside docs/, by their path in the repository, and where they stand on the site."""
ORDER = ("index", "about", "tutorial", "how to", "explanation", "reference", "models",
         "annotations", "changes")  # fmt: skip
"""The menu: pages and folders; what is not named comes after these."""
COLOURS = "stylesheets/devices.css"
_FOR_THE_SITE = """
:root { --shade: #000 18%; --tint: 13%; }
[data-md-color-scheme="slate"] { --shade: #fff 32%; --tint: 17%; }
.md-typeset mark { color: inherit; padding-bottom: 4px; -webkit-box-decoration-break: clone;
  box-decoration-break: clone; background: var(--line) 0 100% / var(--tile) repeat-x,
  color-mix(in srgb, var(--c) var(--tint), transparent); }
.md-typeset table:not([class]) td { vertical-align: top; }
.md-typeset img { border: 1px solid var(--md-default-fg-color--lightest); }
"""
_LINK = re.compile(r"(?<=\]\()([^)\s]+)(?=\))")
_CODE = re.compile(r"^```.*?^```$|`[^`\n]*`", re.MULTILINE | re.DOTALL)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Bring in the pages from outside, what any page links to, and the colours."""
    for source, target in PAGES.items():
        files.append(File.generated(config, target, abs_src_path=str(ROOT / source)))
    files.append(File.generated(config, COLOURS, content=devices_style() + _FOR_THE_SITE))
    known = {file.src_uri for file in files}
    for file in list(files.documentation_pages()):
        for link in links(file.content_string):
            target = place(repository_path(file.src_uri), link)
            path = ROOT / (source_of(target) if target else "")
            if target and target not in known and path.is_file():
                known.add(target)
                files.append(File.generated(config, target, abs_src_path=str(path)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Turn links of the repository into links of the site."""
    here = page.file.src_uri
    code = [range(*found.span()) for found in _CODE.finditer(markdown)]

    def turned(match: re.Match[str]) -> str:
        link = match[1]
        target = place(repository_path(here), link)
        if not target or any(match.start() in each for each in code):
            return link
        mark = "#" + link.partition("#")[2] if "#" in link else ""
        return posixpath.relpath(target, posixpath.dirname(here) or ".") + mark

    return _LINK.sub(turned, markdown)


def on_nav(nav: Navigation, config: MkDocsConfig, files: Files) -> Navigation:
    """Order the menu."""

    def rank(item: Any) -> tuple[int, str]:
        section = isinstance(item, Section)
        name = item.title.lower() if section else Path(item.file.src_uri).stem
        return (ORDER.index(name) if name in ORDER else len(ORDER), name)

    nav.items.sort(key=rank)
    nav.pages[:] = [page for item in nav.items for page in below(item)]
    for number, page in enumerate(nav.pages):
        page.previous_page = nav.pages[number - 1] if number else None
        page.next_page = nav.pages[number + 1] if number + 1 < len(nav.pages) else None
    return nav


def below(item: Any) -> list[Page]:
    """Pages of a part of the menu, in order."""
    if isinstance(item, Section):
        return [page for each in item.children for page in below(each)]
    return [item] if isinstance(item, Page) else []


def links(markdown: str) -> list[str]:
    """Links of a page, without those in code."""
    return [match[1] for match in _LINK.finditer(_CODE.sub("", markdown))]


def repository_path(source: str) -> str:
    """Where a page of the site stands in the repository."""
    return next((path for path, target in PAGES.items() if target == source), f"docs/{source}")


def source_of(target: str) -> str:
    """Where a file of the site comes from."""
    if target.startswith("files/"):
        return target.removeprefix("files/")
    return repository_path(target)


def place(here: str, link: str) -> str | None:
    """Place on the site of what a page of the repository links to; None for other links.

    Files outside docs/ that are no pages come under `files/`.
    """
    path = unquote(link.partition("#")[0])
    if not path or re.match(r"[a-z]+:|/", link):
        return None
    target = posixpath.normpath(posixpath.join(posixpath.dirname(here), path))
    if target in PAGES:
        return PAGES[target]
    return target.removeprefix("docs/") if target.startswith("docs/") else f"files/{target}"
