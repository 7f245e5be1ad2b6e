"""Turns over REST, with the plain client: asked again, rated, and what they cite."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from chat import conversations
from chat.models import Citation, Message, Rating, Turn
from chat.privacy import conversation_json, markdown
from knowledge.documents.publish import delete_document, publish_version, save_draft, withdraw_document
from tests.chat.api.test_api import asked, client_of

pytestmark = pytest.mark.django_db(transaction=True)
BAGS = "How heavy may a checked bag be?"


@pytest.fixture(autouse=True)
def in_this_process(settings):
    """Run turns within the request: the plain client has no loop that lives on."""
    settings.REDIS_URL, settings.EVENT_LOG = "", "memory"


@pytest.fixture
def thread(alice):
    return conversations.open_conversation(alice)


@pytest.fixture
def turn(alice, thread, library):
    """A turn of Alice's with an answer that cites."""
    return asked(alice, thread, BAGS)


def failed(thread, status=Turn.Status.FAILED):
    """Return a turn without an answer."""
    now = timezone.now()
    position = thread.messages.count() + 1
    question = Message.objects.create(
        conversation=thread, position=position, role="user", text=BAGS, created_at=now
    )
    type(thread).objects.filter(pk=thread.pk).update(message_count=position)
    return Turn.objects.create(
        conversation=thread, position=position, question=question, created_at=now, finished_at=now,
        deadline_at=Turn.new_deadline(), status=status, error_code="turn_failed",
    ).pk  # fmt: skip


@pytest.mark.parametrize("status", [Turn.Status.FAILED, Turn.Status.STOPPED])
def test_what_got_no_answer_is_asked_again(alice, thread, library, status):
    former = failed(thread, status)
    answers = [client_of(alice).post(f"/api/v1/turns/{former}/retry?wait=5") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 200]
    first, second = (answer.json() for answer in answers)
    assert first["turn"] == second["turn"] != str(former)
    assert first["message"]["text"] == BAGS
    assert first["answer"]["citations"]
    assert Turn.objects.count() == 2
    assert Turn.objects.get(pk=former).status == status


def test_another_key_asks_anew(alice, thread, library):
    former = failed(thread)
    turns = {
        client_of(alice)
        .post(f"/api/v1/turns/{former}/retry", headers={"Idempotency-Key": key})
        .json()["turn"]
        for key in ("a", "b", "a")
    }
    assert len(turns) == 2


def test_a_turn_with_an_answer_is_not_asked_again(alice, turn):
    answer = client_of(alice).post(f"/api/v1/turns/{turn}/retry")
    assert (answer.status_code, answer.json()["code"]) == (409, "turn_completed")


@pytest.mark.parametrize(("method", "path"), [("post", "retry"), ("put", "rating")])
def test_a_running_turn_is_a_conflict(alice, thread, method, path):
    running = failed(thread, Turn.Status.RUNNING)
    answer = getattr(client_of(alice), method)(
        f"/api/v1/turns/{running}/{path}", {"value": "up"}, format="json"
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "turn_not_finished")
    assert Turn.objects.count() == 1


def test_asking_again_counts_under_the_limits(alice, thread, library, settings):
    settings.LIMITS = {**settings.LIMITS, "user_messages": (1, 60)}
    formers = [failed(thread) for _ in range(2)]
    answers = [client_of(alice).post(f"/api/v1/turns/{former}/retry") for former in (*formers, formers[0])]
    assert [answer.status_code for answer in answers] == [202, 429, 202]  # the last begins nothing
    assert answers[1].json()["code"] == "rate_limited"


def test_a_closed_conversation_asks_nothing_again(alice, thread):
    former = failed(thread)
    type(thread).objects.filter(pk=thread.pk).update(closed_at=timezone.now())
    answer = client_of(alice).post(f"/api/v1/turns/{former}/retry")
    assert (answer.status_code, answer.json()["code"]) == (409, "conversation_closed")


def rate(user, turn, **rating):
    return client_of(user).put(f"/api/v1/turns/{turn}/rating", rating, format="json")


def test_a_rating_is_kept_changed_and_taken_back(alice, thread, turn):
    assert rate(alice, turn, value="up", reasons=["clear", "correct", "clear"]).status_code == 200
    changed = rate(alice, turn, value="down", reasons=["incomplete"], comment=" And a second bag? ")
    kept = {"value": "down", "reasons": ["incomplete"], "comment": "And a second bag?"}
    assert changed.json() == kept
    messages = client_of(alice).get(f"/api/v1/conversations/{thread.id}/messages/").json()["results"]
    assert [message["rating"] for message in messages] == [None, kept]
    for _ in range(2):
        assert client_of(alice).delete(f"/api/v1/turns/{turn}/rating").status_code == 204
    assert Rating.objects.count() == 0


@pytest.mark.parametrize(
    ("rating", "status", "code"),
    [
        ({}, 400, "invalid"),
        ({"value": "sideways"}, 400, "invalid"),
        ({"value": "up", "reasons": "clear"}, 400, "invalid"),
        ({"value": "up", "reasons": ["because"]}, 400, "invalid"),
        ({"value": "up", "reasons": ["incomplete"]}, 422, "reason_unknown"),
        ({"value": "up", "comment": "x" * 1001}, 400, "invalid"),
    ],
)
def test_a_rating_that_cannot_be_taken_changes_nothing(alice, turn, rating, status, code):
    assert rate(alice, turn, value="down").status_code == 200
    answer = rate(alice, turn, **rating)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert Rating.objects.get().value == "down"


