"""What the tests of identity share: a clock for authenticator apps that stands still."""

from types import SimpleNamespace

import pytest
from allauth.mfa.totp.internal import auth

from tests.accounts.identity.steps import NOON


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop the half minutes, so that no code grows old between two lines of a test."""
    monkeypatch.setattr(auth, "time", SimpleNamespace(time=lambda: NOON))
