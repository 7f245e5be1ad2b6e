"""Labelled questions: files, the page with the router's figures, and labelling a customer's question."""

import json

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.utils import timezone

from accounts.models import AuditEntry, User
from chat.evaluation.cases import GOLDEN, INTENTS, read_cases
from chat.evaluation.labelled import LabelsRefused, exported, imported
from chat.models import Conversation, LabelledQuestion, Message, Turn

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/admin/chat/labelledquestion/"


@pytest.fixture
def staff(client, carol):
    client.force_login(carol)
    return client


@pytest.fixture
def examples(db):
    rows = [
        ("How heavy may a checked bag be?", "policy", {}),
        ("What bookings do I have?", "booking", {}),
        ("Hello!", "flight", {}),  # labelled wrongly on purpose
        ("May I take two bags in business?", "policy", {"cabin": "business"}),
        ("May I take a bag in economy?", "policy", {"cabin": "business"}),
    ]
    return [LabelledQuestion.objects.create(text=t, intent=i, slots=s) for t, i, s in rows]


def asked_by(owner, text):
    thread, at = Conversation.objects.create(owner=owner), timezone.now()
    said = Message.objects.create(conversation=thread, position=1, role="user", text=text, created_at=at)
    return Turn.objects.create(
        conversation=thread, position=1, question=said, language="en", intent="policy", created_at=at,
        deadline_at=at, status="completed",
    )  # fmt: skip


def test_model_knows_the_routers_intents():
    assert set(LabelledQuestion.Intent.values) == set(INTENTS)


def test_page_shows_confusion_and_what_fails(staff, examples):
    response = staff.get(f"{PAGE}accuracy/")
    report = response.context["report"]
    assert (report.confusion.all.passed, report.confusion.all.of) == (4, 5)
    assert report.confusion.cells["flight", "small_talk"] == 1
    assert (report.slots.passed, report.slots.of) == (1, 2)
    page = response.content.decode()
    assert "80.0 %" in page
    assert [one.question.text for one in report.wrong] == ["May I take a bag in economy?", "Hello!"]


def test_empty_page_says_how_to_begin(staff):
    assert "no labelled questions yet" in staff.get(f"{PAGE}accuracy/").content.decode()


def test_accuracy_asks_no_model(staff, examples, provider, settings):
    settings.UNDERSTAND_WITH_MODEL = True
    staff.get(f"{PAGE}accuracy/")
    assert provider.calls == 0


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_what_is_exported_is_imported_the_same(staff, examples, form):
    LabelledQuestion.objects.create(text="=1+1 is what?", intent="other", note="-odd")
    content = staff.get(f"{PAGE}export/{form}/").content
    assert b"'=1+1" in content if form == "csv" else b'"=1+1' in content
    before = list(LabelledQuestion.objects.values_list("text", "intent", "slots", "note"))
    LabelledQuestion.objects.all().delete()
    assert imported(content, form) == (6, 0)
    assert list(LabelledQuestion.objects.values_list("text", "intent", "slots", "note")) == before


def test_import_changes_labels_of_known_questions(staff, examples):
    row = json.dumps({"text": "Hello!", "intent": "small_talk", "language": "en"}) + "\n"
    file = SimpleUploadedFile("labels.jsonl", row.encode())
    page = staff.post(f"{PAGE}import/", {"file": file}, follow=True).content.decode()
    assert "0 added, 1 changed." in page
    assert LabelledQuestion.objects.get(text="Hello!").intent == "small_talk"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", "text,intent\nNew one,policy\nOther,nonsense\n", "Line 3: intent"),
        ("a.csv", "question,label\n", "is to name the columns"),
        ("a.csv", "text,intent,slots\nNew one,policy,[1]\n", "slots is to be a JSON object"),
        ("a.jsonl", '{"text": "New one", "intent": "policy"}\nnot json\n', "Line 2 is not JSON"),
        ("a.jsonl", "", "The submitted file is empty"),
        ("a.xlsx", "x", "is to end with .csv or .jsonl"),
    ],
)
def test_bad_file_takes_nothing(staff, name, content, words):
    response = staff.post(f"{PAGE}import/", {"file": SimpleUploadedFile(name, content.encode())})
    assert words in response.content.decode()
    assert not LabelledQuestion.objects.exists()


def test_file_that_is_no_text_is_refused():
    with pytest.raises(LabelsRefused, match="UTF-8"):
        imported(b"\xff\xfe\x00", "csv")
    assert exported([], "jsonl") == ""


def test_customers_question_is_labelled_without_personal_values(staff, alice):
    turn = asked_by(alice, "Write to alice@example.com how heavy a bag may be")
    form = staff.get(f"{PAGE}add/?turn={turn.pk}").context["adminform"].form
    assert "alice@example.com" not in form["text"].value()
    assert "how heavy a bag may be" in form["text"].value()
    assert form["intent"].value() == "policy"
    assert AuditEntry.objects.filter(act="conversation-read", object_id=str(turn.pk)).exists()
    assert f"{PAGE}add/?turn={turn.pk}" in staff.get(f"/admin/chat/turn/{turn.pk}/change/").content.decode()


def test_whoever_may_not_read_turns_labels_none(client, db, alice):
    dave = User.objects.create(username="dave", is_staff=True)
    dave.user_permissions.add(Permission.objects.get(codename="add_labelledquestion"))
    client.force_login(dave)
    turn = asked_by(alice, "How heavy may a bag be?")
    assert client.get(f"{PAGE}add/?turn={turn.pk}").status_code == 403
    assert client.get(f"{PAGE}accuracy/").status_code == 403
    assert client.get(f"{PAGE}export/csv/").status_code == 403
    assert client.post(f"{PAGE}import/").status_code == 403
    assert client.get(f"{PAGE}add/").status_code == 200


def test_list_leads_to_files_and_figures(staff, client, carol):
    links = (f"{PAGE}import/", f"{PAGE}accuracy/", f"{PAGE}export/csv/", f"{PAGE}export/jsonl/")
    page = staff.get(PAGE).content.decode()
    assert all(f'href="{link}"' in page for link in links)
    dave = User.objects.create(username="dave", is_staff=True)
    dave.user_permissions.add(Permission.objects.get(codename="view_labelledquestion"))
    client.force_login(dave)
    page = client.get(PAGE).content.decode()
    assert [link for link in links if f'href="{link}"' not in page] == [f"{PAGE}import/"]


def test_customers_are_sent_to_sign_in(client, bob):
    client.force_login(bob)
    for path in ("", "accuracy/", "import/", "export/csv/"):
        assert "/admin/login/" in client.get(f"{PAGE}{path}")["Location"]


def test_golden_questions_become_examples_once():
    call_command("label_questions", verbosity=0)
    count = LabelledQuestion.objects.count()
    assert count > 150
    first = LabelledQuestion.objects.order_by("pk")[0]
    LabelledQuestion.objects.filter(pk=first.pk).update(intent="other")
    call_command("label_questions", verbosity=0)
    assert LabelledQuestion.objects.count() == count
    assert LabelledQuestion.objects.get(pk=first.pk).intent == "other"
    first.delete()
    call_command("label_questions", "--if-none", verbosity=0)  # as every start of the demonstration does
    assert LabelledQuestion.objects.count() == count - 1
    assert max(len(case.ask) for case in read_cases([GOLDEN])) <= 500
