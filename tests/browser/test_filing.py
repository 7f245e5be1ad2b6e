"""Finding, naming and putting away conversations: by pointer, by keyboard, without a script, in two tabs."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import SignIn
from tests.browser.reading import ask, question, wait_until_settled

FOR_AXE = {"bypass_csp": True}
PHONE = {"width": 390, "height": 844}


@pytest.fixture(autouse=True)
def quick_answers(model, slow_answers) -> None:
    """Nobody watches these answers."""
    model.script(delay=0.01, interval=0.001, tokens=20)


def asked(page: Page, mark: str) -> str:
    """Ask in a new conversation; return its id."""
    page.goto("/chat/")
    ask(page, question(mark))
    wait_until_settled(page)
    page.wait_for_url(re.compile(r"/chat/.{36}/"))
    return page.url.split("/")[-2]


def menu(page: Page):
    page.get_by_role("button", name="This conversation").click()
    return page.locator("#filing")


def test_keyboard_renames_and_the_other_tab_follows(sign_in: SignIn) -> None:
    page = sign_in()
    conversation = asked(page, "rename")
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.get_by_text("Connected", exact=True)).to_be_visible()
    opener = page.get_by_role("button", name="This conversation")
    opener.press("Enter")
    page.locator("#filing").get_by_role("link", name="Rename").press("Enter")
    expect(page.get_by_role("dialog", name="Rename the conversation")).to_be_visible()
    page.keyboard.type("Bags for Lisbon")
    page.keyboard.press("Enter")
    for tab in (page, other):
        expect(tab.get_by_role("heading", level=1)).to_have_text("Bags for Lisbon")
        expect(tab.locator(f'.shelf-list [data-conversation="{conversation}"]')).to_contain_text(
            "Bags for Lisbon"
        )
    expect(opener).to_be_focused()
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Bags for Lisbon")


def test_question_takes_a_conversation_out_of_the_archive(sign_in: SignIn) -> None:
    page = sign_in()
    conversation = asked(page, "archive")
    menu(page).get_by_role("button", name="Archive", exact=True).click()
    badge = page.locator(".thread-head .badge")
    expect(badge).to_be_visible()
    page.goto("/chat/")
    expect(page.locator(f'[data-conversation="{conversation}"]')).to_have_count(0)
    page.goto(f"/chat/{conversation}/")
    expect(badge).to_be_visible()
    ask(page, question("again"))
    expect(badge).to_be_hidden()
    wait_until_settled(page, 2)
    page.goto("/chat/")
    expect(page.locator(f'.shelf-list [data-conversation="{conversation}"]')).to_be_visible()


def test_search_finds_what_was_answered_also_in_the_archive(sign_in: SignIn) -> None:
    page = sign_in()
    conversation = asked(page, "quokka")
    menu(page).get_by_role("button", name="Archive", exact=True).click()
    expect(page.locator(".thread-head .badge")).to_be_visible()
    page.goto("/chat/")
    page.get_by_label("Search your conversations").fill("QUOKKAW0007")
    found = page.locator(f'.shelf-list [data-conversation="{conversation}"]')
    expect(found.locator("mark").first).to_have_text("quokkaw0007")
    expect(page.get_by_text("1 conversation found")).to_be_visible()
    page.get_by_label("Search your conversations").press("Enter")
    page.wait_for_url("**/chat/history/?q=QUOKKAW0007")
    expect(page.locator(f'[data-conversation="{conversation}"]')).to_contain_text("archived")


def test_everything_works_without_a_script(sign_in: SignIn, new_context) -> None:
    page = sign_in()
    conversation = asked(page, "scriptless")
    plain = new_context(
        java_script_enabled=False, storage_state=page.context.storage_state(), viewport=PHONE
    ).new_page()
    page.close()
    plain.goto(f"/chat/{conversation}/")
    menu(plain).get_by_role("link", name="Rename").click()
    plain.get_by_label("Title").fill("Plain bags")
    plain.get_by_role("button", name="Save").click()
    expect(plain.get_by_role("heading", level=1)).to_have_text("Plain bags")
    plain.goto("/chat/history/")
    plain.get_by_role("button", name="Archive “Plain bags”").click()
    expect(plain.get_by_text("The conversation is in the archive.")).to_be_visible()
    plain.get_by_label("Search titles and messages").fill("scriptlessw0003")
    plain.get_by_role("button", name="Search").click()
    expect(plain.locator("mark")).to_have_text(["scriptlessw0003"])
    plain.get_by_role("button", name="Take out “Plain bags”").click()
    expect(plain.get_by_role("button", name="Archive “Plain bags”")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_are_accessible_and_fit_a_phone(sign_in: SignIn, scheme: str) -> None:
    page = sign_in(color_scheme=scheme, viewport=PHONE, **FOR_AXE)
    asked(page, "axe")
    menu(page).get_by_role("button", name="Archive", exact=True).click()
    expect(page.locator(".thread-head .badge")).to_be_visible()
    assert violations(page) == []
    for open_it in (
        lambda: menu(page),
        lambda: page.locator("#filing").get_by_role("link", name="Rename").click(),
    ):
        open_it()
        assert violations(page) == []
    for path in ("/chat/history/", "/chat/history/?archived=true", "/chat/history/?q=bags"):
        page.goto(path)
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.locator(".history .row-acts a").first.click()
    assert violations(page) == []
