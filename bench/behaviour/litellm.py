"""LiteLLM proxy, set up with the guards that it ships and that need no vendor's key.

* Credentials, addresses, words and injections: its content filter, which scans streams too.
* Reversible e-mail addresses, and the service that goes down: its Presidio guard.
* Cache: its local one, asked for by request. A caller may choose a ``namespace`` of it himself;
  the operator cannot give each key its own, so none is set.

A question names the guards it wants, since the content filter would mask what Presidio has just
restored. Settings: docs.litellm.ai/docs/proxy/guardrails/litellm_content_filter and
.../pii_masking_v2, /docs/proxy/caching, /docs/proxy/custom_auth.
"""

import json
import os
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType

from bench import peers
from bench.behaviour.samples import FORBIDDEN
from bench.behaviour.scene import MODEL, Door, Ground, Shape, Wish
from bench.behaviour.serving import serving
from gateway.core.segments import Json
from gateway.testing.process import free_port

# Any environment that accepts virtual keys needs PostgreSQL; this is its documented way without.
_AUTH = """\
from litellm.proxy._types import UserAPIKeyAuth

async def user_api_key_auth(request, api_key):
    if api_key not in ("sk-first-caller", "sk-second-caller"):
        raise Exception("unknown key")
    return UserAPIKeyAuth(api_key=api_key, user_id=api_key)
"""
_TOKEN = r"\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+"
_CREDENTIALS = ("aws_access_key", "github_token", "slack_token", "generic_api_key")
_CATEGORIES = ("prompt_injection_system_prompt", "prompt_injection_jailbreak")
_GUARDS = MappingProxyType(
    {
        Wish.SECRETS: "credentials",
        Wish.CONTACT: "addresses",
        Wish.RESTORE: "reversible",
        Wish.INJECTION: "injection",
        Wish.WORDS: "words",
        Wish.ANSWER_WORDS: "house",
        Wish.BACKEND: "service",
    }
)


class LiteLLMDoor:
    """A running LiteLLM proxy with its configuration file."""

    keys = ("sk-first-caller", "sk-second-caller")

    def __init__(self, ground: Ground, port: int) -> None:
        self._ground = ground
        self.url = f"http://127.0.0.1:{port}"
        self.config = ground.folder / "config.yaml"
        (ground.folder / "two_keys.py").write_text(_AUTH)
        self.forbid("nothingyet")

    def shape(self, wishes: Iterable[Wish]) -> Shape:
        wished = list(wishes)
        body: Json = {"guardrails": [_GUARDS[wish] for wish in wished if wish in _GUARDS]}
        if Wish.CACHE in wished:
            body["cache"] = {"use-cache": True}
        return Shape(body=body)

    def forbid(self, word: str) -> None:
        self._word = word
        self._write("BLOCK")

    def spoil(self) -> None:
        self._write("BLOK")

    def _write(self, action: str) -> None:
        presidio: Json = {
            "guardrail": "presidio",
            "mode": "pre_call",
            "presidio_analyzer_api_base": self._ground.backend.url,
            "presidio_anonymizer_api_base": self._ground.backend.url,
            "pii_entities_config": {"EMAIL_ADDRESS": "MASK"},
        }
        known = [
            {"pattern_type": "prebuilt", "pattern_name": name, "action": "MASK"}
            for name in _CREDENTIALS
        ]
        token = {"pattern_type": "regex", "name": "jwt", "pattern": _TOKEN, "action": "MASK"}
        mail = {"pattern_type": "prebuilt", "pattern_name": "email", "action": "MASK"}
        categories = [
            {"category": name, "enabled": True, "action": "BLOCK", "severity_threshold": "low"}
            for name in _CATEGORIES
        ]
        guards: dict[str, Json] = {
            "credentials": _filter("post_call", patterns=[*known, token]),
            "addresses": _filter("post_call", patterns=[mail]),
            "injection": _filter("pre_call", categories=categories),
            "words": _filter("pre_call", blocked_words=[{"keyword": self._word, "action": action}]),
            "house": _filter(
                "post_call", blocked_words=[{"keyword": FORBIDDEN, "action": "BLOCK"}]
            ),
            # by default Presidio also masks the answer, and with it what was just restored
            "reversible": {**presidio, "output_parse_pii": True, "presidio_filter_scope": "input"},
            "service": presidio,
        }
        target = {
            "model": f"openai/{MODEL}",
            "api_base": self._ground.upstream.base_url,
            "api_key": "none",
        }
        document: Json = {
            "model_list": [{"model_name": MODEL, "litellm_params": target}],
            "guardrails": [
                {"guardrail_name": name, "litellm_params": {**options, "default_on": False}}
                for name, options in guards.items()
            ],
            "litellm_settings": {
                "telemetry": False,
                "num_retries": 0,
                "cache": True,
                "cache_params": {"type": "local", "mode": "default_off"},
            },
            "general_settings": {
                "custom_auth": "two_keys.user_api_key_auth",
                "master_key": "sk-" + "master-of-the-bench-4711",
            },
        }
        self.config.write_text(json.dumps(document, indent=1))  # JSON is YAML


class LiteLLM:
    """LiteLLM proxy as it comes from PyPI, without a database."""

    name = "litellm"
    title = "LiteLLM proxy"
    lacks: Mapping[str, str] = MappingProxyType(
        {"live-policy": "Guards of its file are read at the start; live edits need its database."}
    )

    @asynccontextmanager
    async def open(self, ground: Ground) -> AsyncIterator[Door]:
        """Starts ``litellm``. Raises peers.Unavailable or launch.NotReady."""
        peers.install_litellm()
        port = free_port()
        door = LiteLLMDoor(ground, port)
        command = [str(peers.LITELLM), "--config", str(door.config), "--host", "127.0.0.1"]
        command += ["--port", str(port), "--num_workers", "1", "--telemetry", "False"]
        environ = {
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",
            "LITELLM_LOG": "ERROR",
            "NO_PROXY": "*",
            "PYTHONPATH": os.fspath(ground.folder),
        }
        ready = f"{door.url}/health/liveliness"
        async with serving(command, ground.folder / "server.log", environ, ready):
            yield door


def _filter(mode: str, **options: object) -> Json:
    return {"guardrail": "litellm_content_filter", "mode": mode, **options}
