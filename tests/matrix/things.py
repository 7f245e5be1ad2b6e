"""What the routes are about: Alice's things and the desk's, and how a route's address is filled in."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from allauth.account.models import EmailAddress
from allauth.idp.oidc.models import Client as Application
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from accounts.models import ApiKey, Plan, Price, SpendAlert, Usage, User
from chat.models import (
    Batch,
    CareText,
    Citation,
    Conversation,
    ConversationFlag,
    HelpLine,
    LabelledQuestion,
    Message,
    Turn,
)
from knowledge.models import Airport, Booking, Flight, Import, Passage, Version
from tests.accounts.identity.soft_key import SoftKey
from webhooks.models import Attempt, Delivery, Endpoint

_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>|\^?\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)")


@dataclass(frozen=True)
class Things:
    """What stands in the database when somebody comes. All that has an owner is Alice's."""

    conversation: Conversation
    turn: Turn
    key: ApiKey
    application: Application
    batch: Import
    flag: ConversationFlag
    passage: Passage
    passkey: Authenticator
    endpoint: Endpoint
    delivery: Delivery
    questions: Batch

    def values(self, pattern: str) -> dict[str, object]:
        """Return what the parameters of a route stand for."""
        return {
            "conversation_id": self.conversation.pk,
            "turn_id": self.turn.pk,
            "response_id": f"resp_{self.turn.pk.hex}",
            "model": "chatsite",
            "document": "checked-baggage",
            "slug": "checked-baggage",
            "passage_id": self.passage.pk,
            "number": 1,
            "batch": self.batch.pk,
            "batch_id": self.questions.pk,
            "locator": "ABC123",
            "flight_number": "LW1",
            "date": "2026-01-02",
            "client_id": self.application.pk,
            "pk": self._row_of(pattern),
            "id": self.conversation.owner_id,
            "object_id": _object_of(pattern),
            "content_type_id": ContentType.objects.get_for_model(Conversation).pk,
            "name": "withdraw",
            "form": "csv",
            "app_label": "chat",
            "url": "nowhere",
            "provider_id": "company",
            "uidb36": "1",
            "key": "made-up",
        }

    def _row_of(self, pattern: str) -> object:
        rows = {
            "conversationflag": self.flag, "import/": self.batch, "webauthn": self.passkey,
            "webhooks/endpoint": self.endpoint, "webhooks/delivery": self.delivery,
        }  # fmt: skip
        return next((row.pk for part, row in rows.items() if part in pattern), self.key.pk)


def fill(pattern: str, values: dict[str, object]) -> str:
    """Return the address of a route."""
    path = _PARAMETER.sub(lambda found: str(values[found[1] or found[2]]), pattern)
    return "/" + path.replace("^", "").replace("$", "").replace("\\", "")


def unknown(values: dict[str, object]) -> dict[str, object]:
    """Return ids of the same kinds that nothing has."""
    made_up: dict[type, Callable[[], object]] = {UUID: uuid4, int: lambda: 2_000_000_000}
    return {name: made_up.get(type(value), lambda: "nobody")() for name, value in values.items()}


def _object_of(pattern: str) -> object:
    """Return the first row of the model whose pages a route of the admin shows."""
    found = re.match(r"admin/(\w+)/(\w+)/", pattern)
    for model in admin.site._registry if found else ():
        if (model._meta.app_label, model._meta.model_name) == found.groups():
            row = model._default_manager.order_by("pk").first()
            return row.pk if row else "1"
    return "1"


def furnish(alice: User, library: dict[str, Version]) -> Things:
    """Put a row into everything that has a page."""
    now = timezone.now()
    conversation = Conversation.objects.create(owner=alice, title="May my dog fly?", last_message_at=now)
    said = Message.objects.create(
        conversation=conversation, position=1, role="user", text="May my dog fly?", created_at=now
    )
    turn = Turn.objects.create(
        conversation=conversation, position=1, question=said, created_at=now, deadline_at=Turn.new_deadline(),
        status=Turn.Status.FAILED, finished_at=now, error_code="internal",
    )  # fmt: skip
    Conversation.objects.filter(pk=conversation.pk).update(message_count=1)
    Citation.objects.create(
        turn=turn, number=1, kind=Citation.Kind.PASSAGE, title="Checked baggage", quote="Up to 23 kg.",
        passage_id=library["checked-baggage"].passages.order_by("pk").first().pk, version_number=1,
    )  # fmt: skip
    key, _ = ApiKey.objects.issue(alice, "mine")
    _accounts(alice)
    _records(alice)
    return Things(
        conversation=conversation,
        turn=turn,
        key=key,
        application=Application.objects.get_or_create(id="app", defaults={"name": "App"})[0],
        batch=Import.objects.create(status=Import.Status.DONE, finished_at=now),
        flag=ConversationFlag.objects.create(
            conversation=conversation, turn=turn, kind="crisis", cause="cues"
        ),
        passage=library["checked-baggage"].passages.order_by("pk").first(),
        passkey=_passkey(alice),
        **_webhooks(),
        questions=_batch(alice),
    )


def _batch(alice: User) -> Batch:
    alice.user_permissions.add(Permission.objects.get(codename="send_batch"))
    batch = Batch.objects.create(owner=alice)
    batch.items.create(position=1, text="May my dog fly?")
    return batch


def _webhooks() -> dict[str, Any]:
    endpoint = Endpoint(name="CRM", url="https://127.0.0.1/hook", events=["document.published"])
    endpoint.give_secret()
    endpoint.save()
    delivery = Delivery.objects.create(
        endpoint=endpoint, event="document.published", body="{}", state=Delivery.State.DELIVERED
    )
    Attempt.objects.create(delivery=delivery, number=1, at=timezone.now(), status=200)
    return {"endpoint": endpoint, "delivery": delivery}


def _passkey(alice: User) -> Authenticator:
    made = SoftKey().create({"publicKey": {"challenge": "AAAA", "user": {"id": "AAAA"}}})
    data = {"name": "Phone", "credential": json.loads(made)}
    return Authenticator.objects.create(user=alice, type=Authenticator.Type.WEBAUTHN, data=data)


def _accounts(alice: User) -> None:
    today = timezone.localdate()
    EmailAddress.objects.create(user=alice, email=alice.email, verified=True, primary=True)
    SocialAccount.objects.create(user=alice, provider="company", uid="1")
    UserSession.objects.create(
        user=alice, ip="127.0.0.1", session_key="x", user_agent="", last_seen_at=timezone.now()
    )
    Plan.objects.create(name="Basic")
    Price.objects.create(
        provider="openai", model="small", valid_from=today, input_per_million=Decimal(1),
        output_per_million=Decimal(2),
    )  # fmt: skip
    Usage.objects.create(user=alice, day=today, source="llm")
    SpendAlert.objects.create(day=today, subject="desk", money_nano=2, limit_nano=1)
    HelpLine.objects.create(country="ES", language="es", name="024", phone="024")
    LabelledQuestion.objects.create(text="May my dog fly?", intent="policy")
    CareText.objects.get_or_create(language="en", defaults={"heading": "a", "protocol": "b", "support": "c"})


def _records(alice: User) -> None:
    now = timezone.now()
    origin, destination = (Airport.objects.create(code=code, name=code, city=code) for code in ("MAD", "LIS"))
    Flight.objects.create(
        number="LW1", date=date(2026, 1, 2), origin=origin, destination=destination,
        scheduled_departure=now, scheduled_arrival=now,
    )  # fmt: skip
    Booking.objects.create(reference="ABC123", owner=alice, cabin="economy")
