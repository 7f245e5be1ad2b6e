"""Thumbs under an answer: by keyboard, with reasons and words, after a reload, and in a second tab."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import SignIn
from tests.browser.reading import ask, question, wait_until_settled
from tests.browser.test_deletion import asked

FOR_AXE = {"bypass_csp": True}


def thumb(page: Page, name: str) -> Locator:
    return page.get_by_role("group", name="Rate this answer").last.get_by_role(
        "button", name=name, exact=True
    )


def test_keyboard_alone_rates_and_says_why(sign_in: SignIn) -> None:
    page = sign_in()
    address = asked(page, "rated by keyboard")
    down = thumb(page, "Not helpful")
    expect(down).to_have_attribute("aria-pressed", "false")
    down.press("Enter")
    expect(down).to_have_attribute("aria-pressed", "true")
    expect(down).to_be_focused()
    status = page.locator("[data-part=status]")
    expect(status).to_have_text("Thank you for your rating.")
    panel = page.get_by_role("group", name="What went wrong?")
    missing, unclear = (panel.get_by_role("button", name=name) for name in ("missing", "Hard to"))
    missing.first.press("Space")
    unclear.press("Space")
    expect(missing.first).to_have_attribute("aria-pressed", "true")
    panel.get_by_role("textbox").fill("Write to alice.private@example.com")
    panel.get_by_role("button", name="Send").press("Enter")
    expect(panel).to_be_hidden()
    expect(down).to_be_focused()
    page.goto(address)
    expect(thumb(page, "Not helpful")).to_have_attribute("aria-pressed", "true")
    thumb(page, "Say more").click()
    expect(missing.first).to_have_attribute("aria-pressed", "true")
    expect(panel.get_by_role("textbox")).to_have_value("Write to [EMAIL]")
    page.keyboard.press("Escape")
    panel.get_by_role("textbox").press("Escape")
    expect(panel).to_be_hidden()


def test_other_tab_shows_the_rating_and_that_it_is_taken_back(sign_in: SignIn) -> None:
    page = sign_in()
    address = asked(page, "rated in two tabs")
    other = page.context.new_page()
    other.goto(address)
    expect(other.get_by_text("Connected", exact=True)).to_be_visible()
    thumb(page, "Helpful").click()
    for tab in (page, other):
        expect(thumb(tab, "Helpful")).to_have_attribute("aria-pressed", "true")
    thumb(page, "Not helpful").click()
    expect(thumb(other, "Not helpful")).to_have_attribute("aria-pressed", "true")
    expect(thumb(other, "Helpful")).to_have_attribute("aria-pressed", "false")
    thumb(page, "Not helpful").click()
    for tab in (page, other):
        expect(thumb(tab, "Not helpful")).to_have_attribute("aria-pressed", "false")
    expect(page.locator("[data-part=status]")).to_have_text("Your rating is taken back.")
    expect(page.get_by_role("group", name="What went wrong?")).to_be_hidden()


def test_what_could_not_be_kept_is_not_shown(sign_in: SignIn, complaints) -> None:
    page = sign_in()
    asked(page, "rated while away")
    complaints.is_away = True
    page.route("**/rating", lambda route: route.abort())
    thumb(page, "Helpful").click()
    expect(page.locator("[data-part=problem]")).to_be_visible()
    expect(thumb(page, "Helpful")).to_have_attribute("aria-pressed", "false")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1180])
def test_panel_is_accessible(sign_in: SignIn, scheme: str, width: int) -> None:
    page = sign_in(**FOR_AXE, color_scheme=scheme, viewport={"width": width, "height": 860})
    page.goto("/chat/")
    ask(page, question("rated and looked at"))
    wait_until_settled(page)
    thumb(page, "Not helpful").click()
    panel = page.get_by_role("group", name="What went wrong?")
    panel.get_by_role("button", name="Something is missing").click()
    panel.scroll_into_view_if_needed()
    assert violations(page) == []
