"""Staff set endpoints up, try them and read the log; whoever lacks the permission does not."""

import re

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from accounts.audit import Act
from accounts.models import AuditEntry
from chat.models import Conversation
from tests.leftovers import leftovers
from tests.matrix.visitors import agent
from tests.webhooks.conftest import make_delivery
from webhooks.models import Attempt, Delivery, Endpoint

pytestmark = pytest.mark.django_db
NEW = {"name": "CRM", "events": ["turn.completed", "document.published"], "is_active": "on"}
SECRET = re.compile(r"whsec_[A-Za-z0-9+/=]{44}")


@pytest.fixture
def desk(client, carol, nothing_sent):
    """Carol's browser."""
    client.force_login(carol)
    return client


def page(name, *args):
    return reverse(f"admin:webhooks_{name}", args=args)


def secret_in(response):
    return SECRET.search(response.content.decode().replace("&#x2B;", "+"))[0]


def test_a_new_endpoint_shows_its_secret_once(desk, receiver):
    response = desk.post(page("endpoint_add"), NEW | {"url": receiver.url})
    secret = secret_in(response)
    endpoint = Endpoint.objects.get()
    assert endpoint.secrets() == [secret]
    assert endpoint.events == ["turn.completed", "document.published"]
    assert "no-store" in response["Cache-Control"]
    again = desk.get(page("endpoint_change", endpoint.pk))
    assert again.status_code == 200
    assert secret not in again.content.decode()
    assert leftovers(secret) == []


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://hooks.example.com/", "begin with https"),
        ("https://10.0.0.1/", "not a public address"),
        ("https://inside.example/", "leads to 192.168.0.1, which is not a public address"),
        ("https://u:p@hooks.example.com/", "user name or a password"),
        ("https://2130706433/", "usual IP address"),
    ],
)
def test_an_address_that_is_not_allowed_is_refused_in_words(desk, settings, names, url, words):
    settings.WEBHOOK_ALLOW_HTTP = False
    names(["192.168.0.1"])
    response = desk.post(page("endpoint_add"), NEW | {"url": url})
    assert words in response.content.decode()
    assert not Endpoint.objects.exists()


def test_a_name_that_is_not_found_does_not_keep_an_endpoint_on(desk, names):
    names([])
    endpoint = Endpoint(name="CRM", url="https://nowhere.example/", events=["turn.completed"])
    endpoint.give_secret()
    endpoint.save()
    form = NEW | {"url": endpoint.url}
    assert "cannot be found" in desk.post(page("endpoint_change", endpoint.pk), form).content.decode()
    del form["is_active"]
    assert desk.post(page("endpoint_change", endpoint.pk), form).status_code == 302
    assert not Endpoint.objects.get().is_active


def test_an_endpoint_that_was_switched_off_begins_anew(desk, endpoint):
    Endpoint.objects.update(
        is_active=False,
        failing_since=timezone.now(),
        switched_off_at=timezone.now(),
        switched_off_why="It failed.",
    )
    assert "It failed." in desk.get(page("endpoint_changelist")).content.decode()
    desk.post(page("endpoint_change", endpoint.pk), NEW | {"url": endpoint.url})
    endpoint.refresh_from_db()
    assert (endpoint.is_active, endpoint.failing_since, endpoint.switched_off_why) == (True, None, "")


def test_a_rotated_secret_is_shown_once_beside_the_former_one(desk, endpoint):
    former = endpoint.secrets()[0]
    secret = secret_in(desk.post(page("endpoint_rotate", endpoint.pk)))
    endpoint.refresh_from_db()
    assert endpoint.secrets() == [secret, former]
    # A reload must not throw away the one that is in use.
    desk.post(page("endpoint_rotate", endpoint.pk))
    endpoint.refresh_from_db()
    assert endpoint.secrets() == [secret, former]
    desk.post(page("endpoint_end-former", endpoint.pk))
    endpoint.refresh_from_db()
    assert endpoint.secrets() == [secret]


def test_changes_are_audited_without_secrets_and_paths(desk, receiver):
    url = receiver.url + "/hidden-part"
    secret = secret_in(desk.post(page("endpoint_add"), NEW | {"url": url}))
    endpoint = Endpoint.objects.get()
    desk.post(page("endpoint_change", endpoint.pk), NEW | {"url": url, "include_text": "on"})
    desk.post(page("endpoint_rotate", endpoint.pk))
    desk.post(page("endpoint_delete", endpoint.pk), {"post": "yes"})
    acts = [(Act.WEBHOOK_CHANGED, "made"), (Act.WEBHOOK_CHANGED, "changed")]
    acts += [(Act.WEBHOOK_SECRET_CHANGED, "rotated"), (Act.WEBHOOK_CHANGED, "deleted")]
    entries = AuditEntry.objects.filter(act__startswith="webhook").order_by("id")
    assert [(entry.act, entry.details["change"]) for entry in entries] == acts
    assert entries[1].details["texts"] is True
    assert {entry.actor_label for entry in entries} == {"carol"}
    trail = str(list(entries.values()))
    assert "hidden-part" not in trail
    assert secret not in trail
    assert not Endpoint.objects.exists()


