"""The chat model that is reached over OpenAI's HTTP API."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Literal

import aiohttp
import orjson
from multidict import CIMultiDict
from pydantic import Field, SecretStr, field_validator
from yarl import URL

from gateway.adapters.openai_compatible import failures
from gateway.adapters.openai_compatible.stream import EventFrames
from gateway.core.clock import Clock, SystemClock
from gateway.core.errors import GatewayError, UpstreamError, UpstreamTimeout
from gateway.core.options import Options
from gateway.core.reply import Frame, OneFrame
from gateway.ports.chat_model import ModelCall

MAX_ANSWER = 64 * 1024 * 1024
"""Bytes a whole answer may have."""
Endpoint = Literal["chat/completions", "completions", "embeddings", "responses", "messages"]
DEFAULT_ENDPOINTS: frozenset[Endpoint] = frozenset(
    {"chat/completions", "completions", "embeddings", "responses"}
)
_MAX_ERROR = 256 * 1024
_COUNTED = frozenset({"chat/completions", "completions"})


class OpenAICompatibleOptions(Options):
    base_url: str
    """Address of the provider's API, up to and including the version, such as
    ``https://api.openai.com/v1``."""
    api_key: SecretStr = SecretStr("")
    """The provider's key, sent as a bearer token; empty sends none."""
    organization: str = ""
    """Value of the ``openai-organization`` header; empty sends none."""
    headers: Mapping[str, str] = Field(default_factory=dict)
    """Further headers to send with every request."""
    connect_timeout: float = Field(default=5.0, gt=0)
    """Seconds allowed for opening a connection."""
    pool_size: int = Field(default=2048, ge=1)
    """Connections open at once; further requests wait for one."""
    keep_alive: float = Field(default=30.0, ge=0)
    """Seconds an unused connection is kept."""
    request_usage: bool = True
    """Ask for token counts on streams also when the client did not. The extra document is not
    passed on to such a client; the request's bytes are then no longer the client's own."""
    endpoints: frozenset[Endpoint] = DEFAULT_ENDPOINTS
    """What the provider speaks. Requests to ``responses`` and ``messages`` are translated to chat
    completions when it does not speak them. Leave ``responses`` out for servers without it; add
    ``messages`` for Anthropic's own API, with its key and version in ``headers``."""

    @field_validator("base_url")
    @classmethod
    def _is_http(cls, value: str) -> str:
        url = URL(value)
        if url.scheme not in {"http", "https"} or not url.host:
            raise ValueError("base_url must start with http:// or https:// and name a host")
        if url.query_string or url.fragment or url.user or url.password:
            raise ValueError("base_url must have no user, query or fragment")
        return value.rstrip("/")

    @field_validator("headers")
    @classmethod
    def _headers_are_safe(cls, value: Mapping[str, str]) -> Mapping[str, str]:
        if any("\n" in part or "\r" in part for item in value.items() for part in item):
            raise ValueError("headers must not contain line breaks")
        return value


