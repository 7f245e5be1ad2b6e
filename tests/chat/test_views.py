"""The chat page as the server makes it: readable and usable without a script."""

from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from chat import conversations
from chat.models import Conversation, Message
from chat.views import SHOWN_MESSAGES, starters
from knowledge.documents.publish import publish_version, save_draft, withdraw_version
from knowledge.models import Document

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def in_this_process(settings):
    """Run turns within the request: the plain client has no loop that lives on."""
    settings.REDIS_URL, settings.EVENT_LOG = "", "memory"


@pytest.fixture
def thread(alice):
    return conversations.open_conversation(alice)


def test_strangers_are_sent_to_the_sign_in(client, thread):
    for path in ("/chat/", f"/chat/{thread.pk}/"):
        assert client.get(path)["Location"] == f"/accounts/sign-in/?next={path}"


def test_question_by_form_is_answered_on_the_page(client, alice, library):
    client.force_login(alice)
    answer = client.post("/chat/ask/", {"text": "How heavy may a checked bag be?"}, follow=True)
    page = answer.content.decode()
    assert "How heavy may a checked bag be?" in page
    assert "23 kg" in page
    assert "Checked baggage" in page


def test_form_sent_twice_asks_once(client, alice, thread):
    client.force_login(alice)
    for _ in range(2):
        client.post(f"/chat/{thread.pk}/ask/", {"text": "Hello!", "client_id": str(CLIENT_ID)})
    assert Message.objects.filter(role="user").count() == 1


CLIENT_ID = uuid4()


@pytest.mark.parametrize("text", ["", "  \n", "x" * 4001])
def test_unfit_question_stays_in_the_box(client, alice, thread, text):
    client.force_login(alice)
    answer = client.post(f"/chat/{thread.pk}/ask/", {"text": text})
    assert answer.status_code == 422
    assert text.strip() in answer.content.decode()
    assert Message.objects.count() == 0


def test_bob_finds_nothing_of_alice(client, alice, bob, thread):
    client.force_login(alice)
    client.post(f"/chat/{thread.pk}/ask/", {"text": "Hello from Alice"})
    client.force_login(bob)
    assert client.get(f"/chat/{thread.pk}/").status_code == client.get(f"/chat/{uuid4()}/").status_code == 404
    assert client.post(f"/chat/{thread.pk}/ask/", {"text": "Hi"}).status_code == 404
    assert "Hello from Alice" not in client.get("/chat/").content.decode()
    assert Conversation.objects.filter(owner=bob).count() == 0


def test_words_of_people_are_shown_as_text(client, alice, thread):
    client.force_login(alice)
    client.post(f"/chat/{thread.pk}/ask/", {"text": "<script>alert(1)</script> hello"})
    page = client.get(f"/chat/{thread.pk}/").content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_page_allows_nothing_inline(client, alice):
    client.force_login(alice)
    answer = client.get("/chat/")
    policy = answer["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert "style=" not in answer.content.decode()


def test_empty_library_promises_nothing(client, alice):
    client.force_login(alice)
    page = client.get("/chat/").content.decode()
    assert "No policies are published yet" in page
    assert "data-starter" not in page


def test_starters_ask_about_what_is_published(alice, library):
    offered = [question for _, question in starters(alice)]
    assert "How many bags can I check in, and how heavy may they be?" in offered
    assert "Can my dog travel with me in the cabin?" in offered
    assert "How long does a refund take?" not in offered


def test_starters_leave_staff_documents_and_drafts_out(alice, library):
    Document.objects.filter(title="Checked baggage").update(audience="staff")
    withdraw_version(library["pets"])
    assert starters(alice) == []


def test_unknown_policies_are_offered_by_their_title(alice):
    document = Document.objects.create(slug="kites", title="Kites on board")
    publish_version(save_draft(document, "# Kites on board\n\nKites travel in the hold."))
    assert starters(alice) == [("Policy", "What does the policy “Kites on board” say?")]


def test_only_the_newest_messages_are_shown_at_first(client, alice, thread):
    now = timezone.now()
    Message.objects.bulk_create(
        Message(conversation=thread, position=number, role="agent", text=f"Line {number}.", created_at=now)
        for number in range(1, SHOWN_MESSAGES + 3)
    )
    Conversation.objects.filter(pk=thread.pk).update(message_count=SHOWN_MESSAGES + 2)
    client.force_login(alice)
    page = client.get(f"/chat/{thread.pk}/").content.decode()
    assert ("Line 2." in page, "Line 3." in page) == (False, True)
    assert f"Show all {SHOWN_MESSAGES + 2} messages" in page
    assert "Line 2." in client.get(f"/chat/{thread.pk}/?all").content.decode()


def test_closed_conversation_takes_no_question(client, alice, thread):
    Conversation.objects.filter(pk=thread.pk).update(closed_at=timezone.now())
    client.force_login(alice)
    assert "This conversation is closed." in client.get(f"/chat/{thread.pk}/").content.decode()
    assert client.post(f"/chat/{thread.pk}/ask/", {"text": "Hello?"}).status_code == 422
    assert Message.objects.count() == 0


def test_question_is_only_taken_by_post(client, alice, thread):
    client.force_login(alice)
    assert client.get(f"/chat/{thread.pk}/ask/").status_code == 405
    assert client.post("/chat/").status_code == 405


def test_forged_question_is_refused(alice):
    stranger = Client(enforce_csrf_checks=True)
    stranger.force_login(alice)
    answer = stranger.post("/chat/ask/", {"text": "Hello"})
    assert answer.status_code == 403
    assert "Please send it again" in answer.content.decode()
    assert Message.objects.count() == 0
