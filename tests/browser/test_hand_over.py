"""A person of the staff: offered to people who are cross, asked for with one press, said honestly."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from benchmarks.fake_provider import FakeProvider
from tests.browser.axe import violations
from tests.browser.conftest import SignIn
from tests.browser.reading import answer_of, ask, question, wait_until_settled
from tests.browser.test_layout import FOR_AXE, PHONE, scrolls_sideways

WIDE = {"viewport": {"width": 1180, "height": 900}}
WANT = "Please have a person look at this"


def photograph(page: Page, name: str) -> None:
    """Keep a picture where HAND_OVER_PICTURES says, for people to look at."""
    if folder := os.environ.get("HAND_OVER_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", [WIDE, PHONE], ids=["1180", "390"])
def test_angry_person_in_a_hurry_is_offered_somebody_and_told_honestly(
    sign_in: SignIn, model: FakeProvider, screen: dict[str, object], scheme: str
) -> None:
    model.script(delay=0, interval=0)
    page = sign_in(color_scheme=scheme, **screen, **FOR_AXE)
    offer = page.get_by_role("button", name=WANT)
    ask(page, f"You thieves, my flight leaves in three hours! {question('cross')}")
    wait_until_settled(page)
    expect(page.get_by_role("note").filter(has_text="automated assistant")).to_contain_text("A person")
    assert not scrolls_sideways(page) and violations(page) == []
    photograph(page, f"offer-{screen['viewport']['width']}-{scheme}")
    offer.click()
    wait_until_settled(page, 2)
    assert "on the list of those that wait for a person" in answer_of(page)
    assert "cannot promise when" in answer_of(page)
    photograph(page, f"confirmed-{screen['viewport']['width']}-{scheme}")
    page.reload()
    expect(page.get_by_role("note").filter(has_text="automated assistant")).to_contain_text("A person")
