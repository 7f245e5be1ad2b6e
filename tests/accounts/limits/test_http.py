"""Limits where they are met: pages, forms, REST."""

from unittest.mock import patch
from uuid import uuid4

import pytest
from django.contrib.auth import authenticate
from django.test import RequestFactory
from rest_framework.test import APIClient

from accounts import limits
from accounts.limits.errors import LimitReachedError
from accounts.limits.forms import LimitedPosts
from chat import conversations
from chat.models import Message
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def in_this_process(settings):
    """Run turns within the request: the plain client has no loop that lives on."""
    settings.REDIS_URL, settings.EVENT_LOG = "", "memory"


def rest(user) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def ask(user, thread, client_id=None):
    body = {"text": "Hello!"} | ({"client_id": str(client_id)} if client_id else {})
    return rest(user).post(f"/api/v1/conversations/{thread.pk}/messages/", body, format="json")


@pytest.fixture
def thread(alice):
    return conversations.open_conversation(alice)


def test_too_many_messages_over_rest_are_a_problem(alice, thread, limit):
    limit(user_messages=(2, 60))
    accepted = [ask(alice, thread) for _ in range(2)]
    refused = ask(alice, thread)
    assert [answer.status_code for answer in accepted] == [202, 202]
    assert [answer["RateLimit-Remaining"] for answer in accepted] == ["1", "0"]
    assert refused.status_code == 429
    assert refused["Content-Type"] == "application/problem+json"
    body = refused.json()
    assert (body["code"], body["retryable"]) == ("rate_limited", True)
    assert int(refused["Retry-After"]) == body["retry_after"]
    assert 0 < body["retry_after"] <= 60
    assert (refused["RateLimit-Limit"], refused["RateLimit-Remaining"]) == ("2", "0")
    assert Message.objects.filter(role="user").count() == 2


def test_bob_may_send_when_alice_may_not(alice, bob, thread, limit):
    limit(user_messages=(1, 60), conversation_messages=(1, 60))
    his = conversations.open_conversation(bob)
    assert [ask(alice, thread).status_code for _ in range(2)] == [202, 429]
    assert ask(bob, his).status_code == 202


def test_bob_cannot_spend_what_is_alices(alice, bob, thread, limit):
    limit(conversation_messages=(1, 60))
    assert [ask(bob, thread).status_code for _ in range(3)] == [404, 429, 429]
    assert ask(alice, thread).status_code == 202


def test_message_sent_again_is_neither_counted_nor_refused(alice, thread, limit):
    limit(user_messages=(2, 60))
    client_id = uuid4()
    first = ask(alice, thread, client_id).json()["turn"]
    again = [ask(alice, thread, client_id) for _ in range(5)]
    assert [answer.json()["turn"] for answer in again] == [first] * 5
    assert ask(alice, thread).status_code == 202
    assert ask(alice, thread).status_code == 429
    assert ask(alice, thread, client_id).status_code == 202


def test_database_that_is_away_costs_nobody_a_message(alice, thread, limit):
    from django.db import OperationalError

    limit(user_messages=(1, 60))
    with patch("chat.conversations._save", side_effect=OperationalError):
        assert ask(alice, thread).status_code == 503
    assert ask(alice, thread).status_code == 202


def test_page_without_scripts_keeps_the_words_and_says_when(client, alice, thread, limit):
    limit(user_messages=(1, 60))
    client.force_login(alice)
    url = f"/chat/{thread.pk}/ask/"
    answers = [client.post(url, {"text": words}) for words in ("First?", "Second?")]
    assert [answer.status_code for answer in answers] == [302, 429]
    page = answers[1].content.decode()
    assert "You can send again in" in page
    assert "Second?" in page
    assert 0 < int(answers[1]["Retry-After"]) <= 60


def test_rest_and_page_count_as_one(client, alice, thread, limit):
    limit(user_messages=(1, 60))
    client.force_login(alice)
    client.post(f"/chat/{thread.pk}/ask/", {"text": "First?"})
    assert ask(alice, thread).status_code == 429


