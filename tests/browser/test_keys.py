"""Keys and applications, in a real browser: made, shown once, taken back; and the way to an application."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import SignIn
from tests.browser.product import Product

FOR_AXE = {"bypass_csp": True}  # axe itself styles what it measures, which the page's own policy forbids
PHONE = {"viewport": {"width": 390, "height": 844}}
ASKED = (
    "/oauth/authorize?response_type=code&client_id={client}&redirect_uri=https://app.example/back"
    "&scope=chat:read+chat:write&state=s&code_challenge_method=S256&code_challenge=" + "A" * 43
)


@pytest.fixture
def application(sign_in: SignIn) -> str:
    """An application that staff have registered; its id."""
    page = sign_in("carol")
    page.goto("/admin/allauth_idp_oidc/client/add/")
    page.locator("#id_name").fill("Trip planner")
    page.locator("#id_type").select_option("public")
    page.locator("#id_redirect_uris").fill("https://app.example/back")
    page.get_by_label("chat:write").check()
    page.get_by_role("button", name="Save", exact=True).click()
    page.locator("#result_list").get_by_role("link", name="Trip planner").first.click()
    page.wait_for_url("**/change/")
    return page.url.rstrip("/").split("/")[-2]


def test_key_is_shown_once_and_revoked(sign_in: SignIn) -> None:
    page = sign_in()
    page.goto("/accounts/keys/")
    page.get_by_label("What uses it").fill("Browser test")
    page.get_by_role("button", name="Make the key").click()
    value = page.locator("[data-made-key]").inner_text()
    assert re.fullmatch(r"csk_[\w-]{43}", value)
    page.goto("/accounts/keys/")
    assert value not in page.content()
    page.get_by_role("button", name="Revoke the key Browser test").first.click()
    expect(page.get_by_role("main")).to_contain_text("is revoked")


def test_person_lets_an_application_in_and_takes_it_back(sign_in: SignIn, application: str) -> None:
    page = sign_in()
    page.route("https://app.example/**", lambda route: route.fulfill(body="You are here."))
    page.goto(ASKED.format(client=application))
    page.get_by_role("button", name="Let it in").click()
    page.wait_for_url("https://app.example/back?code=*")
    assert "state=s" in page.url


def accessible(page: Page) -> None:
    assert violations(page) == []
    assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_are_accessible(sign_in: SignIn, application: str, site: Product, scheme: str) -> None:
    page = sign_in(color_scheme=scheme, **FOR_AXE, **PHONE)
    page.goto("/accounts/keys/")
    accessible(page)
    page.goto(ASKED.format(client=application))
    expect(page.get_by_role("heading", name="Let Trip planner in?")).to_be_visible()
    accessible(page)
