"""Whatever is sent to the REST API, it does not break, and it answers as its description says.

Two questions, asked apart: where the second fails first, it would hide an answer to the first. Each runs as a
customer and as staff, with ids that exist and ids made up, with data that fits and data that does not; always
the same examples.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accounts.models import User
from tests.matrix.test_matrix import _Undone, open_desk, people, things  # noqa: F401  (fixtures)
from tests.matrix.visitors import token_of

EXAMPLES = 6  # of each operation, kind of data and kind of id
BOUNDED = settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, database=None,
    phases=(Phase.explicit, Phase.generate), suppress_health_check=list(HealthCheck),
)  # fmt: skip
CHECKS = {
    "breaks": [not_a_server_error],
    "differs": [
        status_code_conformance,
        content_type_conformance,
        response_headers_conformance,
        response_schema_conformance,
    ],
}


@pytest.fixture
def bearers(open_desk: None, people: Any, alice: User, carol: User) -> dict[str, str]:  # noqa: F811
    """Return good tokens, in place of the made-up ones that would be sent otherwise."""
    return {person.username: token_of(person) for person in (alice, carol)}


@pytest.fixture
def api(bearers: Any, things: Any) -> Iterator[Any]:  # noqa: F811
    """The API in this process, within the test's transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield schemathesis.openapi.from_wsgi("/api/schema/?format=json", WSGIHandler())
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def real_ids(things: Any, operation: Any) -> dict[str, object]:  # noqa: F811
    """Return ids of things that there are, for the parameters of an operation's path."""
    there = things.values(operation.path) | {"id": things.key.pk}
    names = [parameter.name for parameter in operation.path_parameters]
    return {name: str(there[name]) for name in names}


@pytest.mark.parametrize("question", CHECKS)
@pytest.mark.parametrize("name", ["alice", "carol"])
def test_api(api: Any, things: Any, bearers: Any, name: str, question: str) -> None:  # noqa: F811
    headers, found = {"Authorization": f"Bearer {bearers[name]}"}, {}
    answers: Counter[int] = Counter()

    def ask(case: Any) -> None:
        with _Undone():
            response = case.call(headers=headers)
            answers[response.status_code] += 1
            case.validate_response(response, checks=CHECKS[question])

    for result in api.get_all_operations():
        operation = result.ok()
        ids = real_ids(things, operation)
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            for path_parameters in [None, ids] if ids else [None]:
                cases = operation.as_strategy(generation_mode=mode, path_parameters=path_parameters)
                try:
                    BOUNDED(given(case=cases)(ask))()
                except (FailureGroup, Exception) as failure:  # noqa: BLE001 - all are told below
                    found[f"{operation.method.upper()} {operation.path} {mode.name}"] = failure
    print(f"\nschemathesis as {name}, {question}: {answers.total()} requests, {len(found)} operations wrong")
    print("answers:", ", ".join(f"{status} x {number}" for status, number in sorted(answers.items())))
    assert answers.total() > 400
    assert answers[200] + answers[201] + answers[202] > 50, "hardly anything was let in"
    assert not found, "\n\n".join(f"{where}\n{failure}" for where, failure in found.items())
