"""The chat model that is reached through litellm."""

import asyncio
import importlib
import os
from collections.abc import AsyncIterator, Mapping
from typing import Any

from pydantic import Field, SecretStr

from gateway.adapters.litellm import failures
from gateway.core.errors import GatewayError, UpstreamError, UpstreamTimeout
from gateway.core.options import Options
from gateway.core.reply import Frame, OneFrame
from gateway.core.segments import Json
from gateway.ports.chat_model import ModelCall

_ENDPOINT = "chat/completions"
_STANDARD = frozenset(
    {
        "audio", "frequency_penalty", "function_call", "functions", "logit_bias", "logprobs",
        "max_completion_tokens", "max_tokens", "messages", "metadata", "modalities", "n",
        "parallel_tool_calls", "prediction", "presence_penalty", "reasoning_effort",
        "response_format", "safety_identifier", "seed", "service_tier", "stop", "store",
        "stream_options", "temperature", "tool_choice", "tools", "top_logprobs", "top_p", "user",
        "verbosity", "web_search_options",
    }
)  # fmt: skip
"""The request fields of OpenAI's chat completions. No other field of a client may become a keyword
argument: litellm would take ``api_base``, ``api_key`` or ``mock_response`` from it."""

_OURS = frozenset({"model", "stream"})
_MARGIN = 5.0
"""Seconds that litellm's own time limit comes after ours, so that ours is the one that speaks."""


class LiteLLMOptions(Options):
    prefix: str = ""
    """Put before the target's model with a slash, such as ``anthropic``; empty when targets name
    litellm's provider themselves (``claude/anthropic/claude-sonnet-4-5``)."""
    api_key: SecretStr = SecretStr("")
    """The provider's key; empty leaves it to litellm's environment variables."""
    api_base: str = ""
    """Address of the provider's API; empty uses the provider's own."""
    drop_params: bool = False
    """Leave out standard fields that the provider does not know, instead of answering with 400."""
    request_usage: bool = True
    """Ask for token counts on streams also when the client did not."""
    params: Mapping[str, Any] = Field(default_factory=dict)
    """Further keyword arguments of ``litellm.acompletion``, such as ``aws_region_name``."""


class LiteLLMModel:
    """Any other provider, translated by the litellm library (about 3 ms of CPU a call).

    Fields of a request that OpenAI does not define travel in ``extra_body``: providers that speak
    OpenAI's API get them untouched, for others litellm decides. Retries are the generate stage's.
    """

    name = "litellm"
    Options = LiteLLMOptions
    endpoints = frozenset({_ENDPOINT})

    def __init__(self, options: LiteLLMOptions) -> None:
        """Imports litellm, offline. Raises ValueError when it is not installed."""
        self._options = options
        self._litellm = _offline_litellm()
        fixed: dict[str, Any] = {
            "num_retries": 0,
            "max_retries": 0,
            # litellm would run tools of type "mcp" by itself, and needs the package mcp to look
            "_skip_mcp_handler": True,
            "drop_params": options.drop_params,
            **options.params,
        }
        if key := options.api_key.get_secret_value():
            fixed["api_key"] = key
        if options.api_base:
            fixed["api_base"] = options.api_base
        self._fixed = fixed

    async def answer(self, call: ModelCall) -> AsyncIterator[Frame]:
        """See ``ChatModel.answer``."""
        if call.endpoint != _ENDPOINT:
            cause = f"litellm targets serve {_ENDPOINT} only, not {call.endpoint}"
            raise UpstreamError(failures.FAILED, retryable=False, cause=cause)
        limit = call.first_byte if call.stream else call.total
        loop = asyncio.get_running_loop()
        until = loop.time() + limit
        try:
            async with asyncio.timeout_at(until):
                answer = await self._litellm.acompletion(**self._arguments(call))
        except Exception as error:
            raise _mapped(error, limit) from error
        if not call.stream:
            return OneFrame(Frame(document=_document(answer)))
        return _Chunks(answer, max(0.0, until - loop.time()), call.idle)

    async def aclose(self) -> None:
        """See ``ChatModel.aclose``."""
        await self._litellm.close_litellm_async_clients()

    def _arguments(self, call: ModelCall) -> dict[str, Any]:
        body = call.body
        arguments = {k: v for k, v in body.items() if k in _STANDARD and v is not None}
        extra = {k: v for k, v in body.items() if k not in _STANDARD and k not in _OURS}
        arguments |= self._fixed
        prefix = self._options.prefix
        arguments["model"] = f"{prefix}/{call.model}" if prefix else call.model
        arguments["stream"] = call.stream
        arguments["timeout"] = max(call.first_byte, call.total, call.idle) + _MARGIN
        if extra:
            arguments["extra_body"] = {**extra, **(self._fixed.get("extra_body") or {})}
        if call.stream and self._options.request_usage:
            asked = arguments.get("stream_options")
            known = asked if isinstance(asked, dict) else {}
            arguments["stream_options"] = {**known, "include_usage": True}
        return arguments


class _Chunks:
    """One frame per chunk of litellm's stream."""

    def __init__(self, stream: Any, first: float, idle: float) -> None:
        self._stream = stream
        self._chunks = aiter(stream)
        self._wait = first
        self._idle = idle
        self._over = False

    def __aiter__(self) -> "_Chunks":
        return self

    async def __anext__(self) -> Frame:
        if self._over:
            raise StopAsyncIteration
        try:
            async with asyncio.timeout(self._wait):
                answer = await anext(self._chunks)
        except Exception as error:
            await self.aclose()
            if isinstance(error, StopAsyncIteration):
                raise
            raise _mapped(error, self._wait) from error
        except BaseException:
            await self.aclose()
            raise
        self._wait = self._idle
        return Frame(document=_document(answer))

    async def aclose(self) -> None:
        """End the provider's work."""
        if self._over:
            return
        self._over = True
        close = getattr(self._stream, "aclose", None)
        if close is not None:
            await close()


def _mapped(error: Exception, limit: float) -> GatewayError:
    if type(error) is TimeoutError:
        cause = f"nothing came for {limit:g} s"
        return UpstreamTimeout(failures.LATE, retryable=True, cause=cause)
    return failures.from_exception(error)


def _document(answer: Any) -> Json:
    """litellm's object as OpenAI documents it: no null fields but those that are always there."""
    document: Json = answer.model_dump(exclude_none=True)
    choices = document.get("choices") or []
    if document.get("usage") and not any(
        c.get("delta", c) or "finish_reason" in c for c in choices
    ):
        document["choices"] = []  # litellm puts an empty choice beside a stream's usage
        return document
    for choice in choices:
        choice.setdefault("finish_reason", None)
        if isinstance(choice.get("message"), dict):
            choice["message"].setdefault("content", None)
    return document


def _offline_litellm() -> Any:
    """The library, imported without its look at the network and with its telemetry off."""
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    os.environ.setdefault("LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS", "True")
    try:
        litellm: Any = importlib.import_module("litellm")
    except ModuleNotFoundError as error:
        raise ValueError(
            "the litellm adapter needs the library litellm, which is not installed: "
            "install the extra with `pip install 'gatehouse[litellm]'`"
        ) from error
    litellm.telemetry = False
    litellm.suppress_debug_info = True
    return litellm
