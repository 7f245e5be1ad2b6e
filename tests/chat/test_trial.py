"""Staff try a question in the admin: everything is shown, nothing is kept, nobody's records are read."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.models import User
from chat.llm.registry import providers
from chat.models import Citation, Conversation, Message, Turn
from chat.turn import answer_cache
from knowledge.documents.publish import publish_version, save_draft
from knowledge.models import Audience, Booking, Document

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/admin/chat/trial/"
QUESTION = "How heavy may a checked bag be?"


@pytest.fixture
def staff(client, carol):
    client.force_login(carol)
    return client


def ask(client, question=QUESTION, **fields):
    return client.post(PAGE, {"question": question, "audience": "public", **fields})


def text_of(response):
    return response.content.decode()


def test_ranking_marks_and_the_exact_prompt_are_shown(staff, library):
    response = ask(staff)
    page, trial = text_of(response), response.context["trial"]
    assert trial.grounding == "sure"
    assert trial.ranking[0].hit.title == "Checked baggage"
    assert trial.ranking[0].source_number == 1
    assert f"{trial.context.confidence:.2f}" in page
    assert trial.context.text == ""  # nobody was asked
    for part in (
        "policy",
        "These rules stand above",
        "Sources for the next question",
        "up to 23 kg",
        "Not written yet",
    ):
        assert part in page


def test_answer_is_written_by_the_chain_with_footnotes(staff, library):
    page = text_of(ask(staff, _answer="1"))
    assert "quoted word for word" in page
    assert 'href="#source-trial-1"' in page
    assert "extractive (quotation)" in page


@pytest.mark.anyio
async def test_model_is_asked_and_nothing_is_kept(async_client, desk, carol, library, provider):
    provider.script(text="Up to 23 kg [1].")
    await async_client.aforce_login(carol)
    response = await async_client.post(PAGE, {"question": QUESTION, "audience": "public", "_answer": "1"})
    assert "Up to 23 kg" in text_of(response)
    trial = response.context["trial"]
    assert (trial.context.provider, trial.context.text) == ("compatible", "Up to 23 kg [^1].")
    for model in (Conversation, Message, Turn, Citation):
        assert not await model.objects.aexists()
    key = answer_cache.key_of(trial.context, providers()[0])
    assert await cache.aget(key) is None


@pytest.mark.anyio
async def test_failure_of_every_provider_is_told(async_client, desk, carol, library, provider, settings):
    settings.LLM_CHAIN = ["compatible"]
    provider.script(faults=["500"] * 9)
    await async_client.aforce_login(carol)
    response = await async_client.post(PAGE, {"question": QUESTION, "audience": "public", "_answer": "1"})
    assert "not reachable right now" in text_of(response)
    assert response.context["trial"].ranking  # what was found before is shown all the same


def test_refusal_is_shown_without_asking_a_model(staff, library):
    response = ask(staff, "Who won the football world cup in 1986?", _answer="1")
    assert response.context["trial"].grounding == "refused"
    assert "no model is asked" in text_of(response)
    assert "I do not have that in our policies" in text_of(response)


def test_day_of_travel_selects_the_version(staff, library):
    document = library["checked-baggage"].document
    later = timezone.localdate() + timedelta(days=30)
    text = document.latest_version().text.replace("23 kg", "25 kg")
    publish_version(save_draft(document, text, effective_from=later))
    response = ask(staff, on=later.isoformat())
    assert response.context["trial"].ranking[0].hit.version_number == 2
    assert "version 2 instead of version 1" in text_of(response)
    assert ask(staff).context["trial"].ranking[0].hit.version_number == 1


def test_staff_documents_are_ranked_but_never_in_the_prompt(staff, library):
    secret = Document.objects.create(slug="bags", title="Bags at the desk", audience=Audience.STAFF)
    publish_version(save_draft(secret, "# Bags\n\nA heavy checked bag may be waved through."))
    as_staff = ask(staff, audience="staff", _answer="1")
    shown = [ranked for ranked in as_staff.context["trial"].ranking if not ranked.is_public]
    assert [(ranked.hit.slug, ranked.source_number) for ranked in shown] == [("bags", None)]
    assert "waved through" not in as_staff.context["trial"].context.text
    assert "waved through" not in text_of(ask(staff))


def test_earlier_questions_and_language_count(staff, library, settings):
    settings.SEARCH_REFUSE_BELOW = 0.1  # so small a library gives small scores
    response = ask(
        staff, "What does it cost in the cabin?", earlier="May my dog fly?\nIs a cat a pet?", language="es"
    )
    trial = response.context["trial"]
    assert trial.context.language == "es"
    assert [message.text for message in trial.request.messages][:2] == [
        "May my dog fly?",
        "Is a cat a pet?",
    ]
    assert trial.ranking[0].hit.slug == "pets"


def test_nobodys_bookings_are_read(staff, library, carol):
    for owner, reference in ((carol, "K7PQ2M"), (None, "R4ND0M")):
        Booking.objects.create(reference=reference, owner=owner, cabin="economy", fare="Flex")
    page = text_of(ask(staff, "What bookings do I have?", _answer="1"))
    assert "There are no bookings under your account" in page
    assert "K7PQ2M" not in text_of(ask(staff, "Show my booking please"))


def test_turn_in_the_address_fills_the_form(staff, alice):
    thread = Conversation.objects.create(owner=alice)
    for position, words in enumerate(("May my dog fly?", "How much?"), start=1):
        said = Message.objects.create(
            conversation=thread, position=position, role="user", text=words, created_at=timezone.now()
        )
        turn = Turn.objects.create(
            conversation=thread, position=position, question=said, created_at=timezone.now(),
            deadline_at=Turn.new_deadline(),
        )  # fmt: skip
    form = staff.get(f"{PAGE}?turn={turn.pk}").context["form"]
    assert (form["question"].value(), form["earlier"].value()) == ("How much?", "May my dog fly?")
    assert staff.get(f"{PAGE}?turn=nonsense").status_code == 200


@pytest.mark.parametrize(
    "fields", [{"question": ""}, {"question": "x" * 5_000}, {"on": "soon"}, {"audience": "all"}]
)
def test_what_is_filled_in_wrongly_is_told(staff, fields):
    response = ask(staff, **fields)
    assert response.status_code == 200
    assert "Please correct the errors" in text_of(response)
    assert "trial" not in response.context


def test_post_needs_the_token(carol):
    client = Client(enforce_csrf_checks=True)
    client.force_login(carol)
    assert ask(client).status_code == 403


def test_customers_are_sent_to_sign_in(client, bob):
    client.force_login(bob)
    for response in (client.get(PAGE), ask(client)):
        assert response.status_code == 302
        assert "/admin/login/" in response["Location"]


def test_staff_need_the_permission_to_view_turns(client, db):
    dave = User.objects.create_user("dave", "dave@example.com", "x", is_staff=True)
    client.force_login(dave)
    assert client.get(PAGE).status_code == ask(client).status_code == 403
    dave.user_permissions.add(Permission.objects.get(codename="view_turn"))
    assert ask(client).status_code == 200
    assert "Try a question" in text_of(client.get("/admin/"))


def test_question_is_not_logged(staff, library, capfd):
    ask(staff, "My name is Zebediah and my bag is heavy", _answer="1")
    captured = capfd.readouterr()
    assert "Zebediah" not in captured.out + captured.err


@pytest.mark.anyio
async def test_personal_values_of_a_tried_question_are_masked(async_client, desk, carol, library, provider):
    await async_client.aforce_login(carol)
    question = f"{QUESTION} My mail is alice@example.com, card 4111 1111 1111 1112"
    page = text_of(
        await async_client.post(PAGE, {"question": question, "audience": "public", "_answer": "1"})
    )
    assert provider.calls == 1
    sent = str(provider.requests[0]["body"])
    assert "[EMAIL_1], card [CARD_1]" in sent
    assert "alice@" not in sent
    assert "[EMAIL_1]" in page  # the exact prompt is shown as it was sent
