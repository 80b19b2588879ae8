"""Take the pictures of the report that stand in the pages, in headless Chromium.

    python docs/screenshots.py

scores docs/examples with the default model and writes docs/images/report-light.png (the folder)
and docs/images/report-dark.png (an article, with the reason for a span). It needs `chromium` and
`chromedriver` on the path and the extra `test`. Take them anew when the report or the models change.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from click.testing import CliRunner

from framing.cli import main as command

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
SIZE = (1280, 860)
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--hide-scrollbars")  # fmt: skip
SHOTS = {"report-light": ("light", ""), "report-dark": ("dark", "column-clock.txt")}
"""Colour scheme of each picture, and the article that is open on it."""
_OPEN = """
const links = Array.from(document.querySelectorAll("#table tbody tr"));
const row = links.find((each) => each.textContent.includes(arguments[0]));
location.hash = row.querySelector("a").hash;
"""
_ASK_WHY = """
const names = Array.from(document.querySelectorAll("#text button"));
names.find((each) => each.textContent === "LA" || each.textContent === "LL").focus();
"""


@contextmanager
def browser(scheme: str = "light", size: tuple[int, int] = SIZE) -> Iterator[Any]:
    """A headless Chromium of a size and colour scheme."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or shutil.which("chromium-browser") or ""
    for flag in FLAGS:
        options.add_argument(flag)
    driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    try:
        width, height = size
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        feature = {"name": "prefers-color-scheme", "value": scheme}
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
        yield driver
    finally:
        driver.quit()


def report(path: Path, model: str = "boosted") -> None:
    """Write the report on the example articles."""
    arguments = ["score", "docs/examples", "--model", model, "--output", str(path)]
    with chdir(ROOT):
        result = CliRunner().invoke(command, arguments, catch_exceptions=False)
    if result.exit_code:
        raise SystemExit(result.output)


def take(page: Path, target: Path, scheme: str, article: str, size: tuple[int, int] = SIZE) -> None:
    """Take one picture."""
    from selenium.webdriver.support.ui import WebDriverWait

    with browser(scheme, size) as driver:
        driver.get(page.as_uri())
        if article:
            driver.execute_script(_OPEN, article)
            wait = WebDriverWait(driver, 10)
            wait.until(lambda d: d.execute_script("return document.querySelector('#text button')"))
            driver.execute_script(_ASK_WHY)
        driver.save_screenshot(str(target))


def main() -> None:
    """Take all pictures."""
    with TemporaryDirectory() as folder:
        page = Path(folder, "report.html")
        report(page)
        for name, (scheme, article) in SHOTS.items():
            take(page, IMAGES / f"{name}.png", scheme, article)


if __name__ == "__main__":
    main()
