"""The description of the REST API tells all of every step: what it does, an example, what may go wrong."""

from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from drf_spectacular.generators import SchemaGenerator

from chatsite.api_schema import FOREIGN, JSON, PROBLEM, steps_of

# What the router reads out of a question: other values for every intent.
FREE = {"ExportedTurn (understood)"}
PARTS = ("properties", "items", "allOf", "oneOf", "anyOf", "additionalProperties")


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    """The description as programs fetch it."""
    return SchemaGenerator().get_schema(request=None, public=True)


def test_every_step_is_told_in_full(description):
    assert len(list(steps_of(description))) > 45
    assert list(gaps(description)) == []


def test_every_example_is_what_the_schema_says(description):
    wrong, shown = [], 0
    for where, media in bodies(description):
        for name, example in media.get("examples", {}).items():
            shown += 1
            asked = "request" in where
            parts = {"components": _plain(description["components"], asked=asked)}
            schema = _plain(media["schema"], asked=asked) | parts
            validator = jsonschema.Draft202012Validator(schema)
            wrong += [
                f"{where} “{name}”: {error.message}" for error in validator.iter_errors(example["value"])
            ]
    assert shown > 100
    assert wrong == []


def test_names_of_steps_are_used_once(description):
    names = [step["operationId"] for _, _, step in steps_of(description)]
    assert sorted(set(names)) == sorted(names)


def gaps(description: dict[str, Any]) -> Iterator[str]:
    """Yield what is missing, as the step and what it is."""
    for path, method, step in steps_of(description):
        where = f"{method.upper()} {path}"
        yield from (f"{where}: no {name}" for name in ("summary", "description") if not step.get(name))
        if step.get("tags", ["v1"])[0] in ("v1", "api", "chat"):
            yield f"{where}: no tag of its own"
        if step["operationId"].startswith(("v1_", "api_")):
            yield f"{where}: {step['operationId']} is made up by a machine"
        if not path.startswith(FOREIGN):
            yield from (f"{where}: no {code}" for code in _missing(step))
    for where, media in bodies(description):
        if not media.get("examples"):
            yield f"{where}: no example"
    for where, schema in _schemas(description):
        unnamed = {f"{where}{place}" for place in _unnamed(schema, "")} - FREE
        yield from (f"an unnamed object: {place}" for place in sorted(unnamed))


def bodies(description: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every body that is JSON, with where it stands."""
    for path, method, step in steps_of(description):
        answers = {f"answer {code}": answer for code, answer in step["responses"].items()}
        for what, body in {"request": step.get("requestBody", {}), **answers}.items():
            for kind, media in body.get("content", {}).items():
                if kind in (JSON, PROBLEM):
                    yield f"{method.upper()} {path}, {what}", media


def _missing(step: dict[str, Any]) -> set[str]:
    places = [parameter["in"] for parameter in step.get("parameters", ())]
    needed = {"429", "503"}
    needed |= {"401", "403"} if step.get("security") not in ([], [{}], None) else set()
    needed |= {"404"} if "path" in places else set()
    needed |= {"400", "422"} if "requestBody" in step else set()
    return needed - step["responses"].keys()


def _schemas(description: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, schema in description["components"]["schemas"].items():
        yield name, {key: value for key, value in schema.items() if key != "type"}
    yield from ((where, media.get("schema", {})) for where, media in bodies(description))


def _unnamed(schema: Any, place: str) -> Iterator[str]:
    """Yield where a schema holds an object that is not described, or has no name of its own."""
    if not isinstance(schema, dict):
        return
    values = schema.get("additionalProperties")
    if schema.get("type") == "object" and ("properties" in schema or values in (None, True, {})):
        yield f" ({place})" if place else ""
    for key in PARTS:
        inner = schema.get(key)
        if key == "properties":
            for name, one in (inner or {}).items():
                yield from _unnamed(one, f"{place}.{name}".lstrip("."))
        else:
            for one in inner if isinstance(inner, list) else [inner]:
                yield from _unnamed(one, place)


def _plain(schema: Any, *, asked: bool) -> Any:
    """Return a schema of OpenAPI 3.0 as JSON Schema has it.

    What may be null says so by its type, and of what is ``asked`` for nothing is required that is only told.
    """
    if isinstance(schema, list):
        return [_plain(one, asked=asked) for one in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {key: _plain(value, asked=asked) for key, value in schema.items() if key != "nullable"}
    if asked and isinstance(schema.get("required"), list):
        told = {name for name, one in schema.get("properties", {}).items() if one.get("readOnly")}
        plain["required"] = [name for name in schema["required"] if name not in told]
    return {"anyOf": [plain, {"type": "null"}]} if schema.get("nullable") is True else plain
