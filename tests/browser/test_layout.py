"""The pages on a phone, in the dark, and for people who use assistive technology."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import SignIn
from tests.browser.product import Product
from tests.browser.reading import ask, question, wait_until_settled

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
NARROWEST = {"viewport": {"width": 320, "height": 640}}
# axe itself styles what it measures, which the page's own policy forbids.
FOR_AXE = {"bypass_csp": True}


def scrolls_sideways(page: Page) -> bool:
    """Tell whether anything stands out at the side."""
    return page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


@pytest.mark.parametrize("screen", [PHONE, NARROWEST], ids=["390", "320"])
def test_nothing_scrolls_sideways(sign_in: SignIn, screen: dict[str, object]) -> None:
    page = sign_in(**screen)
    assert not scrolls_sideways(page)
    ask(page, f"{question('narrow')} {'unbroken' * 30}")
    wait_until_settled(page)
    assert not scrolls_sideways(page)
    page.locator("button.source").first.click()
    expect(page.get_by_role("dialog")).to_be_in_viewport(ratio=0.99)
    page.goto(page.get_by_role("link", name="Open the policy").get_attribute("href"))
    assert not scrolls_sideways(page)


def test_phone_keeps_conversations_in_a_drawer(sign_in: SignIn) -> None:
    page = sign_in(**PHONE)
    expect(page.get_by_role("link", name="New conversation")).to_be_hidden()
    opener = page.get_by_role("button", name="Conversations")
    opener.click()
    expect(page.get_by_role("link", name="New conversation")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="New conversation")).to_be_hidden()
    expect(opener).to_be_focused()


def test_theme_is_kept_and_comes_from_the_server(sign_in: SignIn) -> None:
    page = sign_in()
    light = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    page.get_by_role("button", name="Account and display").click()
    page.get_by_role("button", name="Dark").click()
    dark = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert dark != light
    response = page.reload()
    assert response is not None and 'data-theme="dark"' in response.text()
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == dark


def test_nothing_moves_for_people_who_asked_for_stillness(sign_in: SignIn) -> None:
    page = sign_in(reduced_motion="reduce")
    ask(page, question("still"))
    page.locator(".progress").wait_for(state="attached")
    assert page.evaluate("document.getAnimations().length") == 0


def sign_in_page(context: BrowserContext, site: Product) -> Page:
    """Open the sign-in page with an error on it."""
    page = context.new_page()
    page.goto(site.url)
    page.get_by_label("User name").fill("nobody")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_sign_in_page_is_accessible(new_context, site: Product, scheme: str) -> None:
    page = sign_in_page(new_context(color_scheme=scheme, **FOR_AXE), site)
    assert violations(page) == []
    page.get_by_role("link", name="Make an account").click()
    expect(page.get_by_role("heading", name="Make an account")).to_be_visible()
    assert violations(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_chat_and_document_are_accessible(sign_in: SignIn, scheme: str) -> None:
    page = sign_in(color_scheme=scheme, **FOR_AXE)
    assert violations(page) == []
    ask(page, question("axe"))
    page.locator(".progress").wait_for(state="attached")
    wait_until_settled(page)
    assert violations(page) == []
    page.get_by_role("button", name=re.compile("^Source 1:")).first.click()
    assert violations(page) == []
    page.goto(page.get_by_role("link", name="Open the policy").get_attribute("href"))
    assert violations(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_phone_is_accessible(sign_in: SignIn, scheme: str) -> None:
    page = sign_in(color_scheme=scheme, **PHONE, **FOR_AXE)
    page.get_by_role("button", name="Conversations").click()
    assert violations(page) == []


def test_admin_has_no_policy_violations(site: Product, new_context) -> None:
    page = new_context().new_page()
    page.goto(f"{site.url}/admin/")
    page.get_by_label("User name").fill("carol")
    page.get_by_label("Password").fill("larkwing-demo")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/admin/")
    for path in ("accounts/user/", "accounts/user/add/", "chat/conversation/", "knowledge/document/"):
        response = page.goto(f"{site.url}/admin/{path}")
        assert response is not None and response.ok, path
