"""A customer's way through a conversation: ask, read, check the source, stop, come back."""

import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from benchmarks.fake_provider import FakeProvider
from tests.browser.conftest import Complaints, SignIn
from tests.browser.product import Product
from tests.browser.reading import (
    answer_of,
    answers,
    ask,
    expected_answer,
    question,
    wait_for_text,
    wait_until_settled,
)


def test_answer_streams_and_is_cited(sign_in: SignIn, model: FakeProvider) -> None:
    model.script(interval=0.08)
    page = sign_in()
    ask(page, question("one"))
    wait_for_text(page, "onew0005")
    assert "onew0060" not in answers(page).last.inner_text()
    wait_until_settled(page)
    assert answer_of(page) == expected_answer("one")
    expect(page.get_by_role("region", name="Sources").get_by_role("listitem")).to_have_count(1)


def test_citation_opens_the_passage(sign_in: SignIn) -> None:
    page = sign_in()
    ask(page, question("cited"))
    wait_until_settled(page)
    marker = page.get_by_role("button", name=re.compile("^Source 1:")).first
    marker.click()
    popover = page.get_by_role("dialog")
    expect(popover).to_contain_text("in force from")
    with page.context.expect_page() as opened:
        popover.get_by_role("link", name="Open the policy").click()
    expect(opened.value.locator("#cited")).to_be_visible()


def test_closing_a_source_returns_the_focus(sign_in: SignIn) -> None:
    page = sign_in()
    ask(page, question("focus"))
    wait_until_settled(page)
    marker = page.get_by_role("button", name=re.compile("^Source 1:")).first
    marker.press("Enter")
    expect(page.get_by_role("dialog").get_by_role("heading")).to_be_focused()
    page.keyboard.press("Escape")
    expect(marker).to_be_focused()


def test_reload_in_mid_answer_ends_the_same(sign_in: SignIn) -> None:
    page = sign_in()
    ask(page, question("again"))
    wait_for_text(page, "againw0008")
    page.reload()
    wait_until_settled(page)
    assert answer_of(page) == expected_answer("again")
    page.reload()
    assert answer_of(page) == expected_answer("again")


def test_two_tabs_stay_in_step(sign_in: SignIn) -> None:
    page = sign_in()
    ask(page, question("first"))
    wait_until_settled(page)
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.get_by_text("Connected", exact=True)).to_be_visible()
    ask(page, question("second"))
    wait_for_text(other, "secondw0005")
    wait_until_settled(other, 2)
    wait_until_settled(page, 2)
    assert answer_of(other) == answer_of(page) == expected_answer("second")
    expect(other.locator("[data-role=user]")).to_have_count(2)


def test_stop_keeps_the_text(sign_in: SignIn, model: FakeProvider) -> None:
    model.script(tokens=600)
    page = sign_in()
    ask(page, question("stop"))
    wait_for_text(page, "stopw0008")
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Stopped. What was written until then is kept.")).to_be_visible()
    kept = answer_of(page)
    assert expected_answer("stop", 600).startswith(kept)
    page.reload()
    assert answer_of(page) == kept


def test_escape_stops(sign_in: SignIn, model: FakeProvider) -> None:
    model.script(tokens=600)
    page = sign_in()
    ask(page, question("escape"))
    wait_for_text(page, "escapew0003")
    page.keyboard.press("Escape")
    expect(page.locator("[data-outcome=stopped]")).to_be_visible()
    expect(page.get_by_label("Your question")).to_be_focused()


def test_stopped_question_can_be_asked_again(sign_in: SignIn, model: FakeProvider) -> None:
    model.script(tokens=600)
    page = sign_in()
    ask(page, question("more"))
    wait_for_text(page, "morew0003")
    page.keyboard.press("Escape")
    model.script(tokens=60)
    page.get_by_role("button", name="Ask again").click()
    wait_until_settled(page, 2)
    assert answer_of(page) == expected_answer("more")


def test_starter_begins_a_conversation(sign_in: SignIn) -> None:
    page = sign_in()
    page.get_by_role("button", name="How many bags can I check in").click()
    wait_until_settled(page)
    assert re.search(r"/chat/[0-9a-f-]{36}/$", page.url)
    expect(page.get_by_role("navigation").locator("[aria-current=page]")).to_contain_text("How many bags")


def test_enter_sends_and_shift_enter_breaks_the_line(sign_in: SignIn) -> None:
    page = sign_in()
    box = page.get_by_label("Your question")
    box.press_sequentially("One")
    box.press("Shift+Enter")
    box.press_sequentially("Two #lines")
    assert box.input_value() == "One\nTwo #lines"
    box.press("Enter")
    expect(page.locator(".bubble")).to_have_text("One\nTwo #lines")
    expect(box).to_have_value("")
    box.press("ArrowUp")
    expect(box).to_have_value("One\nTwo #lines")


def test_draft_survives_a_reload(sign_in: SignIn) -> None:
    page = sign_in()
    page.get_by_label("Your question").fill("Half a quest")
    page.reload()
    expect(page.get_by_label("Your question")).to_have_value("Half a quest")


