"""The pages of one's own conversations as the server makes them: found, named, put away, without a script."""

from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from chat import filing
from chat.history import PAGE_SIZE
from chat.models import Conversation, Message

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def in_this_process(settings):
    """Keep signals in this process."""
    settings.REDIS_URL, settings.EVENT_LOG = "", "memory"


def said(user, text, title=""):
    now = timezone.now()
    thread = Conversation.objects.create(
        owner=user, title=title or text, message_count=1, last_message_at=now
    )
    Message.objects.create(conversation=thread, position=1, role="user", text=text, created_at=now)
    return thread


@pytest.fixture
def thread(alice):
    return said(alice, "How heavy may a surfboard be?", "Boards")


@pytest.fixture
def page(client, alice):
    """Alice's view of a page."""
    client.force_login(alice)
    return lambda path: client.get(path).content.decode()


def test_strangers_are_sent_to_the_sign_in(client, thread):
    for path in ("/chat/history/", f"/chat/{thread.pk}/rename/"):
        assert client.get(path)["Location"] == f"/accounts/sign-in/?next={path}"
    assert client.post(f"/chat/{thread.pk}/archive/")["Location"].startswith("/accounts/sign-in/")


def test_archive_is_listed_apart_and_on_no_shelf(client, alice, page, thread):
    assert (
        client.post(f"/chat/{thread.pk}/archive/", {"archived": "true"})["Location"] == f"/chat/{thread.pk}/"
    )
    assert "The conversation is in the archive." in page("/chat/history/")
    assert "Boards" not in page("/chat/history/") + page("/chat/")
    assert "Boards" in page("/chat/history/?archived=true")
    assert "Boards" in page(f"/chat/{thread.pk}/")
    client.post(f"/chat/{thread.pk}/archive/", {"archived": "false"})
    assert "Boards" in page("/chat/")


def test_search_looks_through_messages_and_the_archive(alice, page, thread):
    said(alice, "May my dog fly?")
    filing.change(alice, thread.pk, archived=True)
    found = page("/chat/history/?q=Surf")
    assert "How heavy may a <mark>surf</mark>board be?" in found
    assert "1 conversation found" in found
    assert "my dog" not in found
    assert "0 conversations found" in page("/chat/history/?q=cat%00")


def test_words_are_shown_as_text(alice, page):
    said(alice, "<b>bold</b> & brave", title="<i>x</i>")
    found = page("/chat/history/?q=%3Cb%3E")
    assert "<mark>&lt;b&gt;</mark>bold&lt;/b&gt; &amp; brave" in found
    assert "<i>x" not in found


def test_rename_by_form(client, page, thread):
    assert 'value="Boards"' in page(f"/chat/{thread.pk}/rename/")
    answer = client.post(f"/chat/{thread.pk}/rename/", {"title": "Lisbon"})
    assert answer["Location"] == f"/chat/{thread.pk}/"
    assert "<h1" in page(answer["Location"]) and "Lisbon</h1>" in page(answer["Location"])
    client.post(f"/chat/{thread.pk}/rename/", {"title": " "})
    assert Conversation.objects.get().title == "How heavy may a surfboard be?"


def test_title_that_is_too_long_stays_in_the_box(client, page, thread):
    answer = client.post(f"/chat/{thread.pk}/rename/", {"title": "x" * 81})
    assert answer.status_code == 422
    assert "81 characters; 80 is the most" in answer.content.decode()
    assert "x" * 81 in answer.content.decode()
    assert Conversation.objects.get().title == "Boards"


@pytest.mark.parametrize(
    ("wanted", "lands"),
    [
        ("/chat/history/?archived=true", "/chat/history/?archived=true"),
        ("https://elsewhere.example/chat/", None),
        ("//elsewhere.example/chat/", None),
        ("/admin/", None),
        ("javascript:alert(1)", None),
    ],
)
def test_way_back_leads_to_our_own_pages_alone(client, page, thread, wanted, lands):
    for path in ("archive", "rename"):
        answer = client.post(f"/chat/{thread.pk}/{path}/", {"title": "Lisbon", "next": wanted})
        assert answer["Location"] == (lands or f"/chat/{thread.pk}/")


def test_long_lists_have_pages(alice, page):
    for number in range(PAGE_SIZE + 1):
        said(alice, f"Question {number} about bags.")
    assert "Page 1 of 2" in page("/chat/history/")
    older = page("/chat/history/?page=2&q=bags")
    assert "Question 0 about" in older
    assert "?page=1&amp;q=bags" in older
    assert "Page 2 of 2" in page("/chat/history/?page=99")


def test_bob_finds_nothing_of_alice(client, bob, thread):
    client.force_login(bob)
    for pk in (thread.pk, uuid4()):
        for answer in (
            client.get(f"/chat/{pk}/rename/"),
            client.post(f"/chat/{pk}/rename/", {"title": "Mine"}),
            client.post(f"/chat/{pk}/archive/"),
        ):
            assert answer.status_code == 404
    assert "Boards" not in client.get("/chat/history/?q=surfboard").content.decode()
    alices = Conversation.objects.get()
    assert (alices.title, alices.is_archived) == ("Boards", False)


def test_forged_changes_are_refused(alice, thread):
    stranger = Client(enforce_csrf_checks=True)
    stranger.force_login(alice)
    for path in ("rename", "archive"):
        assert stranger.post(f"/chat/{thread.pk}/{path}/", {"title": "Mine"}).status_code == 403
    assert Conversation.objects.get().title == "Boards"


def test_archiving_is_only_taken_by_post(client, alice, thread):
    client.force_login(alice)
    assert client.get(f"/chat/{thread.pk}/archive/").status_code == 405
    assert client.post("/chat/history/").status_code == 405