def test_nothing_is_rated_where_nothing_was_answered(alice, thread):
    answer = rate(alice, failed(thread), value="up")
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_rate")


def test_personal_values_do_not_stand_in_a_comment(alice, turn):
    said = rate(
        alice, turn, value="down", comment="Write to alice.private@example.com, card 4111 1111 1111 1111"
    )
    assert said.json()["comment"] == "Write to [EMAIL], card [CARD]"
    assert "4111" not in Rating.objects.get().comment


def test_a_rating_is_exported_and_goes_with_the_conversation(alice, thread, turn):
    rate(alice, turn, value="down", reasons=["incomplete"], comment="And a second bag?")
    whole = conversation_json(thread)
    assert whole["messages"][1]["rating"]["comment"] == "And a second bag?"
    assert "Rated: Not helpful, Something is missing\n\n> And a second bag?" in markdown(whole)
    conversations.delete(alice, thread.id)
    assert Rating.objects.count() == 0


def test_staff_see_ratings(alice, carol, thread, turn, client):
    rate(alice, turn, value="down", reasons=["incomplete"], comment="And a second bag?")
    client.force_login(carol)
    listed = client.get("/admin/chat/rating/?value__exact=down").content.decode()
    assert "And a second bag?" in listed
    assert "Something is missing" in listed
    assert "0 ratings" in client.get("/admin/chat/rating/?value__exact=up").content.decode()
    for page in (
        f"/admin/chat/conversation/{thread.id}/change/",
        f"/admin/chat/turn/{turn}/change/",
        f"/admin/chat/rating/{turn}/change/",
        "/admin/chat/conversation/?turns__rating__value__exact=down",
        "/admin/chat/turn/?rating__value__exact=down",
    ):
        assert "Not helpful" in client.get(page).content.decode(), page


def test_ratings_are_counted(alice, turn):
    from chatsite.stats import gather

    rate(alice, turn, value="down")
    assert gather("web", {"sockets": 0, "conversations": []})["ratings"] == {"days": 30, "up": 0, "down": 1}


def cited(user, turn, number=1):
    return client_of(user).get(f"/api/v1/turns/{turn}/citations/{number}/").json()


def test_a_citation_shows_its_passage(alice, turn):
    listed = client_of(alice).get(f"/api/v1/turns/{turn}/citations/").json()
    found = cited(alice, turn)
    assert found in listed
    assert found["standing"] == "in_force"
    assert "23 kg" in found["passage"]["text"]
    assert found["passage"]["headings"][0] == "Checked baggage"
    assert found["passage"]["start"] < found["passage"]["end"]
    assert found["cited_version"]["number"] == found["in_force"]["number"] == found["version"] == 1
    assert found["in_force"]["url"] == "/knowledge/documents/checked-baggage/"


def test_a_replaced_text_is_shown_as_it_was_cited(alice, turn, library):
    document = library["checked-baggage"].document
    publish_version(save_draft(document, "# Checked baggage\n\nNow 20 kg."))
    found = cited(alice, turn)
    assert (found["standing"], found["in_force"]["number"]) == ("replaced", 2)
    assert "23 kg" in found["passage"]["text"]


def test_a_withdrawn_text_says_so(alice, turn, library):
    withdraw_document(library["checked-baggage"].document)
    found = cited(alice, turn)
    assert (found["standing"], found["in_force"]) == ("withdrawn", None)
    assert "23 kg" in found["passage"]["text"]


def test_a_text_that_ran_out_says_so(alice, turn, library):
    yesterday = date.today() - timedelta(days=1)
    type(library["checked-baggage"]).objects.filter(pk=library["checked-baggage"].pk).update(
        effective_until=yesterday
    )
    assert cited(alice, turn)["standing"] == "expired"


def test_a_deleted_text_leaves_the_quoted_words(alice, turn, library):
    before = cited(alice, turn)
    delete_document(library["checked-baggage"].document)
    found = cited(alice, turn)
    assert (found["standing"], found["passage"], found["cited_version"]) == ("deleted", None, None)
    assert found["quote"] == before["quote"]
    assert found["removed_at"] is not None


def test_a_text_for_staff_alone_is_not_shown_to_customers(alice, turn, library):
    document = library["checked-baggage"].document
    type(document).objects.filter(pk=document.pk).update(audience="staff")
    found = cited(alice, turn)
    assert (found["standing"], found["passage"], found["url"]) == ("unavailable", None, None)


def test_a_record_is_cited_too(alice, turn):
    Citation.objects.create(turn_id=turn, number=9, kind="record", title="Flight LW1", quote="On time")
    found = cited(alice, turn, 9)
    assert (found["standing"], found["quote"], found["passage"], found["url"]) == (
        "record",
        "On time",
        None,
        None,
    )


def test_an_unknown_number_is_not_there(alice, turn):
    for number in (77, 2**70):
        assert client_of(alice).get(f"/api/v1/turns/{turn}/citations/{number}/").status_code == 404


@pytest.mark.parametrize("person", ["bob", "carol"])
def test_hers_is_not_there_for_others(alice, turn, person, request):
    other = client_of(request.getfixturevalue(person))
    for which in (turn, uuid4()):
        url = f"/api/v1/turns/{which}"
        for answer in (
            other.post(f"{url}/retry"),
            other.put(f"{url}/rating", {"value": "up"}, format="json"),
            other.delete(f"{url}/rating"),
            other.get(f"{url}/citations/"),
            other.get(f"{url}/citations/1/"),
        ):
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
