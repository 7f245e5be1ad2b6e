"""A batch is taken item by item; nothing of it is asked yet."""

import zipfile
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.privacy.erasing import erase_account
from accounts.privacy.exporting import archive
from chat import batches, conversations, erasure
from chat.batches import own
from chat.models import Batch, BatchItem, Message
from tests.chat.batches.conftest import URL, client_of, fetch, may_send, send

pytestmark = pytest.mark.django_db
QUESTION = {"id": "a", "text": "How heavy may a checked bag be?", "metadata": {"queue": "bags"}}


def results(response):
    return response.json()["items"]["results"]


def problems(response):
    return [(item["problem"] or {}).get("code") for item in results(response)]


def test_items_are_taken_and_wait(alice):
    answer = send(alice, QUESTION, {"text": "And a second one?"})
    assert answer.status_code == 202
    assert answer["Location"] == f"{URL}{answer.json()['id']}/"
    assert [item["state"] for item in results(answer)] == ["waiting", "waiting"]
    assert results(answer)[0]["metadata"] == {"queue": "bags"}
    assert (answer.json()["state"], answer.json()["total"]) == ("running", 2)
    assert Message.objects.count() == 0


def test_each_item_is_refused_by_itself(alice, bob, settings):
    settings.MESSAGE_MAX_CHARACTERS = 40
    his = conversations.open_conversation(bob)
    closed = conversations.open_conversation(alice)
    closed.closed_at = timezone.now()
    closed.save()
    answer = send(
        alice,
        QUESTION,
        {"id": "a", "text": "The same id again."},
        {"text": "  "},
        {"text": "x" * 41},
        {"text": "In his?", "conversation": str(his.pk)},
        {"text": "In a closed one?", "conversation": str(closed.pk)},
        {"text": "Hm?", "language": "xx"},
        {"text": "Hm?", "metadata": {str(n): "x" for n in range(17)}},
        {"text": "Hm?", "metadata": {"queue": ["x"]}},
        {"id": "b"},
        "no object",
    )  # fmt: skip
    assert problems(answer) == [
        None, "duplicate_id", "message_empty", "message_too_long", "not_found", "conversation_closed",
        "invalid", "invalid", "invalid", "invalid", "invalid",
    ]  # fmt: skip
    assert results(answer)[8]["problem"]["fields"] == {"metadata": ["queue: Not a valid string."]}
    assert results(answer)[9]["id"] == "b"
    assert list(results(answer)[9]["problem"]["fields"]) == ["text"]
    assert answer.json()["progress"]["refused"] == 10
    assert BatchItem.objects.exclude(text="").count() == 1, "what was refused is not kept"


@pytest.fixture
def two_an_hour(settings):
    """Let two items an hour be sent; all are counted in one place, however busy Redis is."""
    settings.LIMITS = {**settings.LIMITS, "batch_items": (2, 3600)}
    settings.LIMITS_REDIS_SECONDS = 20


@pytest.mark.parametrize("body", [{}, [], {"items": []}, {"items": "x"}, {"items": [QUESTION] * 4}])
def test_what_is_no_batch_is_a_problem(alice, settings, body):
    settings.BATCH_MAX_ITEMS = 3
    answer = client_of(alice).post(URL, body, format="json")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert Batch.objects.count() == 0


def test_same_key_is_the_same_batch(alice):
    first, second = (send(alice, QUESTION, key="night 1").json() for _ in range(2))
    assert first == second
    assert Batch.objects.count() == 1


def test_same_key_with_other_items_is_refused(alice):
    send(alice, QUESTION, key="night 1")
    answer = send(alice, {"text": "Another?"}, key="night 1")
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


def test_batch_that_another_process_saved_meanwhile_is_found(alice, monkeypatch):
    batch_id = uuid4()
    first = batches.take(alice, [batches.NewItem(text="Hello?")], batch_id=batch_id)
    known = batches.taking._known
    answers = iter([None])  # not there yet when it is looked for
    monkeypatch.setattr(batches.taking, "_known", lambda *args: next(answers, None) or known(*args))
    assert batches.take(alice, [batches.NewItem(text="Hello?")], batch_id=batch_id) == first
    assert BatchItem.objects.count() == 1


