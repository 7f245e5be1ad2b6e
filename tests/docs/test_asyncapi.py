"""docs/asyncapi.yaml is a proper document, and says of the socket what real frames and the code say."""

import inspect
import json
import re
from collections.abc import Iterator
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import pytest
import yaml
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from jsonschema import Draft7Validator, FormatChecker

from chat import consumers, conversations, dispatch, filing, frames, tasks
from chat.database import in_database
from chat.events import types
from chat.models import Citation, Message, ToolCall, Turn
from chat.turn.present import NOTICE_KINDS
from tests.chat.conftest import FINAL, SocketClient, conversation, desk, open_socket, worker  # noqa: F401
from tests.chat.turn.test_moods import CROSS
from tests.docs.asyncapi_structure import STRUCTURE
from tests.docs.pages import ROOT

DOCUMENT: Final[dict[str, Any]] = yaml.safe_load(
    (ROOT / "docs" / "asyncapi.yaml").read_text(encoding="utf-8")
)
MESSAGES: Final = DOCUMENT["components"]["messages"]
SCHEMAS: Final = DOCUMENT["components"]["schemas"]
EVENTS: Final = {event.type: event for event in types.Event.__subclasses__()}
ENVELOPE: Final = {"type", "turn", "conversation", "id", "at"}
OPEN_OBJECTS: Final = {"slots", "arguments"}  # by name of their property: what they hold is not fixed
OPTIONAL: Final = {
    "follow": {"after"},
    "error": {"client_id", "retry_after"},
    "notice": {"title", "language", "lines"},
}
QUESTION: Final = "How many bags may I check in?"
CHATTER: Final = "Bags are large objects and this here goes on for quite some time before anything is asked. "
FORMATS: Final = FormatChecker()