class OpenAICompatibleModel:
    """Providers that speak OpenAI's API: OpenAI itself, Azure, vLLM, Ollama and many more.

    The client's bytes are sent as they came when nothing in them has to change, and the provider's
    are given back undecoded. Redirects are not followed: they could carry the key elsewhere.
    """

    name = "openai_compatible"
    Options = OpenAICompatibleOptions

    def __init__(self, options: OpenAICompatibleOptions, *, clock: Clock | None = None) -> None:
        self._options = options
        self.endpoints: frozenset[str] = frozenset(options.endpoints)
        self._clock = clock or SystemClock()
        self._session: aiohttp.ClientSession | None = None
        self._urls: dict[str, URL] = {}
        self._timeouts: dict[float | None, aiohttp.ClientTimeout] = {}
        headers = CIMultiDict({"content-type": "application/json", "user-agent": "gatehouse"})
        if key := options.api_key.get_secret_value():
            headers["authorization"] = f"Bearer {key}"
        if options.organization:
            headers["openai-organization"] = options.organization
        headers.update(options.headers)
        self._headers = headers

    async def answer(self, call: ModelCall) -> AsyncIterator[Frame]:
        """See ``ChatModel.answer``."""
        try:
            if not call.stream:
                return OneFrame(Frame(raw=await self._whole(call)))
            return await self._streamed(call)
        except TimeoutError as error:
            cause = type(error).__name__
            raise UpstreamTimeout(failures.LATE, retryable=True, cause=cause) from error
        except (aiohttp.ClientError, OSError) as error:
            cause = f"{type(error).__name__}: {error}"
            raise UpstreamError(failures.FAILED, retryable=True, cause=cause) from error

    async def aclose(self) -> None:
        """See ``ChatModel.aclose``."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _whole(self, call: ModelCall) -> bytes:
        response = await self._post(call, call.total)
        body = await _read(response, MAX_ANSWER)
        if body is None:
            cause = f"an answer of more than {MAX_ANSWER} bytes"
            raise UpstreamError(failures.MALFORMED, retryable=False, cause=cause)
        if not body.lstrip().startswith(b"{"):
            cause = f"no JSON object: {response.content_type}"
            raise UpstreamError(failures.MALFORMED, retryable=True, cause=cause)
        error = failures.in_payload(body)
        if error is not None:
            raise error
        return body

    async def _streamed(self, call: ModelCall) -> EventFrames:
        loop = asyncio.get_running_loop()
        until = loop.time() + call.first_byte
        async with asyncio.timeout_at(until):
            response = await self._post(call, None)
        if response.content_type == "text/event-stream":
            return EventFrames(response, max(0.0, until - loop.time()), call.idle)
        body = await _read(response, _MAX_ERROR) or b""
        error: GatewayError | None = failures.in_payload(body)
        cause = f"a stream was asked for, {response.content_type} came"
        raise error or UpstreamError(failures.MALFORMED, retryable=False, cause=cause)

    async def _post(self, call: ModelCall, total: float | None) -> aiohttp.ClientResponse:
        """The accepted response, its body unread. Raises what the status stands for."""
        headers = self._headers
        if call.request_id:
            headers = headers.copy()
            headers["x-client-request-id"] = call.request_id
        session = self._session or self._open()
        response = await session.post(
            self._urls.get(call.endpoint) or self._url(call.endpoint),
            data=self._payload(call),
            headers=headers,
            timeout=self._timeouts.get(total) or self._timeout(total),
            allow_redirects=False,
        )
        if response.status == 200:
            return response
        body = await _read(response, _MAX_ERROR) or b""
        raise failures.from_answer(response.status, response.headers, body, self._clock)

    def _payload(self, call: ModelCall) -> bytes:
        body = call.body
        options = body.get("stream_options")
        count = (
            call.stream
            and self._options.request_usage
            and call.endpoint in _COUNTED
            and not (isinstance(options, dict) and options.get("include_usage"))
        )
        if call.raw is not None and not count and body.get("model") == call.model:
            return call.raw
        body = {**body, "model": call.model}
        if count:
            known = options if isinstance(options, dict) else {}
            body["stream_options"] = {**known, "include_usage": True}
        return orjson.dumps(body)

    def _open(self) -> aiohttp.ClientSession:
        options = self._options
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=options.pool_size, keepalive_timeout=options.keep_alive, ttl_dns_cache=300
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
        )
        return self._session

    def _url(self, endpoint: str) -> URL:
        return self._urls.setdefault(endpoint, URL(f"{self._options.base_url}/{endpoint}"))

    def _timeout(self, total: float | None) -> aiohttp.ClientTimeout:
        if len(self._timeouts) > 64:
            self._timeouts.clear()
        timeout = aiohttp.ClientTimeout(total=total, sock_connect=self._options.connect_timeout)
        return self._timeouts.setdefault(total, timeout)


async def _read(response: aiohttp.ClientResponse, limit: int) -> bytes | None:
    """The whole body, or None when it is longer than ``limit``; the connection is closed then."""
    length = response.content_length
    if length is not None and length <= limit and "content-encoding" not in response.headers:
        return await response.read()
    parts: list[bytes] = []
    size = 0
    try:
        async for part in response.content.iter_any():
            size += len(part)
            if size > limit:
                response.close()
                return None
            parts.append(part)
    except BaseException:
        response.close()
        raise
    return b"".join(parts)