def test_items_beyond_the_limit_are_refused(alice, bob, two_an_hour):
    answer = send(alice, *[{"text": f"Question {n}?"} for n in range(3)])
    assert problems(answer) == [None, None, "rate_limited"]
    assert 0 < results(answer)[2]["problem"]["retry_after"] <= 3600
    assert problems(send(alice, QUESTION)) == ["rate_limited"]
    assert problems(send(may_send(bob), QUESTION)) == [None]


def test_sent_again_it_counts_once(alice, two_an_hour):
    for _ in range(3):
        send(alice, QUESTION, key="night 1")
    assert problems(send(alice, QUESTION)) == [None]


def test_only_who_was_given_the_permission_may(bob, carol):
    assert send(bob, QUESTION).status_code == 403
    assert client_of(bob).get(URL).status_code == 403
    assert send(carol, QUESTION).status_code == 202


def test_bobs_batches_are_his(alice, bob):
    batch = send(alice, QUESTION).json()["id"]
    bobs = client_of(may_send(bob))
    for answer in (bobs.get(f"{URL}{batch}/"), bobs.delete(f"{URL}{batch}/")):
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert bobs.get(URL).json()["results"] == []
    assert [one["id"] for one in client_of(alice).get(URL).json()["results"]] == [batch]


def test_cancelling_ends_what_waits(alice):
    batch = send(alice, QUESTION, {"text": ""}).json()["id"]
    for _ in range(2):
        answer = client_of(alice).delete(f"{URL}{batch}/")
    assert answer.json()["state"] == "finished"
    assert answer.json()["cancelled_at"]
    assert [item["state"] for item in results(answer)] == ["cancelled", "refused"]
    assert not BatchItem.objects.exclude(text="").exists()


def test_items_come_in_pages_and_by_state(alice, settings):
    sent = [{"text": f"Question {n}?"} for n in range(99)] + [{"text": ""}, QUESTION]
    settings.BATCH_MAX_ITEMS = 101
    batch = send(alice, *sent).json()
    assert len(batch["items"]["results"]) == 100
    rest = client_of(alice).get(batch["items"]["next"]).json()["items"]
    assert [item["id"] for item in rest["results"]] == ["a"]
    refused = fetch(alice, batch["id"], state="refused")["items"]["results"]
    assert [item["position"] for item in refused] == [100]
    assert client_of(alice).get(f"{URL}{batch['id']}/", {"state": "lost"}).status_code == 400


def test_what_was_sent_goes_with_its_conversation(alice):
    thread = conversations.open_conversation(alice)
    batch = send(alice, QUESTION | {"conversation": str(thread.pk)}, {"text": "Elsewhere?"}).json()["id"]
    erasure.erase([thread.pk])
    assert [item["position"] for item in fetch(alice, batch)["items"]["results"]] == [2]


@pytest.mark.django_db(transaction=True)
def test_batches_go_with_the_account(alice):
    send(alice, QUESTION)
    erase_account(alice)
    assert not Batch.objects.exists()
    assert not BatchItem.objects.exists()


def test_export_holds_ones_own(alice, bob):
    batch = send(alice, QUESTION).json()["id"]
    mine, his = (zipfile.ZipFile(archive(person)) for person in (alice, bob))
    [name] = [name for name in mine.namelist() if name.startswith("batches/")]
    assert batch in name
    assert "How heavy may a checked bag be?" in mine.read(name).decode()
    assert not [name for name in his.namelist() if name.startswith("batches/")]


def test_old_batches_are_deleted(alice):
    send(alice, QUESTION)
    before = timezone.now()
    send(alice, QUESTION)
    assert own.old_batches(before, dry_run=True) == 1
    assert own.old_batches(before, dry_run=False) == 1
    assert Batch.objects.count() == 1


def test_whoever_is_told_that_all_is_finished_has_every_item_so(alice, monkeypatch):
    """The last item ends while the answer is put together."""
    batch = send(alice, QUESTION).json()["id"]
    counted = batches.progress_of

    def ended_meanwhile(rows):
        batches.cancel(Batch.objects.get(pk=batch))
        return counted(rows)

    monkeypatch.setattr(batches, "progress_of", ended_meanwhile)
    told = fetch(alice, batch)
    assert told["state"] == "finished"
    assert [item["state"] for item in told["items"]["results"]] == ["cancelled"]
