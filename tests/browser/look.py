"""Open an HTML report in Chromium: axe-core's rules, sideways scrolling, and pictures to look at.

    python tests/browser/look.py report.html --axe node_modules/axe-core/axe.min.js --pictures folder

It needs Chromium, playwright and axe-core, so it is no part of the tests.
"""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator


class View(NamedTuple):
    """One way of looking at a page."""

    name: str
    width: int
    scheme: str


VIEWS = (
    View("wide", 1200, "light"),
    View("wide-dark", 1200, "dark"),
    View("tablet", 768, "light"),
    View("phone", 320, "light"),
    View("phone-dark", 320, "dark"),
)


def main() -> int:
    """Look at the page in every view; return 1 where something is wrong."""
    options = _options()
    problems = [problem for view in VIEWS for problem in _look(view, options)]
    said = [*problems, f"{len(VIEWS)} views, {len(problems)} problems"]
    sys.stdout.writelines(f"{line}\n" for line in said)
    return 1 if problems else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Look at an HTML report in Chromium.")
    parser.add_argument("page", type=Path)
    parser.add_argument("--axe", type=Path, required=True, help="axe.min.js of the package axe-core")
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    parser.add_argument("--pictures", type=Path, help="a folder for a picture of each view")
    return parser.parse_args()


def _look(view: View, options: argparse.Namespace) -> Iterator[str]:
    # Found only now: it is no dependency of the tests.
    with import_module("playwright.sync_api").sync_playwright() as running:
        browser = running.chromium.launch(
            executable_path=options.chromium, args=["--no-sandbox", "--disable-background-networking"]
        )
        page = browser.new_page(
            viewport={"width": view.width, "height": 900}, color_scheme=view.scheme, bypass_csp=True
        )
        page.goto(options.page.resolve().as_uri())
        if options.pictures:
            options.pictures.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=options.pictures / f"{view.name}.png", full_page=False)
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            yield f"{view.name}: the page scrolls sideways"
        page.evaluate(options.axe.read_text(encoding="utf-8"))
        found: dict[str, Any] = page.evaluate("axe.run()")
        for violation in found["violations"]:
            places = ", ".join(str(node["target"]) for node in violation["nodes"][:3])
            yield f"{view.name}: {violation['id']}: {violation['help']}: {places}"
        browser.close()


if __name__ == "__main__":
    sys.exit(main())
