"""Programs that sign in and speak with a bearer header."""

import json
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from accounts.models import User
from tests.conftest import PASSWORD

CONVERSATIONS = "/api/v1/conversations/"


class Program:
    """A REST client without cookies; ``bearer`` is what it shows."""

    def __init__(self) -> None:
        self.http = Client(enforce_csrf_checks=True)
        self.bearer = ""
        self.refresh = ""

    def sign_in(self, user: User, **kwargs: str) -> HttpResponse:
        """Sign in by user name and password; keep the tokens."""
        answer = self.post("/api/v1/tokens/", {"username": user.username, "password": PASSWORD, **kwargs})
        return self.keep(answer)

    def keep(self, answer: HttpResponse) -> HttpResponse:
        """Keep the tokens of an answer that has some."""
        if answer.status_code == 200:
            self.bearer, self.refresh = answer.json()["access_token"], answer.json()["refresh_token"]
        return answer

    def use_refresh(self, token: str = "") -> HttpResponse:
        """Ask for the next pair; keep it."""
        return self.keep(self.post("/api/v1/tokens/refresh/", {"refresh_token": token or self.refresh}))

    def get(self, path: str, **headers: str) -> HttpResponse:
        """Read."""
        return self.http.get(path, headers=self._headers(headers))

    def post(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        """Write."""
        return self.http.post(
            path, json.dumps(body or {}), "application/json", headers=self._headers(headers)
        )

    def delete(self, path: str, **headers: str) -> HttpResponse:
        """Delete."""
        return self.http.delete(path, headers=self._headers(headers))

    @property
    def is_let_in(self) -> bool:
        """Tell whether its bearer opens the API; any answer but yes and 401 is a mistake."""
        status = self.get(CONVERSATIONS).status_code
        assert status in (200, 401), status
        return status == 200

    def _headers(self, headers: dict[str, str]) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.bearer}", **headers} if self.bearer else headers


@pytest.fixture
def program() -> Program:
    """A program that has not signed in."""
    return Program()


@pytest.fixture
def signed_in(alice: User) -> Program:
    """Alice's program, signed in."""
    program = Program()
    assert program.sign_in(alice).status_code == 200
    return program
