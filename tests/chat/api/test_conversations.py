"""REST: conversations are listed, searched, named, put away, exported, deleted; each state has a tag."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from chat import conversations, filing
from chat.events import signals
from chat.models import Conversation, Message

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/api/v1/conversations/"


@pytest.fixture(autouse=True)
def in_this_process(settings):
    """Run turns within the request: the plain client has no loop that lives on."""
    settings.REDIS_URL, settings.EVENT_LOG = "", "memory"


@pytest.fixture
def told(monkeypatch):
    """The conversations whose sockets were told of a change."""
    told = []

    async def note(conversation):
        told.append(conversation)

    monkeypatch.setattr(signals, "conversation_changed", note)
    return told


def client_of(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def said(user: User, *texts: str, title: str = "", days_ago: float = 0) -> Conversation:
    at = timezone.now() - timedelta(days=days_ago)
    thread = Conversation.objects.create(
        owner=user, title=title, message_count=len(texts), last_message_at=at if texts else None
    )
    Message.objects.bulk_create(
        Message(conversation=thread, position=number, role="user", text=text, created_at=at)
        for number, text in enumerate(texts, 1)
    )
    Conversation.objects.filter(pk=thread.pk).update(created_at=at)
    return thread


def listed(user: User, query: str = "") -> list[str]:
    return [item["id"] for item in client_of(user).get(f"{URL}{query}").json()["results"]]


def one(thread: Conversation) -> str:
    return f"{URL}{thread.pk}/"


def test_detail_tells_what_stands_and_where_to_go(alice, library):
    thread = conversations.open_conversation(alice)
    client_of(alice).post(f"{one(thread)}messages/", {"text": "How heavy may a bag be?"}, format="json")
    shown = client_of(alice).get(one(thread)).json()
    assert shown["title"] == "How heavy may a bag be?"
    assert (shown["message_count"], shown["archived"], shown["closed"]) == (2, False, False)
    assert shown["last_turn"] == {"id": str(thread.turns.get().pk), "status": "completed"}
    for name in ("self", "messages", "export"):
        assert client_of(alice).get(shown["urls"][name]).status_code == 200


def test_last_active_comes_first_whether_anything_was_said_or_not(alice):
    old, empty, new = said(alice, "a", days_ago=3), said(alice, days_ago=2), said(alice, "b", days_ago=1)
    assert listed(alice) == [str(thread.pk) for thread in (new, empty, old)]


def test_pages_have_everything_once_while_conversations_come_to_life(alice):
    threads = [said(alice, "x", days_ago=number) for number in range(7)]
    client, seen = client_of(alice), []
    address = f"{URL}?page_size=3"
    while address:
        page = client.get(address).json()
        seen += [item["id"] for item in page["results"]]
        address = page["next"]
        Conversation.objects.filter(pk=threads[0].pk).update(last_message_at=timezone.now())
    assert seen == [str(thread.pk) for thread in threads]


def test_pages_go_on_among_conversations_of_the_same_instant(alice):
    at = timezone.now()
    threads = {str(said(alice, "x").pk) for _ in range(5)}
    Conversation.objects.update(last_message_at=at)
    first = client_of(alice).get(f"{URL}?page_size=2").json()
    second = client_of(alice).get(first["next"]).json()
    third = client_of(alice).get(second["next"]).json()
    assert {item["id"] for page in (first, second, third) for item in page["results"]} == threads
    assert third["next"] is None


@pytest.mark.parametrize("cursor", ["zzz", "cD1hYmM=", "cD05OTk5OS0wMS0wMQ==", "bz05OTk5OTk5"])
def test_made_up_cursor_breaks_nothing(alice, cursor):
    answer = client_of(alice).get(f"{URL}?cursor={cursor}")
    assert answer.status_code in (200, 404)


def test_archived_ones_are_listed_apart(alice):
    here, away = said(alice, "a"), said(alice, "b")
    filing.change(alice, away.pk, archived=True)
    assert listed(alice) == [str(here.pk)]
    assert listed(alice, "?archived=true") == [str(away.pk)]
    assert len(listed(alice, "?archived=all")) == 2


def test_filters_narrow(alice):
    old, new = said(alice, "a", days_ago=3), said(alice, "b")
    Conversation.objects.filter(pk=old.pk).update(closed_at=timezone.now())
    yesterday = (timezone.now() - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    for query in ("?closed=true", f"?created_before={yesterday}", f"?active_before={yesterday}"):
        assert listed(alice, query) == [str(old.pk)]
    for query in ("?closed=false", f"?created_after={yesterday}", f"?active_after={yesterday}"):
        assert listed(alice, query) == [str(new.pk)]


@pytest.mark.parametrize(
    "query", ["archived=maybe", "closed=2", "created_after=monday", f"q={'x' * 201}", "q=%00"]
)
def test_unfit_filters_are_told(alice, query):
    answer = client_of(alice).get(f"{URL}?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_search_finds_words_in_messages_and_titles(alice, bob):
    bags = said(alice, "May I take two bags?", "And a surfboard to Málaga?", title="Two bags")
    said(alice, "May my dog fly?", title="A dog")
    said(bob, "Two bags and a surfboard", title="Bags")
    assert listed(alice, "?q=surfboard") == [str(bags.pk)]
    assert listed(alice, "?q=BAGS+surfboard") == [str(bags.pk)]
    assert listed(alice, "?q=dog+surfboard") == []
    assert listed(alice, "?q=malaga") == listed(alice, "?q=MÁLAGA") == [str(bags.pk)]


@pytest.mark.parametrize("words", [".", "(", "[a-z]", "%", "_", "\\", "a|b", "^", "$&#", "''", '"'])
def test_signs_are_looked_for_as_they_are(alice, words):
    said(alice, "plain text")
    there = said(alice, f"with {words} in it")
    answer = client_of(alice).get(URL, {"q": words})
    assert [item["id"] for item in answer.json()["results"]] == [str(there.pk)] or words == "."


def test_search_shows_the_place(alice):
    said(alice, "Hello there", "x " * 200 + "my surfboard is\nlong" + " y" * 200, title="Boards")
    match = client_of(alice).get(f"{URL}?q=Surf").json()["results"][0]["match"]
    assert match["role"] == "user"
    assert match["snippet"].startswith("…x x") and match["snippet"].endswith("y…")
    assert "my surfboard is long" in match["snippet"]
    assert len(match["snippet"]) < 170
    assert [part["text"] for part in match["parts"] if part["marked"]] == ["surf"]


def test_search_shows_the_title_where_only_that_has_the_words(alice):
    said(alice, "Hello", title="Boards for Lisbon")
    match = client_of(alice).get(f"{URL}?q=lisbon").json()["results"][0]["match"]
    assert (match["message"], match["snippet"]) == (None, "Boards for Lisbon")


def test_list_has_no_matches_without_a_search(alice):
    said(alice, "Hello")
    assert client_of(alice).get(URL).json()["results"][0]["match"] is None


def test_search_takes_a_handful_of_queries(alice, django_assert_max_num_queries):
    for number in range(20):
        said(alice, "bags", title=f"Bags {number}")
    client = client_of(alice)
    with django_assert_max_num_queries(4):
        client.get(f"{URL}?q=bags")


def test_rename_is_told_and_empty_gives_the_first_title_back(alice, told):
    thread = said(alice, "How heavy may a bag be?", title="How heavy may a bag be?")
    renamed = client_of(alice).patch(one(thread), {"title": "  Bags \n for\u202e Lisbon\x07 "}, format="json")
    assert (renamed.status_code, renamed.json()["title"]) == (200, "Bags for Lisbon")
    again = client_of(alice).patch(one(thread), {"title": ""}, format="json")
    assert again.json()["title"] == "How heavy may a bag be?"
    assert told == [thread.pk, thread.pk]


def test_nothing_is_told_when_nothing_changes(alice, told):
    thread = said(alice, "a", title="Bags")
    for body in ({}, {"title": "Bags"}, {"archived": False}):
        assert client_of(alice).patch(one(thread), body, format="json").status_code == 200
    assert told == []


@pytest.mark.parametrize("body", [{"title": "x" * 81}, {"title": None}, {"archived": "perhaps"}, []])
def test_unfit_changes_are_told(alice, told, body):
    thread = said(alice, "a", title="Bags")
    answer = client_of(alice).patch(one(thread), body, format="json")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert Conversation.objects.get().title == "Bags"


def test_characters_without_meaning_never_reach_the_database(alice):
    thread = said(alice, "a", title="Bags")
    for title in (b"\\ud800x", b"\\u0000x"):
        body = b'{"title": "%s"}' % title
        answer = client_of(alice).patch(one(thread), body, content_type="application/json")
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_question_takes_it_out_of_the_archive_and_is_told(alice, told):
    thread = conversations.open_conversation(alice)
    filing.change(alice, thread.pk, archived=True)
    told.clear()
    client_of(alice).post(f"{one(thread)}messages/", {"text": "Hello!"}, format="json")
    assert Conversation.objects.get().archived_at is None
    assert told == [thread.pk]


def test_archiving_twice_keeps_the_first_time(alice):
    thread = said(alice, "a")
    first = filing.change(alice, thread.pk, archived=True).archived_at
    assert filing.change(alice, thread.pk, archived=True).archived_at == first


def test_tag_stands_for_all_that_is_shown(alice, library):
    thread = conversations.open_conversation(alice)
    client, tags = client_of(alice), []

    def look():
        tags.append(client.get(one(thread))["ETag"])

    look()
    client.patch(one(thread), {"title": "Bags"}, format="json")
    look()
    client.patch(one(thread), {"archived": True}, format="json")
    look()
    client.post(f"{one(thread)}messages/", {"text": "Hello!"}, format="json")
    look()
    Conversation.objects.update(closed_at=timezone.now())
    look()
    assert len(set(tags)) == 5


@pytest.mark.parametrize("seen", ["{tag}", "W/{tag}", '"other", {tag}', "*"])
def test_present_state_is_not_sent_again(alice, seen):
    thread = said(alice, "a")
    client = client_of(alice)
    for address in (one(thread), URL, f"{one(thread)}messages/"):
        tag = client.get(address)["ETag"]
        answer = client.get(address, headers={"If-None-Match": seen.format(tag=tag)})
        assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", tag)
        assert client.get(address, headers={"If-None-Match": '"other"'}).status_code == 200


def test_list_s_tag_changes_with_what_it_lists(alice):
    thread = said(alice, "a")
    before = client_of(alice).get(URL)["ETag"]
    filing.change(alice, thread.pk, title="Bags")
    assert client_of(alice).get(URL)["ETag"] != before


@pytest.mark.parametrize("method", ["patch", "delete"])
def test_changed_state_is_neither_changed_nor_deleted(alice, told, method):
    thread = said(alice, "a", title="Bags")
    client = client_of(alice)
    seen = client.get(one(thread))["ETag"]
    filing.change(alice, thread.pk, title="Dogs")
    do = getattr(client, method)
    refused = do(one(thread), {"title": "Cats"}, format="json", headers={"If-Match": seen})
    assert (refused.status_code, refused.json()["code"]) == (412, "changed")
    assert Conversation.objects.get().title == "Dogs"
    now = client.get(one(thread))["ETag"]
    assert do(one(thread), {"title": "Cats"}, format="json", headers={"If-Match": now}).status_code in (
        200,
        204,
    )


def test_answer_to_a_change_has_the_tag_of_what_is_then(alice):
    thread = said(alice, "a")
    changed = client_of(alice).patch(
        one(thread), {"archived": True}, format="json", headers={"If-Match": "*"}
    )
    assert changed["ETag"] == client_of(alice).get(one(thread))["ETag"]


def test_opened_with_a_title_it_keeps_that(alice):
    opened = client_of(alice).post(URL, {"title": "Bags"}, format="json")
    assert opened.status_code == 201
    assert client_of(alice).get(opened["Location"]).json()["title"] == "Bags"
    client_of(alice).post(f"{opened['Location']}messages/", {"text": "Hello!"}, format="json")
    assert client_of(alice).get(opened["Location"]).json()["title"] == "Bags"


def test_key_again_gives_the_same_also_after_a_rename_and_no_other_request(alice):
    client, headers = client_of(alice), {"Idempotency-Key": "k"}
    first = client.post(URL, {"title": "Bags"}, format="json", headers=headers).json()
    client.patch(f"{URL}{first['id']}/", {"title": "Dogs"}, format="json")
    again = client.post(URL, {"title": "Bags"}, format="json", headers=headers)
    assert (again.status_code, again.json()["id"], again.json()["title"]) == (201, first["id"], "Dogs")
    other = client.post(URL, {"title": "Cats"}, format="json", headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert Conversation.objects.count() == 1


@pytest.mark.parametrize(
    ("query", "accept", "kind", "ending"),
    [
        ("", "*/*", "application/json", "json"),
        ("", "text/markdown", "text/markdown; charset=utf-8", "md"),
        ("?format=markdown", "application/json", "text/markdown; charset=utf-8", "md"),
        ("?format=md", "text/html", "text/markdown; charset=utf-8", "md"),
        ("?format=json", "text/html", "application/json", "json"),
    ],
)
def test_export_comes_as_it_is_wanted(alice, query, accept, kind, ending):
    thread = said(alice, "Hello <b>", title="Bags")
    answer = client_of(alice).get(f"{one(thread)}export/{query}", headers={"Accept": accept})
    assert (answer.status_code, answer["Content-Type"]) == (200, kind)
    assert answer["Content-Disposition"] == f'attachment; filename="conversation-{thread.pk}.{ending}"'
    assert "Hello <b>" in answer.content.decode()


def test_export_tells_since_when_it_is_archived(alice):
    thread = said(alice, "a")
    filing.change(alice, thread.pk, archived=True)
    exported = client_of(alice).get(f"{one(thread)}export/").json()
    assert datetime.fromisoformat(exported["archived_at"]).astimezone(UTC).date() == timezone.now().date()


def test_unknown_format_is_a_problem(alice):
    thread = said(alice, "a")
    answer = client_of(alice).get(f"{one(thread)}export/?format=pdf")
    assert (answer.status_code, answer.json()["fields"]) == (400, {"format": ["One of: json, md, markdown."]})


def test_unacceptable_format_is_a_problem(alice):
    answer = client_of(alice).get(f"{one(said(alice, 'a'))}export/", headers={"Accept": "image/png"})
    assert (answer.status_code, answer.json()["code"]) == (406, "not_acceptable")


@pytest.mark.parametrize("seen", ["nonsense", 'W/"weak"', '"a", "b"'])
def test_what_is_no_tag_of_the_present_state_changes_nothing(alice, seen):
    thread = said(alice, "a", title="Bags")
    headers = {"If-Match": seen}
    refused = client_of(alice).patch(one(thread), {"title": "Cats"}, format="json", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (412, "changed")
    assert client_of(alice).delete(one(thread), headers=headers).status_code == 412


@pytest.mark.parametrize("person", ["bob", "carol"])
def test_others_find_nothing_and_change_nothing(alice, person, request, told):
    thread = said(alice, "Hello from Alice", title="Bags")
    other = client_of(request.getfixturevalue(person))
    for pk in (thread.pk, uuid4()):
        answers = [
            other.get(f"{URL}{pk}/", headers={"If-None-Match": "*"}),
            other.patch(f"{URL}{pk}/", {"title": "Mine", "archived": True}, format="json"),
            other.delete(f"{URL}{pk}/", headers={"If-Match": "*"}),
            other.delete(f"{URL}{pk}/"),
            other.get(f"{URL}{pk}/export/?format=md"),
        ]
        assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(404, "not_found")] * 5
    assert other.get(f"{URL}?q=hello&archived=all").json()["results"] == []
    assert Conversation.objects.get(owner=alice).title == "Bags"
    assert told == []