def test_too_long_question_stays_in_the_box(sign_in: SignIn) -> None:
    page = sign_in()
    box = page.get_by_label("Your question")
    box.fill("x" * 4_001)
    expect(page.get_by_text("1 character too many")).to_be_visible()
    expect(page.get_by_role("button", name="Send")).to_be_disabled()


def test_search_finds_conversations(sign_in: SignIn) -> None:
    page = sign_in("carol")
    for words in ("What about my GUITAR?", "What about my dog?"):
        page.goto(page.url.split("/chat/")[0] + "/chat/")
        ask(page, words)
        wait_until_settled(page)
    page.get_by_label("Search your conversations").fill("guitár")
    expect(page.get_by_role("navigation").get_by_role("listitem")).to_have_count(1)
    expect(page.get_by_text("1 conversation found")).to_be_visible()


def test_foreign_conversation_is_missing(sign_in: SignIn, complaints: Complaints) -> None:
    alice = sign_in()
    ask(alice, question("mine"))
    wait_until_settled(alice)
    bob = sign_in("bob")
    complaints.is_away = True  # the browser writes a 404 down as an error
    response = bob.goto(alice.url)
    assert response is not None and response.status == 404
    assert "mine" not in bob.inner_text("body")


def test_signing_out_forgets_drafts(sign_in: SignIn) -> None:
    page = sign_in()
    page.get_by_label("Your question").fill("My secret")
    page.get_by_role("button", name="Account and display").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in/")
    assert page.evaluate("Object.keys(localStorage)") == []


def test_page_works_without_a_script(sign_in: SignIn, model: FakeProvider) -> None:
    model.script(interval=0.005)
    page = sign_in(java_script_enabled=False)
    page.get_by_label("Your question").fill(question("plain"))
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".stub .source")).to_be_visible()
    assert answer_of(page) == expected_answer("plain")


def test_screen_readers_hear_the_end_once(sign_in: SignIn) -> None:
    page = sign_in()
    ask(page, question("heard"))
    status = page.locator("[data-part=status]")
    expect(status).to_have_text("Answering…")
    wait_until_settled(page)
    expect(status).to_have_text(re.compile(r"^Answer ready\. heardw0001 "))


def test_title_counts_answers_that_came_unseen(sign_in: SignIn, model: FakeProvider) -> None:
    model.script(interval=0.08)
    page = sign_in()
    ask(page, question("unseen"))
    wait_for_text(page, "unseenw0002")
    # A background tab: the browser reports it hidden and draws no frames for it.
    page.evaluate("Object.defineProperty(document, 'hidden', { configurable: true, value: true })")
    expect(page).to_have_title(re.compile(r"^\(1\) "))


SHORT_WINDOW = {"viewport": {"width": 900, "height": 420}}


def test_long_answer_is_read_from_its_beginning(sign_in: SignIn, model: FakeProvider) -> None:
    model.script(tokens=300, interval=0.002)
    page = sign_in(**SHORT_WINDOW)
    ask(page, question("begin"))
    wait_until_settled(page)
    expect(page.locator(".bubble")).to_be_in_viewport(ratio=1)
    page.get_by_role("button", name="To the end").click()
    expect(page.get_by_role("button", name="Copy as Markdown")).to_be_in_viewport()
    expect(page.get_by_role("button", name="To the end")).to_be_hidden()


def test_reader_at_the_end_follows_it(sign_in: SignIn, model: FakeProvider) -> None:
    model.script(tokens=300, interval=0.01)
    page = sign_in(**SHORT_WINDOW)
    ask(page, question("end"))
    wait_for_text(page, "endw0150")
    page.get_by_role("button", name="To the end").click()
    wait_until_settled(page)
    expect(page.get_by_role("button", name="Copy as Markdown")).to_be_in_viewport()


def test_reader_above_is_left_alone(sign_in: SignIn, model: FakeProvider) -> None:
    page = sign_in(**SHORT_WINDOW)
    ask(page, question("former"))
    wait_until_settled(page)
    model.script(tokens=300, interval=0.02)
    ask(page, question("above"))
    wait_for_text(page, "abovew0050")
    log = page.locator("[data-part=log]")
    log.evaluate("(element) => element.scrollTo(0, 0)")
    wait_until_settled(page, 2)
    assert log.evaluate("(element) => element.scrollTop") == 0
    page.get_by_role("button", name="1 new message").click()
    expect(page.get_by_role("button", name="Copy as Markdown").last).to_be_in_viewport()


def test_answer_can_be_copied(
    sign_in: SignIn, new_context: Callable[..., BrowserContext], site: Product
) -> None:
    page: Page = sign_in(permissions=["clipboard-read", "clipboard-write"])
    ask(page, question("copy"))
    wait_until_settled(page)
    page.get_by_role("button", name="Copy as Markdown").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "copyw0001 copyw0002" in copied
    assert re.search(rf"\[\^1\]: .*{site.url}/knowledge/passages/\d+/", copied)