@FORMATS.checks("date-time", raises=ValueError)
def _is_instant(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


@FORMATS.checks("uuid", raises=ValueError)
def _is_uuid(value: object) -> bool:
    return not isinstance(value, str) or str(UUID(value)) == value


def faults_of(frame: dict[str, Any]) -> list[str]:
    """Return what a frame has that the document does not allow, or lacks."""
    if frame.get("type") not in MESSAGES:
        return [f"there is no message {frame.get('type')!r}"]
    schema = {"$ref": f"#/components/messages/{frame['type']}/payload", "components": DOCUMENT["components"]}
    found = Draft7Validator(schema, format_checker=FORMATS).iter_errors(frame)
    return [f"{frame['type']}: {error.json_path}: {error.message}" for error in found]


def names_of(operation: str) -> set[str]:
    """Return the messages of an operation."""
    return {
        reference["$ref"].rsplit("/", 1)[1] for reference in DOCUMENT["operations"][operation]["messages"]
    }


def within(node: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Return every node of a document with its path."""
    yield path, node
    parts = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for name, part in parts:
        yield from within(part, (*path, str(name)))


# --- the document by itself ---------------------------------------------------------------------------------


def test_document_has_the_structure_of_its_version() -> None:
    errors = Draft7Validator(STRUCTURE, format_checker=FORMATS).iter_errors(DOCUMENT)
    assert [f"{error.json_path}: {error.message}" for error in errors] == []


def test_every_reference_leads_somewhere() -> None:
    references = [node["$ref"] for _, node in within(DOCUMENT) if isinstance(node, dict) and "$ref" in node]
    assert references
    for reference in references:
        found: Any = DOCUMENT
        for name in reference.removeprefix("#/").split("/"):
            found = found[name]


def test_operations_and_channel_have_every_message_once() -> None:
    channel = DOCUMENT["channels"]["conversation"]["messages"]
    assert set(channel) == set(MESSAGES) == names_of("take") | names_of("tell")
    assert not names_of("take") & names_of("tell")
    for name, message in MESSAGES.items():
        assert message["name"] == message["payload"]["properties"]["type"]["const"] == name
        assert channel[name] == {"$ref": f"#/components/messages/{name}"}


def test_parameters_are_those_of_the_address() -> None:
    channel = DOCUMENT["channels"]["conversation"]
    assert re.findall(r"{(\w+)}", channel["address"]) == list(channel["parameters"])


def test_schemas_are_valid_closed_and_say_what_is_required() -> None:
    for name, schema in {**{key: one["payload"] for key, one in MESSAGES.items()}, **SCHEMAS}.items():
        Draft7Validator.check_schema(schema)
        for path, node in within(schema):
            if not (isinstance(node, dict) and node.get("type") == "object"):
                continue
            if path and path[-1] in OPEN_OBJECTS:
                continue
            assert node["additionalProperties"] is False, (name, path)
            assert set(node["properties"]) - set(node["required"]) == (
                set() if path else OPTIONAL.get(name, set())
            )


@pytest.mark.parametrize("name", MESSAGES)
def test_examples_are_what_the_schema_says(name: str) -> None:
    for example in MESSAGES[name]["examples"]:
        assert faults_of(example["payload"]) == []


# --- the document and the code ------------------------------------------------------------------------------


def test_client_frames_are_those_that_are_read() -> None:
    assert names_of("take") == set(frames._READERS)


@pytest.mark.parametrize("name", sorted(frames._READERS))
def test_client_examples_are_taken(name: str) -> None:
    for example in MESSAGES[name]["examples"]:
        assert frames.parse(json.dumps(example["payload"]), None)


def test_server_frames_are_those_that_are_sent() -> None:
    of_socket = set(re.findall(r'"type": "([a-z.]+)"', inspect.getsource(consumers)))
    assert names_of("tell") == of_socket | set(EVENTS)


def test_events_have_the_fields_of_their_types() -> None:
    for name, event in EVENTS.items():
        assert set(MESSAGES[name]["payload"]["properties"]) == ENVELOPE | {
            field.name for field in fields(event)
        }


def test_choices_are_those_of_the_models() -> None:
    def choices(name: str, field: str) -> set[str]:
        return set(MESSAGES[name]["payload"]["properties"][field]["enum"])

    assert choices("turn.understood", "tone") == {"", *Turn.Tone.values}
    assert choices("turn.tool", "outcome") == set(ToolCall.Outcome.values)
    completed = MESSAGES["turn.completed"]["payload"]["properties"]
    assert set(completed["source"]["properties"]["kind"]["enum"]) == set(Turn.Source.values)
    assert set(SCHEMAS["message"]["properties"]["role"]["enum"]) == set(Message.Role.values)
    assert set(SCHEMAS["citation"]["properties"]["kind"]["enum"]) == set(Citation.Kind.values)
    assert set(SCHEMAS["notice"]["properties"]["kind"]["enum"]) == set(NOTICE_KINDS)


# --- the document and real frames ---------------------------------------------------------------------------


class Recorder:
    """A client that holds every frame, either way, against the document."""

    def __init__(self, socket: SocketClient):
        self._socket = socket
        self.told: list[dict[str, Any]] = []

    async def send(self, **frame: Any) -> None:
        """Send a frame that the document allows."""
        assert faults_of(frame) == []
        await self._socket.send(**frame)

    async def ask(self, text: str) -> None:
        """Ask a question."""
        await self.send(type="message.send", client_id=str(uuid4()), text=text)

    async def until(self, *kinds: str) -> dict[str, Any]:
        """Read up to a frame of one of these types, and return it."""
        read = await self._socket.until(*kinds)
        for frame in read:
            assert faults_of(frame) == []
        self.told += read
        return read[-1]


async def _lost_turn(alice: Any, conversation_id: UUID) -> Turn:
    """Return a turn whose last attempt died."""
    insert = transaction.atomic(conversations._insert)
    turn, _ = await in_database(insert, alice, conversation_id, QUESTION, None)
    expired = timezone.now() - timedelta(seconds=1)
    await Turn.objects.filter(pk=turn.pk).aupdate(status="running", attempt=3, lease_until=expired)
    return turn


@pytest.mark.anyio
async def test_every_frame_of_a_real_conversation_is_as_documented(alice, conversation, library, provider):  # noqa: F811
    provider.script(
        calls=[[{"name": "search_policies", "arguments": {"query": "pets in the cabin"}}]], says=CHATTER,
        text="A cat may travel for EUR 55 [{last}].",
    )  # fmt: skip
    async with open_socket(alice, conversation.pk) as socket:
        client = Recorder(socket)
        await client.until("ready")
        await client.send(type="ping")
        await client.until("pong")
        await client.ask(" ")
        assert (await client.until("error"))["code"] == "message_empty"
        await socket.send(type="message.delete")
        assert (await client.until("error"))["code"] == "unknown_type"

        await client.ask(QUESTION)
        whole = await client.until(*FINAL)
        assert (whole["type"], len(whole["citations"])) == ("turn.completed", 1)

        provider.script(calls=[], says="", text="word " * 200, interval=0.05)
        await client.ask("What does an overweight bag cost then?")
        begun = await client.until("turn.delta")
        await client.send(type="turn.stop", turn=begun["turn"])
        assert (await client.until(*FINAL))["type"] == "turn.stopped"

        lost = await _lost_turn(alice, conversation.pk)
        await in_database(tasks.sweep) if settings.REDIS_URL else await dispatch.sweep_here()
        await client.send(type="follow", turn=str(lost.pk), after="0-1")
        assert (await client.until(*FINAL))["type"] == "turn.failed"

        await in_database(lambda: filing.change(alice, conversation.pk, title="Bags"))
        await client.until("conversation.changed")
        await in_database(filing.delete, alice, conversation.pk)
        await client.until("conversation.gone")
    assert {frame["type"] for frame in client.told} == names_of("tell")


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("questions", "kind"),
    [(["I want to kill myself"], "crisis"), ([CROSS, "That is not what I asked. " + QUESTION], "person")],
)
async def test_notices_are_as_documented(alice, conversation, library, questions, kind):  # noqa: F811
    async with open_socket(alice, conversation.pk) as socket:
        client = Recorder(socket)
        for question in questions:
            await client.ask(question)
            whole = await client.until(*FINAL)
    assert kind in [notice["kind"] for notice in whole["notices"]]


def test_a_field_more_or_less_is_seen() -> None:
    good = MESSAGES["turn.completed"]["examples"][0]["payload"]
    assert faults_of({**good, "mood": "fine"}) != []
    assert faults_of({name: value for name, value in good.items() if name != "usage"}) != []
    assert faults_of({**good, "message": {**good["message"], "html": ""}}) != []
    assert faults_of({**good, "at": "yesterday"}) != []
    assert faults_of({**good, "type": "turn.begun"}) != []
