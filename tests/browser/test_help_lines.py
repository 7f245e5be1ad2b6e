"""Help lines on the page: shown with care, reachable by every means, on every screen."""

import json
import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from benchmarks.fake_provider import FakeProvider
from tests.browser.axe import violations
from tests.browser.conftest import SignIn
from tests.browser.reading import ask, question, wait_until_settled
from tests.browser.test_layout import FOR_AXE, PHONE, scrolls_sideways

WIDE = {"viewport": {"width": 1180, "height": 900}}
STRONG = "Can you refund my mother? I want to kill myself"
WEAK = "I cant take it anymore"
SURE = json.dumps({"is_crisis": True, "confidence": 0.9, "reason": "wish to die"})
UNSURE = json.dumps({"is_crisis": True, "confidence": 0.5, "reason": "unclear"})


def photograph(page: Page, name: str) -> None:
    """Keep a picture where CRISIS_PICTURES says, for people to look at."""
    if folder := os.environ.get("CRISIS_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", [WIDE, PHONE], ids=["1180", "390"])
def test_person_in_danger_sees_lines_to_call(
    sign_in: SignIn, model: FakeProvider, screen: dict[str, object], scheme: str
) -> None:
    model.script(verdict=SURE, delay=0, interval=0)
    page = sign_in(color_scheme=scheme, locale="en-GB", **screen, **FOR_AXE)
    ask(page, STRONG)
    wait_until_settled(page, seconds=15)
    help_lines = page.get_by_role("region", name="You can talk to someone now")
    call = help_lines.get_by_role("link", name="Call 116 123: Samaritans")
    expect(call).to_have_attribute("href", "tel:116123")
    expect(help_lines.get_by_role("link", name="Website, opens in a new tab").first).to_have_attribute(
        "href", "https://www.samaritans.org"
    )
    assert call.bounding_box()["height"] >= 44
    assert not scrolls_sideways(page) and violations(page) == []
    expect(page.locator(".quick-replies button")).to_have_count(0)
    photograph(page, f"protocol-{screen['viewport']['width']}-{scheme}")
    page.reload()
    expect(help_lines.get_by_role("link", name="Call 116 123: Samaritans")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_lines_stand_beside_an_ordinary_answer(sign_in: SignIn, model: FakeProvider, scheme: str) -> None:
    model.script(verdict=UNSURE, delay=0, interval=0)
    page = sign_in(color_scheme=scheme, **PHONE, **FOR_AXE)
    ask(page, f"{question('soft')} {WEAK}")
    wait_until_settled(page, seconds=15)
    expect(page.get_by_role("region", name="You can talk to someone now")).to_be_visible()
    expect(page.get_by_role("region", name="Sources")).to_be_visible()
    assert not scrolls_sideways(page) and violations(page) == []
    photograph(page, f"support-390-{scheme}")


def test_page_without_scripts_shows_the_lines(sign_in: SignIn, model: FakeProvider) -> None:
    model.script(verdict=SURE, delay=0, interval=0)
    page = sign_in(**PHONE)
    ask(page, STRONG)
    wait_until_settled(page, seconds=15)
    html = page.request.get(page.url).text()
    assert 'href="tel:' in html and "You can talk to someone now" in html
