"""Portkey's gateway, set up with the checks that it ships and that need no vendor's key.

Its policy is a document in the header of each request: ``before_request_hooks`` and
``after_request_hooks`` with ``default.regexMatch`` (refuses, with ``deny``),
``default.regexReplace`` (masks) and ``default.webhook`` (asks a service), each with
``failOnError``, since a check that cannot be made passes otherwise. Cache: ``cache.mode``
``simple``. Settings: portkey.ai/docs/product/guardrails/creating-raw-guardrails-in-json and
portkey.ai/docs/integrations/guardrails/bring-your-own-guardrails. On streams its output checks are
informational by design: portkey.ai/docs/guides/use-cases/streaming-output-guardrails.
"""

import json
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType

from bench import peers
from bench.behaviour.samples import FORBIDDEN
from bench.behaviour.scene import Door, Ground, Shape, Wish
from bench.behaviour.serving import serving
from gateway.core.segments import Json
from gateway.testing.process import free_port

_CREDENTIALS = (
    r"/\bAKIA[0-9A-Z]{16}\b|\bgh[ps]_[A-Za-z0-9]{36}\b"
    r"|\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+/g"
)
_MAIL = r"/[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}/g"
_INJECTION = r"[Ii]gnore (all )?(previous|prior) instructions|[Rr]eveal your system prompt"
_UNREVERSED = "Its masks cannot be undone: nothing restores a value."


class PortkeyDoor:
    """A running Portkey gateway, and the document that its callers send."""

    keys = ("sk-first-caller", "sk-second-caller")

    def __init__(self, ground: Ground, port: int) -> None:
        self._ground = ground
        self.url = f"http://127.0.0.1:{port}"
        self._word, self._check = "nothingyet", "default.regexMatch"

    def shape(self, wishes: Iterable[Wish]) -> Shape:
        wished = set(wishes)
        document: Json = {
            "provider": "openai",
            "api_key": "none",
            "custom_host": self._ground.upstream.base_url,
            "before_request_hooks": list(self._before(wished)),
            "after_request_hooks": list(self._after(wished)),
        }
        if Wish.CACHE in wished:
            document["cache"] = {"mode": "simple", "max_age": 3600}
        return Shape(headers={"x-portkey-config": json.dumps(document)})

    def forbid(self, word: str) -> None:
        self._word, self._check = word, "default.regexMatch"

    def spoil(self) -> None:
        self._check = "default.regexMach"

    def _before(self, wished: set[Wish]) -> Iterable[Json]:
        if Wish.RESTORE in wished:
            yield _hook("mails", "default.regexReplace", rule=_MAIL, redactText="<EMAIL>")
        if Wish.INJECTION in wished:
            yield _hook("injection", "default.regexMatch", rule=_INJECTION, **{"not": True})
        if Wish.WORDS in wished:
            yield _hook("words", self._check, rule=self._word, **{"not": True})
        if Wish.BACKEND in wished:
            url = f"{self._ground.backend.url}/webhook"
            yield _hook("service", "default.webhook", webhookURL=url)

    def _after(self, wished: set[Wish]) -> Iterable[Json]:
        if Wish.SECRETS in wished:
            yield _hook("credentials", "default.regexReplace", rule=_CREDENTIALS)
        if Wish.CONTACT in wished:
            yield _hook("addresses", "default.regexReplace", rule=_MAIL)
        if Wish.ANSWER_WORDS in wished:
            yield _hook("house", "default.regexMatch", rule=FORBIDDEN, **{"not": True})


class Portkey:
    """Portkey's gateway as it comes from npm."""

    name = "portkey"
    title = "Portkey gateway"
    lacks: Mapping[str, str] = MappingProxyType(
        {
            "two-addresses": _UNREVERSED,
            "split-placeholder": _UNREVERSED,
            "two-keys": "The open gateway ships without a cache.",
        }
    )

    @asynccontextmanager
    async def open(self, ground: Ground) -> AsyncIterator[Door]:
        """Starts the gateway with Node. Raises peers.Unavailable or launch.NotReady."""
        peers.install_portkey()
        port = free_port()
        door = PortkeyDoor(ground, port)
        command = ["node", str(peers.PORTKEY), f"--port={port}", "--headless"]
        environ = {"NODE_ENV": "production"}
        async with serving(command, ground.folder / "server.log", environ, f"{door.url}/"):
            yield door


def _hook(name: str, check: str, **parameters: object) -> Json:
    return {
        "type": "guardrail",
        "id": name,
        "deny": True,
        "checks": [{"id": check, "parameters": {**parameters, "failOnError": True}}],
    }
