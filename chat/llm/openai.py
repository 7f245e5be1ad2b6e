"""OpenAI's chat completions: OpenAI itself, Azure, and every server that speaks them (Ollama, vLLM, …)."""

from typing import TYPE_CHECKING, Any

from chat.llm.answer_stream import Ending, Patience, Reason
from chat.llm.base import PromptMessage, Request, Tool
from chat.llm.errors import StreamCut
from chat.llm.tool_calls import CallParts
from chat.llm.vendor import ToolUse, VendorProvider, client_options, failures_of
from chat.llm.vendor_errors import is_unsupported_parameter, stream_error

if TYPE_CHECKING:
    import httpx2

# Compatible servers have names of their own for the same three endings.
REASONS: dict[str, Reason] = {
    **dict.fromkeys(("stop", "eos", "eos_token", "stop_sequence", "end_turn", "tool_calls"), "stop"),
    **dict.fromkeys(("length", "max_tokens"), "length"),
    "content_filter": "filtered",
}
# Old models know only the first name, reasoning models only the second; Azure's deployments do not tell.
TOKEN_LIMITS = ("max_tokens", "max_completion_tokens")


class OpenAIDialect:
    """Meaning of chat completion chunks."""

    def read(self, event: dict[str, Any], ending: Ending) -> str:
        """Return a chunk's text; note finish reason and usage."""
        if error := event.get("error"):
            raise stream_error(error)
        if usage := event.get("usage"):
            ending.prompt_tokens = _count(usage.get("prompt_tokens"))
            ending.completion_tokens = _count(usage.get("completion_tokens"))
            ending.cached_tokens = _cached(usage)
        if not ending.model:
            ending.model = _name(event.get("model"))
        # Azure opens with a chunk of filter results, all end with one of usage: both without choices.
        choices = event.get("choices") if usage else event["choices"]
        if not choices:
            return ""
        choice = choices[0]
        if reason := choice.get("finish_reason"):
            ending.reason = _known_reason(reason)
        # The last chunk of some servers has no delta at all.
        delta = choice.get("delta") or {}
        if calls := delta.get("tool_calls"):
            for call in calls:
                _add_call(call, ending.asked)
        text = delta.get("content")
        if text is None:
            return ""
        if not isinstance(text, str):
            raise TypeError
        return text


def _add_call(piece: dict[str, Any], calls: CallParts) -> None:
    call_id, function = piece.get("id") or "", piece.get("function") or {}
    index = piece.get("index")  # which some servers that send whole calls leave out
    calls.add(
        calls.place_of(call_id) if index is None else index,
        call_id=call_id,
        name=function.get("name") or "",
        arguments=function.get("arguments") or "",
    )


def _known_reason(reason: str) -> Reason:
    known = REASONS.get(reason)
    if known is None:
        # "error", "abort" and whatever may come: never show a half answer as whole.
        raise StreamCut("the provider ended the answer for another reason")
    return known


def _name(model: object) -> str:
    return model[:100] if isinstance(model, str) else ""


def _count(tokens: object) -> int | None:
    return tokens if isinstance(tokens, int) and tokens >= 0 else None


def _cached(usage: dict[str, Any]) -> int:
    """Return how much of the prompt came from the vendor's cache; not every server tells."""
    details = usage.get("prompt_tokens_details")
    return (_count(details.get("cached_tokens")) or 0) if isinstance(details, dict) else 0


class OpenAIProvider(VendorProvider):
    """A model behind OpenAI's protocol.

    Args:
        name: ``openai`` or ``compatible``.
        model: the model's name.
        api_key: the key; compatible servers without one take any text.
        base_url: address up to and with ``/v1``.
        patience: time limits.
        tools: as ``VendorProvider`` has it.
    """

    def __init__(
        self,
        name: str,
        model: str,
        *,
        api_key: str,
        base_url: str,
        patience: Patience,
        tools: ToolUse = "auto",
    ):
        super().__init__(name, model, patience, tools)
        self._api_key, self._base_url = api_key, base_url
        self._token_limit = TOKEN_LIMITS[name != "compatible"]

    def _make_client(self) -> tuple[Any, tuple[type[Exception], ...]]:
        import openai

        client = openai.AsyncOpenAI(
            api_key=self._api_key, base_url=self._base_url, **client_options(openai, self._patience)
        )
        return client, failures_of(openai.OpenAIError)

    def _dialect(self) -> OpenAIDialect:
        return OpenAIDialect()

    async def _call(self, client: Any, request: Request, headers: dict[str, str]) -> "httpx2.Response":
        import openai

        try:
            return await self._post(client, request, headers)
        except openai.BadRequestError as error:
            if not is_unsupported_parameter(error, self._token_limit):
                raise
            # The model itself says which name it wants, and every later call keeps to it.
            self._token_limit = TOKEN_LIMITS[self._token_limit == TOKEN_LIMITS[0]]
            return await self._post(client, request, headers)

    async def _post(self, client: Any, request: Request, headers: dict[str, str]) -> "httpx2.Response":
        import httpx2
        import openai

        # The SDK's general request method, not chat.completions.create: that one walks every message against
        # its types first, which costs six times the rest of the request.
        response: httpx2.Response = await client.post(
            "/chat/completions",
            cast_to=httpx2.Response,
            body=self._body(request),
            options={"headers": headers},
            stream=True,
            stream_cls=openai.AsyncStream,
        )
        return response

    def _body(self, request: Request) -> dict[str, Any]:
        messages: list[dict[str, Any]] = [{"role": "system", "content": request.system}]
        messages += [_message(message) for message in request.messages]
        body: dict[str, Any] = {
            "model": self.model,
            "messages": messages,
            "stream": True,
            "stream_options": {"include_usage": True},
            self._token_limit: request.max_tokens,
        }
        if request.temperature is not None:
            body["temperature"] = request.temperature
        if request.schema is not None:
            schema = {"name": "answer", "strict": True, "schema": request.schema}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        if request.tools:
            body["tools"] = [_function(tool) for tool in request.tools]
            if not request.may_call:
                body["tool_choice"] = "none"
        return body


def _message(message: PromptMessage) -> dict[str, Any]:
    if message.role == "tool":
        return {"role": "tool", "tool_call_id": message.answers, "content": message.text}
    if not message.calls:
        return {"role": message.role, "content": message.text}
    calls = [
        {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
        for call in message.calls
    ]
    return {"role": message.role, "content": message.text or None, "tool_calls": calls}


def _function(tool: Tool) -> dict[str, Any]:
    function = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    return {"type": "function", "function": {**function, "strict": True}}


class AzureProvider(OpenAIProvider):
    """A deployment on Azure; its name stands for the model.

    Args:
        deployment: the deployment's name.
        api_key: the resource's key.
        endpoint: the resource's address.
        api_version: the dated version of the API.
        patience: time limits.
        tools: as ``VendorProvider`` has it.
    """

    def __init__(
        self,
        deployment: str,
        *,
        api_key: str,
        endpoint: str,
        api_version: str,
        patience: Patience,
        tools: ToolUse = "auto",
    ):
        super().__init__(
            "azure", deployment, api_key=api_key, base_url=endpoint, patience=patience, tools=tools
        )
        self._api_version = api_version

    def _make_client(self) -> tuple[Any, tuple[type[Exception], ...]]:
        import openai

        client = openai.AsyncAzureOpenAI(
            api_key=self._api_key,
            azure_endpoint=self._base_url,
            azure_deployment=self.model,
            api_version=self._api_version,
            **client_options(openai, self._patience),
        )
        return client, failures_of(openai.OpenAIError)