def test_reads_have_a_limit_of_their_own(alice, bob, thread, limit):
    limit(user_requests=(2, 60), user_messages=(1, 60))
    answers = [rest(alice).get("/api/v1/conversations/") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer["RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
    assert answers[2].json()["code"] == "rate_limited"
    assert answers[2]["Retry-After"]
    assert rest(bob).get("/api/v1/conversations/").status_code == 200


def test_strangers_are_counted_by_address(client, alice, limit):
    limit(anonymous_requests=(2, 60))
    statuses = [client.get("/accounts/sign-in/").status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    assert client.get("/accounts/sign-in/", REMOTE_ADDR="198.51.100.9").status_code == 200
    assert client.get("/health").status_code != 429
    client.force_login(alice)
    assert client.get("/chat/").status_code == 200


def test_made_up_session_is_a_stranger(client, limit):
    limit(anonymous_requests=(1, 60))
    statuses = []
    for number in range(3):
        client.cookies["sessionid"] = f"made-up-{number}"
        statuses.append(client.get("/api/v1/conversations/").status_code)
    assert statuses[1:] == [429, 429]


def test_made_up_keys_are_limited(client, limit):
    limit(anonymous_requests=(2, 60))
    answers = [
        client.get("/api/v1/conversations/", headers={"Authorization": f"Bearer made-up-{number}"})
        for number in range(4)
    ]
    assert [answer.status_code for answer in answers] == [401, 401, 429, 429]
    assert answers[3].json()["code"] == "rate_limited"


def test_forged_header_gains_no_new_count(client, limit):
    limit(anonymous_requests=(2, 60))
    statuses = [
        client.get("/accounts/sign-in/", headers={"X-Forwarded-For": f"203.0.113.{number}"}).status_code
        for number in range(4)
    ]
    assert statuses == [200, 200, 429, 429]


def wrong(username: str, address: str = "198.51.100.1") -> None:
    request = RequestFactory().post("/", REMOTE_ADDR=address)
    assert authenticate(request, username=username, password="wrong") is None


def test_wrong_passwords_are_limited_by_account_from_wherever(alice, bob, limit):
    limit(sign_in_account=(3, 300))
    for number in range(3):
        wrong("alice", f"198.51.100.{number}")
    with pytest.raises(LimitReachedError):
        wrong("ALICE ".strip(), "198.51.100.9")
    with pytest.raises(LimitReachedError):
        wrong("alice@example.com", "198.51.100.9")
    wrong("bob", "198.51.100.9")


def test_wrong_passwords_are_limited_by_address_for_whomever(alice, bob, limit):
    limit(sign_in_address=(2, 60))
    wrong("alice")
    wrong("nobody-at-all")
    with pytest.raises(LimitReachedError):
        wrong("bob")
    wrong("bob", "198.51.100.2")


def test_limit_is_looked_at_before_a_password_is_hashed(alice, limit):
    limit(sign_in_account=(1, 300))
    wrong("alice")
    with patch("accounts.models.User.check_password", side_effect=AssertionError("hashed")):
        request = RequestFactory().post("/")
        with pytest.raises(LimitReachedError):
            authenticate(request, username="alice", password=PASSWORD)


def test_right_passwords_cost_nothing(alice, limit):
    limit(sign_in_account=(1, 300), sign_in_address=(1, 60))
    request = RequestFactory().post("/")
    for _ in range(3):
        assert authenticate(request, username="alice", password=PASSWORD) == alice
    wrong("alice", "127.0.0.1")


def test_sign_in_page_answers_429(client, carol, limit):
    limit(sign_in_account=(1, 300))
    wrong("carol")
    answer = client.post("/accounts/sign-in/", {"login": "carol", "password": PASSWORD})
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 300
    assert "Too many tries" in answer.content.decode()


class Page(LimitedPosts):
    limit_group = "tests"
    limit_rate = "2/m"


def post(page, address="198.51.100.1", **fields) -> int:
    """Send a form; return the seconds to wait."""
    from accounts.limits.forms import seconds_to_wait

    request = RequestFactory().post("/", fields, REMOTE_ADDR=address)
    return seconds_to_wait(request, page.limit_group, page.limit_rate)


def test_forms_are_limited_by_address():
    assert [post(Page) > 0 for _ in range(3)] == [False, False, True]
    assert post(Page, "198.51.100.2") == 0


def test_forms_count_a_network_as_one():
    waits = [post(Page, f"2001:db8:0:1::{number}") for number in range(3)]
    assert [wait > 0 for wait in waits] == [False, False, True]
    assert post(Page, "2001:db8:0:2::1") == 0


def test_new_passwords_are_asked_for_a_few_times_for_one_account(alice, bob, limit):
    class Reset(Page):
        limit_group, limit_rate = "password-reset", "10/m"

    limit(password_reset_account=(1, 3600), password_reset_address=(0, 60))
    assert post(Reset, "198.51.100.1", email="alice@example.com") == 0
    assert post(Reset, "198.51.100.2", email="Alice@Example.com") > 3_500
    assert post(Reset, "198.51.100.2", email="bob@example.com") == 0


def test_sign_up_is_limited_by_address(client, limit):
    limit(sign_up_address=(1, 600))
    answers = [client.post("/accounts/sign-up/", {}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert 0 < int(answers[1]["Retry-After"]) <= 600


def test_refused_page_is_for_people_and_problem_for_programs(client, limit):
    limit(anonymous_requests=(1, 60))
    client.get("/accounts/sign-in/")
    page, problem = client.get("/accounts/sign-in/"), client.get("/api/v1/conversations/")
    assert "Too many tries" in page.content.decode()
    assert problem["Content-Type"] == "application/problem+json"
    assert problem.json()["code"] == "rate_limited"
    assert (page.status_code, problem.status_code) == (429, 429)


def test_no_key_holds_an_address_or_a_name_that_was_typed(limit):
    from accounts.limits.passwords import key_of_account

    assert "hunter2" not in key_of_account("hunter2 my password")
    assert key_of_account("Nobody@example.com") == key_of_account("nobody@EXAMPLE.com ")


def test_decisions_of_nowhere_have_nothing_to_give_back():
    limits.give_back_now(limits.UNLIMITED)


def test_uploads_are_limited_by_person(client, carol, limit):
    limit(uploads=(1, 60))
    client.force_login(carol)
    statuses = [client.post("/api/v1/imports/").status_code for _ in range(2)]
    assert (statuses[0] != 429, statuses[1]) == (True, 429)
    assert client.get("/api/v1/imports/").status_code == 200
    page = client.post("/admin/knowledge/import/add/")
    assert page.status_code == 429
    assert int(page["Retry-After"]) > 0


def test_tokens_from_a_sign_in_are_limited_like_the_page(client, alice, limit):
    limit(sign_in_account=(1, 300))
    wrong("alice")
    body = {"username": "alice", "password": PASSWORD}
    answer = client.post("/api/v1/tokens/", body, content_type="application/json")
    assert answer.status_code == 429
    assert answer.json()["code"] == "rate_limited"
    assert int(answer["Retry-After"]) > 0
