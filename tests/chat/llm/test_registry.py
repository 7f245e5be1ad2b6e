"""The chain of providers: in order, kept, and built anew."""

import asyncio
import subprocess
import sys

import pytest
from pytest_django import Settings

from benchmarks.fake_provider import FakeProvider, answer_text
from chat.llm import registry
from tests.chat.llm.asking import ask, request

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
async def closed_providers(anyio_backend: str) -> object:
    yield
    await registry.close_providers()


async def test_chain_keeps_its_order(settings: Settings) -> None:
    settings.LLM_CHAIN = ["anthropic", "compatible", "azure", "openai", "extractive"]
    settings.COMPATIBLE_BASE_URL, settings.COMPATIBLE_MODEL = "http://127.0.0.1:1/v1", "llama"
    names = [provider.name for provider in registry.providers()]
    assert names == ["anthropic", "compatible", "azure", "openai", "extractive"]
    assert registry.providers()[1].model == "llama"


async def test_same_providers_in_one_loop() -> None:
    assert registry.providers() is registry.providers()


async def test_other_loop_has_its_own() -> None:
    async def theirs() -> object:
        return registry.providers()

    assert await asyncio.to_thread(asyncio.run, theirs()) is not registry.providers()


def test_no_loop_no_providers() -> None:
    with pytest.raises(RuntimeError):
        registry.providers()


async def test_changed_settings_build_anew(settings: Settings) -> None:
    before = registry.providers()
    settings.LLM_CHAIN = ["extractive", "extractive"]
    assert registry.providers() is not before
    assert len(registry.providers()) == 2


async def test_other_settings_change_nothing(settings: Settings) -> None:
    before = registry.providers()
    settings.COMPANY_NAME = "Another"
    assert registry.providers() is before


async def test_close_lets_go_of_outdated_ones_too(fake: FakeProvider, settings: Settings) -> None:
    settings.LLM_CHAIN = ["compatible"]
    for _ in range(2):
        settings.COMPATIBLE_BASE_URL = fake.base_url
        await registry.connect_providers()
        assert (await ask(registry.providers()[0], request())).text == answer_text("q1", 20)
    assert fake.connections == 2
    await registry.close_providers()
    async with asyncio.timeout(5):
        while fake.connections:
            await asyncio.sleep(0.005)


async def test_time_limits_come_from_settings(fake: FakeProvider, settings: Settings) -> None:
    settings.LLM_CHAIN, settings.COMPATIBLE_BASE_URL = ["compatible"], fake.base_url
    settings.LLM_FIRST_TOKEN_SECONDS = 0.1
    fake.script(faults=["hang"])
    assert (await ask(registry.providers()[0])).error.waiting_for == "first token"


def test_registry_imports_no_sdk() -> None:
    heavy = ("openai", "anthropic", "aiohttp", "httpx2")
    code = (
        "import tests.environment, os, sys; os.environ['DJANGO_SETTINGS_MODULE'] = 'chatsite.settings'\n"
        "import django; django.setup(); import chat.llm.registry\n"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
