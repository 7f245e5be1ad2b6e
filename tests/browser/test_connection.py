"""What the customer sees when connections and servers fail: nothing lost, nothing twice, and words that say
so.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from playwright.sync_api import expect

from benchmarks.fake_provider import FakeProvider
from tests.browser.conftest import Complaints, SignIn, sample_site
from tests.browser.product import Product
from tests.browser.reading import (
    all_answers,
    answer_of,
    ask,
    expected_answer,
    question,
    wait_for_text,
    wait_until_settled,
)


@pytest.fixture(scope="module")
def mortal_site(model: FakeProvider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A site of its own, to be killed."""
    with sample_site(tmp_path_factory.mktemp("mortal"), model, TURN_LEASE_SECONDS="2") as product:
        yield product


def test_killed_server_loses_nothing(
    sign_in: SignIn, mortal_site: Product, model: FakeProvider, complaints: Complaints
) -> None:
    model.script(tokens=120)
    page = sign_in(at=mortal_site)
    ask(page, question("before"))
    wait_until_settled(page)
    ask(page, question("during"))
    wait_for_text(page, "duringw0010")
    complaints.is_away = True
    mortal_site.kill()
    expect(page.get_by_text("Connection lost.")).to_be_visible()
    ask(page, question("after"))
    expect(page.get_by_text("Waiting for the connection")).to_be_visible()
    mortal_site.start()
    # The lease of the cut turn runs out, the sweep finds it, it is answered anew, then the third one is.
    wait_until_settled(page, 3, seconds=60)
    shown = [expected_answer(mark, 120) for mark in ("before", "during", "after")]
    assert all_answers(page) == shown
    page.reload()
    wait_until_settled(page, 3)
    assert all_answers(page) == shown
    expect(page.locator("[data-role=user]")).to_have_count(3)


@contextmanager
def no_room_for_messages(site: Product) -> Iterator[None]:
    """Let every write of a message fail in the database itself."""
    refuse = "CREATE TRIGGER refuse BEFORE INSERT ON chat_message BEGIN SELECT RAISE(ABORT, 'no'); END"
    with closing(sqlite3.connect(site.database, timeout=20)) as database:
        database.execute(refuse)
        yield
        database.execute("DROP TRIGGER refuse")


def test_question_that_cannot_be_saved_stays_and_is_sent_again(sign_in: SignIn, site: Product) -> None:
    page = sign_in()
    ask(page, question("saved"))
    wait_until_settled(page)
    with no_room_for_messages(site):
        ask(page, question("unsaved"))
        expect(page.get_by_text("Saving is not possible right now.")).to_be_visible()
        expect(page.locator("[data-role=user]").last).to_contain_text("#unsaved")
        page.reload()
        expect(page.locator("[data-role=user]").last).to_contain_text("#unsaved")
        # Still refused: a page that comes back later than the room for messages would send it by itself.
        expect(page.get_by_role("button", name="Send again")).to_be_visible()
    page.get_by_role("button", name="Send again").click()
    wait_until_settled(page, 2)
    assert answer_of(page) == expected_answer("unsaved")


def test_question_asked_offline_is_sent_later(sign_in: SignIn, complaints: Complaints) -> None:
    page = sign_in()
    ask(page, question("online"))
    wait_until_settled(page)
    complaints.is_away = True
    page.context.set_offline(True)
    expect(page.get_by_text("You are offline.")).to_be_visible()
    ask(page, question("offline"))
    expect(page.get_by_text("Waiting for the connection")).to_be_visible()
    page.context.set_offline(False)
    wait_until_settled(page, 2)
    assert answer_of(page) == expected_answer("offline")


def test_desk_works_where_sockets_are_blocked(sign_in: SignIn, complaints: Complaints) -> None:
    page = sign_in()
    complaints.is_away = True
    page.route_web_socket("**/ws/**", lambda socket: socket.close(code=1011))
    ask(page, question("narrow"))
    # Three tries stand before the doubt, 6 s apart at the most.
    expect(page.get_by_text("Connected without live updates")).to_be_visible(timeout=30_000)
    wait_for_text(page, "narroww0003")
    wait_until_settled(page)
    assert answer_of(page) == expected_answer("narrow")


def test_session_that_is_over_says_so(sign_in: SignIn, complaints: Complaints) -> None:
    page = sign_in()
    ask(page, question("signed"))
    wait_until_settled(page)
    complaints.is_away = True
    page.context.clear_cookies()
    page.context.set_offline(True)
    expect(page.get_by_text("You are offline.")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text("You are signed out. Your text is kept.")).to_be_visible()
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()


def test_failed_provider_gives_quoted_passages(sign_in: SignIn, model: FakeProvider) -> None:
    model.script(faults=["500"] * 9)
    page = sign_in()
    ask(page, "How many bags can I check in on a Standard fare?")
    wait_until_settled(page)
    expect(page.get_by_text("Quoted word for word from these sources.")).to_be_visible()
