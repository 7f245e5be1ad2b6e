"""Desks of real processes; left out, with the reason printed, where there is no Redis or PostgreSQL."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.faults.desk import Desk
from tests.services import ServiceMissingError


@pytest.fixture(scope="module")
def start_desk() -> Iterator[Callable[..., Desk]]:
    """Return what starts a desk; it ends with the module."""
    with ExitStack() as stack:

        def start(**script: Any) -> Desk:
            try:
                return stack.enter_context(Desk(**script))
            except ServiceMissingError as missing:
                if os.environ.get("REQUIRE_SERVICES") == "1":
                    raise
                pytest.skip(str(missing))

        yield start
