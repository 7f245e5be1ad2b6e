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
_Chains = WeakKeyDictionary[asyncio.AbstractEventLoop, tuple[Provider, ...]]
_chains: _Chains = WeakKeyDictionary()
_cheaper_chains: _Chains = WeakKeyDictionary()
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
        chain = _chains[loop] = tuple(_BUILDERS[kind](_model(_MODELS, kind)) for kind in settings.LLM_CHAIN)
    return chain


def cheaper_providers() -> tuple[Provider, ...]:
    """Return the chain for people near the limit of their plan: those of the chain's providers that have a
    cheaper model, with that one, then the quoting provider if it is in the chain. Empty where none has one.

    Raises:
        RuntimeError: no event loop is running.
    """
    loop = asyncio.get_running_loop()
    chain = _cheaper_chains.get(loop)
    if chain is None:
        models = {kind: _model(_CHEAPER_MODELS, kind) for kind in settings.LLM_CHAIN}
        cheaper = [_BUILDERS[kind](model) for kind, model in models.items() if model]
        quoting = [_extractive("")] if cheaper and "extractive" in models else []
        chain = _cheaper_chains[loop] = (*cheaper, *quoting)
    return chain


def quoting_provider() -> Provider:
    """Return the provider that costs nothing and cannot fail."""
    return _extractive("")


def breaker_of(provider: Provider) -> Breaker:
    """Return this process's breaker of a provider."""
    name = f"{provider.name}:{provider.model}"
    return _breakers.setdefault(name, Breaker(name, settings.LLM_PAUSE_SECONDS))


def breakers() -> list[Breaker]:
    """Return this process's breakers: of the providers that it has asked."""
    return list(_breakers.values())


def known_models() -> set[str]:
    """Return the models that the settings name, and the one that quotes."""
    named = (*_MODELS.values(), *_CHEAPER_MODELS.values())
    return {getattr(settings, name) for name in named} - {""} | {ExtractiveProvider.model}


async def connect_providers() -> None:
    """Do now what the first question would otherwise wait for: import the SDKs and make their clients."""
    for provider in providers():
        if isinstance(provider, VendorProvider):
            await provider.connect()


async def close_providers() -> None:
    """Let go of the running loop's providers; the next call of ``providers`` builds new ones."""
    loop = asyncio.get_running_loop()
    chains = (_chains, _cheaper_chains)
    for provider in (*(p for chain in chains for p in chain.pop(loop, ())), *_outdated.pop(loop, ())):
        await provider.aclose()


def _patience() -> Patience:
    return Patience(
        connect=settings.LLM_CONNECT_SECONDS,
        first_token=settings.LLM_FIRST_TOKEN_SECONDS,
        between_tokens=settings.LLM_BETWEEN_TOKENS_SECONDS,
        coalesce=settings.LLM_COALESCE_SECONDS,
    )


def _openai(model: str) -> Provider:
    return OpenAIProvider(
        "openai",
        model,
        api_key=settings.OPENAI_API_KEY,
        base_url=settings.OPENAI_BASE_URL,
        patience=_patience(),
        tools=settings.OPENAI_TOOLS,
    )


def _azure(model: str) -> Provider:
    return AzureProvider(
        model,
        api_key=settings.AZURE_OPENAI_API_KEY,
        endpoint=settings.AZURE_OPENAI_ENDPOINT,
        api_version=settings.AZURE_OPENAI_API_VERSION,
        patience=_patience(),
        tools=settings.AZURE_OPENAI_TOOLS,
    )


def _compatible(model: str) -> Provider:
    return OpenAIProvider(
        "compatible",
        model,
        api_key=settings.COMPATIBLE_API_KEY,
        base_url=settings.COMPATIBLE_BASE_URL,
        patience=_patience(),
        tools=settings.COMPATIBLE_TOOLS,
    )


def _anthropic(model: str) -> Provider:
    return AnthropicProvider(
        model,
        api_key=settings.ANTHROPIC_API_KEY,
        base_url=settings.ANTHROPIC_BASE_URL,
        patience=_patience(),
        tools=settings.ANTHROPIC_TOOLS,
    )


def _extractive(_model: str) -> Provider:
    return ExtractiveProvider()


_MODELS = {
    "openai": "OPENAI_MODEL",
    "azure": "AZURE_OPENAI_DEPLOYMENT",
    "compatible": "COMPATIBLE_MODEL",
    "anthropic": "ANTHROPIC_MODEL",
}
_CHEAPER_MODELS = {
    "openai": "OPENAI_CHEAPER_MODEL",
    "azure": "AZURE_OPENAI_CHEAPER_DEPLOYMENT",
    "compatible": "COMPATIBLE_CHEAPER_MODEL",
    "anthropic": "ANTHROPIC_CHEAPER_MODEL",
}


def _model(names: dict[str, str], kind: str) -> str:
    """Return the provider's model, by the name of its setting; empty where it has none."""
    return getattr(settings, names[kind]) if kind in names else ""


_BUILDERS: dict[str, Callable[[str], Provider]] = {
    "openai": _openai,
    "azure": _azure,
    "compatible": _compatible,
    "anthropic": _anthropic,
    "extractive": _extractive,
}


def _rebuild(*, setting: str, **_: object) -> None:
    """Forget the chains when a test changes a setting; answers under way keep theirs until closed."""
    if setting.startswith(_PREFIXES):
        for chains in (_chains, _cheaper_chains):
            for loop, chain in list(chains.items()):
                _outdated.setdefault(loop, []).extend(chain)
            chains.clear()
        _breakers.clear()


setting_changed.connect(_rebuild)
