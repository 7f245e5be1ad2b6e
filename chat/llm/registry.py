"""The configured chain of providers: built on first use, kept per process and per event loop."""

import asyncio
from collections.abc import Callable
from weakref import WeakKeyDictionary

from django.conf import settings
from django.core.signals import setting_changed

from chat.llm.answer_stream import Patience
from chat.llm.anthropic import AnthropicProvider
from chat.llm.base import Provider
from chat.llm.breaker import Breaker
from chat.llm.extractive import ExtractiveProvider
from chat.llm.openai import AzureProvider, OpenAIProvider
from chat.llm.vendor import VendorProvider

_PREFIXES = ("LLM_", "OPENAI_", "AZURE_OPENAI_", "COMPATIBLE_", "ANTHROPIC_")

# Connections belong to the loop that opened them; a loop that is gone takes its providers along.
_chains: WeakKeyDictionary[asyncio.AbstractEventLoop, tuple[Provider, ...]] = WeakKeyDictionary()
_breakers: dict[str, Breaker] = {}
_outdated: WeakKeyDictionary[asyncio.AbstractEventLoop, list[Provider]] = WeakKeyDictionary()


def providers() -> tuple[Provider, ...]:
    """Return the providers of ``settings.LLM_CHAIN``, in order; the same ones on every call in an event loop.

    Raises:
        RuntimeError: no event loop is running.
    """
    loop = asyncio.get_running_loop()
    chain = _chains.get(loop)
    if chain is None:
        chain = _chains[loop] = tuple(_BUILDERS[kind]() for kind in settings.LLM_CHAIN)
    return chain


def breaker_of(provider: Provider) -> Breaker:
    """Return this process's breaker of a provider."""
    name = f"{provider.name}:{provider.model}"
    return _breakers.setdefault(name, Breaker(name, settings.LLM_PAUSE_SECONDS))


async def connect_providers() -> None:
    """Do now what the first question would otherwise wait for: import the SDKs and make their clients."""
    for provider in providers():
        if isinstance(provider, VendorProvider):
            await provider.connect()


async def close_providers() -> None:
    """Let go of the running loop's providers; the next call of ``providers`` builds new ones."""
    loop = asyncio.get_running_loop()
    for provider in (*_chains.pop(loop, ()), *_outdated.pop(loop, ())):
        await provider.aclose()


def _patience() -> Patience:
    return Patience(
        connect=settings.LLM_CONNECT_SECONDS,
        first_token=settings.LLM_FIRST_TOKEN_SECONDS,
        between_tokens=settings.LLM_BETWEEN_TOKENS_SECONDS,
        coalesce=settings.LLM_COALESCE_SECONDS,
    )


def _openai() -> Provider:
    return OpenAIProvider(
        "openai",
        settings.OPENAI_MODEL,
        api_key=settings.OPENAI_API_KEY,
        base_url=settings.OPENAI_BASE_URL,
        patience=_patience(),
    )


def _azure() -> Provider:
    return AzureProvider(
        settings.AZURE_OPENAI_DEPLOYMENT,
        api_key=settings.AZURE_OPENAI_API_KEY,
        endpoint=settings.AZURE_OPENAI_ENDPOINT,
        api_version=settings.AZURE_OPENAI_API_VERSION,
        patience=_patience(),
    )


def _compatible() -> Provider:
    return OpenAIProvider(
        "compatible",
        settings.COMPATIBLE_MODEL,
        api_key=settings.COMPATIBLE_API_KEY,
        base_url=settings.COMPATIBLE_BASE_URL,
        patience=_patience(),
    )


def _anthropic() -> Provider:
    return AnthropicProvider(
        settings.ANTHROPIC_MODEL,
        api_key=settings.ANTHROPIC_API_KEY,
        base_url=settings.ANTHROPIC_BASE_URL,
        patience=_patience(),
    )


_BUILDERS: dict[str, Callable[[], Provider]] = {
    "openai": _openai,
    "azure": _azure,
    "compatible": _compatible,
    "anthropic": _anthropic,
    "extractive": ExtractiveProvider,
}


def _rebuild(*, setting: str, **_: object) -> None:
    """Forget the chains when a test changes a setting; answers under way keep theirs until closed."""
    if setting.startswith(_PREFIXES):
        for loop, chain in list(_chains.items()):
            _outdated.setdefault(loop, []).extend(chain)
        _chains.clear()
        _breakers.clear()


setting_changed.connect(_rebuild)
