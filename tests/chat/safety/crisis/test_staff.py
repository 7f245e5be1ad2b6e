"""Staff: the flags they handle, the lines and texts they keep, the warnings while nobody reviewed them."""

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from chat.models import CareText, Conversation, ConversationFlag, HelpLine, Message, Turn

pytestmark = pytest.mark.django_db

FLAGS = reverse("admin:chat_conversationflag_changelist")


@pytest.fixture
def staff(client: Client, carol) -> Client:
    client.force_login(carol)
    return client


def flagged(owner, kind: str = "protocol") -> ConversationFlag:
    conversation = Conversation.objects.create(owner=owner)
    now = timezone.now()
    said = Message.objects.create(
        conversation=conversation, position=1, role="user", text="private words", created_at=now
    )
    turn = Turn.objects.create(
        conversation=conversation, position=1, question=said, created_at=now, deadline_at=now
    )
    return ConversationFlag.objects.create(conversation=conversation, turn=turn, kind=kind, cause="cues")


def test_list_shows_who_waits_the_plainest_danger_first_and_no_words(staff, alice, bob):
    flagged(alice, "support")
    flagged(bob)
    page = staff.get(FLAGS).content.decode()
    assert page.index("In danger") < page.index("Perhaps in danger") and "private words" not in page


def test_handled_flag_leaves_the_list_and_is_audited(staff, alice, carol):
    flag = flagged(alice)
    page = staff.get(reverse("admin:chat_conversationflag_change", args=[flag.pk])).content.decode()
    handle = reverse("admin:chat_conversationflag_handle", args=[flag.pk])
    assert f'formaction="{handle}"' in page
    assert staff.get(handle).status_code == 405
    assert staff.post(handle).status_code == 302
    staff.post(handle)
    flag.refresh_from_db()
    assert flag.handled_by == carol and flag.handled_at
    assert AuditEntry.objects.filter(act="crisis-handled").count() == 1
    assert not ConversationFlag.objects.waiting().exists()
    waiting, handled = (
        staff.get(FLAGS + query).context["cl"].result_count for query in ("", "?state=handled")
    )
    assert (waiting, handled) == (0, 1)


def test_action_handles_several(staff, alice, bob):
    chosen = [flagged(alice).pk, flagged(bob).pk]
    staff.post(FLAGS, {"action": "mark_handled", "_selected_action": chosen})
    assert not ConversationFlag.objects.waiting().exists()


def test_customers_and_staff_without_the_right_handle_nothing(client, alice, bob, carol):
    flag = flagged(alice)
    handle = reverse("admin:chat_conversationflag_handle", args=[flag.pk])
    client.force_login(bob)
    assert client.post(handle).status_code in (302, 403)
    carol.is_superuser = False
    carol.save()
    client.force_login(carol)
    assert client.post(handle).status_code == 403
    assert ConversationFlag.objects.waiting().exists()


def test_first_texts_and_lines_are_there_and_want_a_review(staff):
    assert set(CareText.objects.values_list("language", flat=True)) == {"en", "es", "pt", "fr", "de", "it"}
    assert HelpLine.objects.filter(country="ES", phone="024").exists()
    for model in ("helpline", "caretext"):
        page = staff.get(reverse(f"admin:chat_{model}_changelist")).content.decode()
        assert "Nobody has reviewed" in page


def test_check_warns_until_everything_is_reviewed(capsys):
    call_command("check", databases=["default"])
    assert "chat.W003" in capsys.readouterr().err
    for model in (CareText, HelpLine):
        model.objects.update(reviewed_on=timezone.localdate(), reviewer="Carol")
    call_command("check", databases=["default"])
    assert "chat.W003" not in capsys.readouterr().err


def test_change_undoes_the_review(staff):
    line = HelpLine.objects.get(country="FR")
    HelpLine.objects.filter(pk=line.pk).update(reviewed_on=timezone.localdate(), reviewer="Carol")
    page = reverse("admin:chat_helpline_change", args=[line.pk])
    form = {**staff.get(page).context["adminform"].form.initial, "phone": "3115"}
    staff.post(page, form)
    line.refresh_from_db()
    assert (line.phone, line.reviewed_on, line.reviewer) == ("3115", None, "")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("button", [{}, {"_answer": "1"}], ids=["search", "answer"])
def test_tried_question_shows_the_protocol_and_flags_nothing(staff, library, button):
    form = {
        "question": "I want to kill myself",
        "earlier": "",
        "language": "",
        "audience": "public",
        **button,
    }
    page = staff.post(reverse("admin:chat_trial_changelist"), form).content.decode()
    assert "You can talk to someone now" in page
    assert not ConversationFlag.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"phone": "javascript:alert(1)"},
        {"url": "http://example.com"},
        {"url": "javascript:alert(1)"},
        {"country": "Spain"},
        {"phone": "", "text": "", "url": ""},
        {"reviewed_on": "2026-11-21", "reviewer": ""},
    ],
)
def test_lines_that_lead_nowhere_are_refused(staff, wrong):
    line = HelpLine.objects.get(country="FR")
    page = reverse("admin:chat_helpline_change", args=[line.pk])
    initial = {k: v for k, v in staff.get(page).context["adminform"].form.initial.items() if v is not None}
    assert staff.post(page, {**initial, **wrong}).status_code == 200
    line.refresh_from_db()
    assert line.phone == "3114" and line.url == "https://3114.fr"
