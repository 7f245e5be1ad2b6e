"""Automatic accessibility checks with axe-core: WCAG 2.2 A and AA, and good practice."""

from functools import cache
from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@cache
def _source() -> str:
    return AXE.read_text(encoding="utf-8")


def violations(page: Page) -> list[str]:
    """Return what axe finds wrong on the page, one line for each element."""
    page.evaluate(_source())  # evaluated, because the page's own policy admits no added script
    found = page.evaluate("(tags) => axe.run(document, { runOnly: { type: 'tag', values: tags } })", TAGS)[
        "violations"
    ]
    return [f"{rule['id']}: {node['html'][:200]}" for rule in found for node in rule["nodes"]]
