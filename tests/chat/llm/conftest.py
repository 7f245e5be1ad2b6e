"""The fake provider over real HTTP, and providers that talk to it."""

from collections.abc import AsyncIterator, Iterator

import pytest

from benchmarks.fake_provider import FakeProvider
from chat.llm.answer_stream import Patience
from chat.llm.anthropic import AnthropicProvider
from chat.llm.openai import AzureProvider, OpenAIProvider
from chat.llm.vendor import VendorProvider
from tests.chat.llm.asking import LONG, MakeProvider

KEY = "sk-very-secret-key"


@pytest.fixture
def fake() -> Iterator[FakeProvider]:
    """A model provider that does as it is told."""
    with FakeProvider(tokens=20) as provider:
        yield provider


def _make(kind: str, fake: FakeProvider, patience: Patience, model: str) -> VendorProvider:
    if kind == "azure":
        return AzureProvider(
            model, api_key=KEY, endpoint=fake.root_url, api_version="2024-10-21", patience=patience
        )
    if kind == "anthropic":
        return AnthropicProvider(model, api_key=KEY, base_url=fake.root_url, patience=patience)
    return OpenAIProvider(kind, model, api_key=KEY, base_url=fake.base_url, patience=patience)


@pytest.fixture
async def make_provider(fake: FakeProvider, anyio_backend: str) -> AsyncIterator[MakeProvider]:
    """Make providers of any vendor; all are closed after the test."""
    made: list[VendorProvider] = []

    def make(kind: str, patience: Patience = LONG, *, model: str = "test-model") -> VendorProvider:
        made.append(_make(kind, fake, patience, model))
        return made[-1]

    yield make
    for provider in made:
        await provider.aclose()


@pytest.fixture(params=["openai", "anthropic"])
def kind(request: pytest.FixtureRequest) -> str:
    """Each of the two protocols."""
    return request.param
