"""Who takes part: how each is started and called."""

import sys
from collections.abc import Callable
from dataclasses import dataclass

from bench import peers
from bench.gatehouse import launch_gatehouse
from bench.launch import Launch, Place
from bench.payload import KEY, MODEL, UPSTREAM_MODEL


@dataclass(frozen=True, slots=True)
class Contestant:
    """One row of the table. ``launch`` raises peers.Unavailable when it cannot run here."""

    name: str
    title: str
    launch: Callable[[Place], Launch | None]
    """None means that there is no server: the upstream itself is called."""


def _direct(place: Place) -> Launch | None:
    return None


def _raw(place: Place) -> Launch:
    options = ["--no-access-log", "--log-level", "warning", "--loop", "uvloop"]
    command = [sys.executable, "-m", "uvicorn", "bench.raw_proxy:app", "--port", str(place.port)]
    return Launch(
        [*command, *options],
        env={"BENCH_UPSTREAM": f"http://127.0.0.1:{place.upstream}"},
    )


def _litellm(place: Place, *, key: bool) -> Launch:
    peers.install_litellm()
    config = place.folder / "litellm.yaml"
    lines = [
        "model_list:",
        f"  - model_name: {MODEL}",
        "    litellm_params:",
        f"      model: openai/{UPSTREAM_MODEL}",
        f"      api_base: http://127.0.0.1:{place.upstream}/v1",
        "      api_key: none",
        "litellm_settings:",
        "  telemetry: false",
        "  num_retries: 0",
    ]
    if key:
        lines += ["general_settings:", f"  master_key: {KEY}"]
    config.write_text("\n".join(lines) + "\n")
    options = ["--host", "127.0.0.1", "--port", str(place.port), "--num_workers", "1"]
    return Launch(
        [str(peers.LITELLM), "--config", str(config), *options, "--telemetry", "False"],
        env={
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",
            "LITELLM_MODE": "PRODUCTION",
            "LITELLM_LOG": "ERROR",
            "NO_PROXY": "*",
            # it refuses to run without a key unless told so
            **({} if key else {"LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY": "true"}),
        },
        patience=120.0,
    )


def _litellm_with_key(place: Place) -> Launch:
    return _litellm(place, key=True)


def _litellm_without_key(place: Place) -> Launch:
    return _litellm(place, key=False)


def _portkey(place: Place) -> Launch:
    peers.install_portkey()
    return Launch(
        ["node", str(peers.PORTKEY), f"--port={place.port}", "--headless"],
        env={"NODE_ENV": "production"},
        headers={
            "x-portkey-provider": "openai",
            "x-portkey-custom-host": f"http://127.0.0.1:{place.upstream}/v1",
        },
    )


def _passthrough(place: Place) -> Launch:
    return launch_gatehouse(place, "passthrough")


def _guarded(place: Place) -> Launch:
    return launch_gatehouse(place, "guarded")


ALL = (
    Contestant("direct", "upstream, no gateway", _direct),
    Contestant("raw", "bare Starlette + aiohttp", _raw),
    Contestant("passthrough", "Gatehouse, pass-through", _passthrough),
    Contestant("guarded", "Gatehouse, fully guarded", _guarded),
    Contestant("litellm", "LiteLLM proxy, key auth", _litellm_with_key),
    Contestant("litellm-open", "LiteLLM proxy, no auth", _litellm_without_key),
    Contestant("portkey", "Portkey gateway", _portkey),
)


def find(names: list[str]) -> list[Contestant]:
    """The contestants called ``names``, all when empty. Raises KeyError for one that is unknown."""
    known = {contestant.name: contestant for contestant in ALL}
    return [known[name] for name in names] if names else list(ALL)
