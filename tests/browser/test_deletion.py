"""Deleting a conversation: by pointer, by keyboard, without a script, and with another tab open."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import SignIn
from tests.browser.reading import ask, question, wait_until_settled

FOR_AXE = {"bypass_csp": True}


def asked(page: Page, words: str) -> str:
    """Ask in a new conversation; return its address."""
    page.goto("/chat/")
    ask(page, question(words))
    wait_until_settled(page)
    page.wait_for_url(re.compile(r"/chat/.{36}/"))
    return page.url


def test_keyboard_alone_deletes_and_keeps_the_place(sign_in: SignIn) -> None:
    page = sign_in()
    first = asked(page, "first")
    asked(page, "second")
    link = page.locator(f'[data-conversation="{first.split("/")[-2]}"] [data-delete]')
    link.focus()
    link.press("Enter")
    dialog = page.get_by_role("dialog", name="Delete the conversation?")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(link).to_be_focused()
    link.press("Enter")
    dialog.get_by_role("button", name="Delete").press("Enter")
    expect(link).to_have_count(0)
    assert page.evaluate("document.activeElement !== document.body")
    assert page.request.get(first).status == 404


def test_other_tab_shows_nothing_of_it_any_more(sign_in: SignIn) -> None:
    page = sign_in()
    address = asked(page, "shared")
    other = page.context.new_page()
    other.goto(address)
    expect(other.locator("[data-role=user]")).to_have_count(1)
    expect(other.get_by_text("Connected", exact=True)).to_be_visible()
    page.locator("[aria-current=page] + [data-delete]").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    for tab in (page, other):
        tab.wait_for_url("**/chat/")
        expect(tab.locator("[data-role=user]")).to_have_count(0)


def test_form_deletes_without_a_script(sign_in: SignIn, new_context) -> None:
    page = sign_in()
    address = asked(page, "plain")
    plain = new_context(java_script_enabled=False, storage_state=page.context.storage_state()).new_page()
    page.close()
    plain.goto(address)
    plain.locator("[aria-current=page] + [data-delete]").click()
    plain.get_by_role("button", name="Delete").click()
    expect(plain.get_by_text("The conversation is deleted.")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_of_one_s_own_data_are_accessible(sign_in: SignIn, scheme: str) -> None:
    page = sign_in(color_scheme=scheme, **FOR_AXE)
    asked(page, "axe")
    page.locator("[aria-current=page] + [data-delete]").click()
    assert violations(page) == []
    page.goto("/accounts/data/")
    assert violations(page) == []
    with page.expect_download() as download:
        page.get_by_role("button", name="Download your data").click()
    assert download.value.suggested_filename.endswith(".zip")
    page.get_by_role("link", name="Delete the account").click()
    assert violations(page) == []
