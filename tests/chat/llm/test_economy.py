"""What models cost less: the cheaper chain, and tokens from the vendor's prompt cache."""

import pytest

from chat.llm import registry
from chat.llm.answer_stream import Ending
from chat.llm.anthropic import AnthropicDialect
from chat.llm.openai import OpenAIDialect


@pytest.mark.anyio
async def test_cheaper_chain_has_the_providers_with_a_cheaper_model(settings) -> None:
    settings.LLM_CHAIN = ["openai", "compatible", "anthropic", "extractive"]
    settings.COMPATIBLE_CHEAPER_MODEL, settings.ANTHROPIC_CHEAPER_MODEL = "small", "haiku"
    chain = registry.cheaper_providers()
    names = [(provider.name, provider.model) for provider in chain]
    assert names == [("compatible", "small"), ("anthropic", "haiku"), ("extractive", "quotation")]
    assert registry.cheaper_providers() is chain
    await registry.close_providers()


@pytest.mark.anyio
async def test_no_cheaper_model_makes_no_cheaper_chain(settings) -> None:
    settings.LLM_CHAIN, settings.COMPATIBLE_CHEAPER_MODEL = ["compatible", "extractive"], ""
    assert registry.cheaper_providers() == ()


@pytest.mark.parametrize(
    ("details", "cached"),
    [({"cached_tokens": 40}, 40), ({}, 0), (None, 0), ([], 0), ({"cached_tokens": "4"}, 0)],
)
def test_openais_cached_tokens_are_told_apart(details: object, cached: int) -> None:
    ending = Ending()
    usage = {"prompt_tokens": 100, "completion_tokens": 5, "prompt_tokens_details": details}
    OpenAIDialect().read({"usage": usage}, ending)
    assert (ending.prompt_tokens, ending.cached_tokens) == (100, cached)


def test_anthropics_cached_tokens_are_part_of_the_prompt() -> None:
    ending = Ending()
    usage = {"input_tokens": 60, "cache_read_input_tokens": 40, "output_tokens": 1}
    AnthropicDialect().read({"type": "message_start", "message": {"usage": usage}}, ending)
    assert (ending.prompt_tokens, ending.cached_tokens) == (100, 40)