def test_a_test_event_is_written_and_shown(desk, endpoint, nothing_sent):
    response = desk.post(page("endpoint_test", endpoint.pk), follow=True)
    delivery = Delivery.objects.get()
    assert response.redirect_chain[-1][0] == page("delivery_change", delivery.pk)
    assert (delivery.event, delivery.most_attempts) == ("webhook.test", 1)


def test_an_endpoint_that_is_off_is_not_tried(desk, endpoint):
    Endpoint.objects.update(is_active=False)
    desk.post(page("endpoint_test", endpoint.pk))
    assert not Delivery.objects.exists()


def test_the_log_shows_every_try_as_plain_text(desk, delivery):
    Attempt.objects.create(
        delivery=delivery,
        number=1,
        at=timezone.now(),
        status=500,
        error="status",
        ms=12,
        response="<b>no</b>",
    )
    text = desk.get(page("delivery_change", delivery.pk)).content.decode()
    assert "The receiver refused it" in text
    assert "&lt;b&gt;no&lt;/b&gt;" in text
    assert delivery.message_id in text


@pytest.mark.parametrize(
    "query", ["", "?state=pending", "?state=failed", "?event=turn.completed", "?event=webhook.test"]
)
def test_the_log_is_filtered(desk, delivery, query):
    shown = delivery.message_id in desk.get(page("delivery_changelist") + query).content.decode()
    assert shown == (query in ("", "?state=pending", "?event=turn.completed"))


def test_the_log_is_searched_by_id(desk, delivery, alice):
    conversation = Conversation.objects.create(owner=alice)
    Delivery.objects.update(conversation_id=conversation.pk)
    for words, is_found in (
        (delivery.message_id, True), (str(conversation.pk), True), ("evt_" + "0" * 32, False),
        ("turn", False),
    ):  # fmt: skip
        text = desk.get(page("delivery_changelist"), {"q": words}).content.decode()
        assert (delivery.message_id in text.replace(f'value="{words}"', "")) == is_found


def test_deliveries_are_sent_again(desk, delivery, nothing_sent, django_capture_on_commit_callbacks):
    Delivery.objects.update(state="failed", finished_at=timezone.now(), attempts=8, next_at=None)
    assert "Send again" in desk.get(page("delivery_change", delivery.pk)).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        desk.post(page("delivery_redeliver", delivery.pk))
    delivery.refresh_from_db()
    assert (delivery.state, delivery.most_attempts) == ("pending", 16)
    assert nothing_sent == [str(delivery.endpoint_id)]
    desk.post(page("delivery_changelist"), {"action": "redeliver", "_selected_action": [str(delivery.pk)]})


def test_texts_are_shown_to_those_who_may_read_conversations_and_each_look_is_audited(
    client, desk, endpoint, alice, bob
):
    conversation = Conversation.objects.create(owner=alice)
    delivery = make_delivery(
        endpoint, body='{"text":"quokka"}', has_text=True, conversation_id=conversation.pk
    )
    assert "quokka" in desk.get(page("delivery_change", delivery.pk)).content.decode()
    entry = AuditEntry.objects.get(act=Act.CONVERSATION_READ)
    assert (entry.object_id, entry.details["page"]) == (str(conversation.pk), "webhook")
    bob.is_staff = True
    bob.save()
    bob.user_permissions.add(Permission.objects.get(codename="view_delivery"))
    client.force_login(bob)
    text = client.get(page("delivery_change", delivery.pk)).content.decode()
    assert "quokka" not in text
    assert "which you may not read" in text
    assert AuditEntry.objects.filter(act=Act.CONVERSATION_READ).count() == 1


def _steps(endpoint, delivery):
    return [
        page("endpoint_test", endpoint.pk), page("endpoint_rotate", endpoint.pk),
        page("endpoint_end-former", endpoint.pk), page("delivery_redeliver", delivery.pk),
    ]  # fmt: skip


def test_customers_and_agents_get_nowhere(client, delivery, bob, carol, nothing_sent):
    endpoint = delivery.endpoint
    before = bytes(endpoint.sealed_secret)
    for person, status in ((bob, 302), (agent(carol.password), 403)):
        client.force_login(person)
        for name in ("endpoint_changelist", "endpoint_add", "delivery_changelist"):
            assert client.get(page(name)).status_code == status
        for step in _steps(endpoint, delivery):
            assert client.post(step).status_code == status
    endpoint.refresh_from_db()
    assert bytes(endpoint.sealed_secret) == before
    assert Delivery.objects.count() == 1


def test_whoever_may_only_look_changes_nothing(client, delivery, bob, nothing_sent):
    bob.is_staff = True
    bob.save()
    bob.user_permissions.set(Permission.objects.filter(codename__in=["view_endpoint", "view_delivery"]))
    client.force_login(bob)
    Delivery.objects.update(state="failed", finished_at=timezone.now())
    text = client.get(page("endpoint_change", delivery.endpoint_id)).content.decode()
    text += client.get(page("delivery_change", delivery.pk)).content.decode()
    assert "Make a new secret" not in text
    assert "Send again" not in text
    for step in _steps(delivery.endpoint, delivery):
        assert client.post(step).status_code == 403


def test_what_is_not_there_is_not_found(desk, delivery):
    from uuid import uuid4

    for step in ("endpoint_test", "endpoint_rotate", "endpoint_end-former", "delivery_redeliver"):
        assert desk.post(page(step, uuid4())).status_code == 404
