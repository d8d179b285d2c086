"""How much a caller may use: requests and tokens per minute, requests at the same time."""

import math
from collections.abc import Sequence

from pydantic import Field

from gateway.core.clock import Clock
from gateway.core.errors import PermissionDenied, QuotaExhausted, RateLimited
from gateway.core.exchange import Exchange
from gateway.core.identity import Limits, Principal
from gateway.core.options import Options
from gateway.core.segments import Json
from gateway.core.stage import Phase
from gateway.core.tokens import estimate
from gateway.ports.counter_store import Charge, CounterStore, Reservation, Standing

_STATE = "gateway.quota"
_MINUTE = 60.0
_ASKED_IN = ("max_completion_tokens", "max_tokens", "max_output_tokens")
_UNITS = {
    "requests": "requests per minute",
    "tokens": "tokens per minute",
    "concurrent": "concurrent requests",
}


class QuotaOptions(Options):
    completion_reserve: int = Field(default=256, ge=0)
    """Tokens reserved for an answer whose length the request does not limit. What was really used
    replaces the reservation once the answer is complete."""


class QuotaStage:
    """Keeps every key and tenant within its requests, tokens and concurrency.

    Everything is reserved in one atomic step before the request goes on, and settled when the
    exchange ends, however it ends: tokens by what was used, places given back. A request that was
    let in counts as a request even when it is refused later on.
    """

    name = "quota"
    phase = Phase.REQUEST
    Options = QuotaOptions

    def __init__(self, options: QuotaOptions, *, counters: CounterStore, clock: Clock) -> None:
        self._reserve = options.completion_reserve
        self._counters = counters
        self._clock = clock

    async def run(self, ex: Exchange) -> None:
        who = ex.principal
        if who is None:
            raise PermissionDenied(
                "Quotas need to know the caller. An operator puts the stage 'auth' before 'quota'.",
                cause="quota without a principal",
            )
        mine, theirs = who.limits, who.tenant_limits
        caps = [c for c in (mine.tokens_per_minute, theirs.tokens_per_minute) if c is not None]
        tokens = self._tokens(ex, who, min(caps)) if caps else 0
        charges = _charges(f"key:{who.key_id}", mine, tokens)
        charges += _charges(f"tenant:{who.tenant}", theirs, tokens)
        if not charges:
            return
        reservation = await self._counters.reserve(charges)
        if reservation.granted:
            ex.state[_STATE] = reservation
        ex.reply_headers.update(_headers(reservation.standings))
        refused = reservation.refused
        if refused is not None:
            raise _refusal(refused)

    async def close(self, ex: Exchange, error: BaseException | None) -> None:
        """Settle what was reserved."""
        reservation: Reservation | None = ex.state.pop(_STATE, None)
        if reservation is None:
            return
        used = {"tokens": ex.usage.total, "concurrent": 0}
        actual = [used.get(_kind(s.charge), s.charge.amount) for s in reservation.standings]
        await self._counters.settle(reservation, actual)

    def _tokens(self, ex: Exchange, who: Principal, cap: int) -> int:
        prompt = sum(estimate(segment.text) for segment in ex.segments())
        choices = _count(ex.body, "n") or 1
        asked = next((n for name in _ASKED_IN if (n := _count(ex.body, name)) is not None), None)
        hard = who.limits.max_tokens
        if asked is not None:
            return prompt + choices * (asked if hard is None else min(asked, hard))
        usual = choices * (self._reserve if hard is None else min(self._reserve, hard))
        # Our own guess must not be what makes a request impossible under a small limit.
        return prompt + min(usual, max(0, cap - prompt))


def _charges(owner: str, limits: Limits, tokens: int) -> list[Charge]:
    charges = []
    if limits.requests_per_minute is not None:
        charges.append(Charge(f"{owner}:requests", 1, limits.requests_per_minute, _MINUTE))
    if limits.tokens_per_minute is not None:
        charges.append(Charge(f"{owner}:tokens", tokens, limits.tokens_per_minute, _MINUTE))
    if limits.concurrent_requests is not None:
        charges.append(Charge(f"{owner}:concurrent", 1, limits.concurrent_requests, 0.0))
    return charges


def _count(body: Json, name: str) -> int | None:
    value = body.get(name)
    return max(0, value) if isinstance(value, int) and not isinstance(value, bool) else None


def _kind(charge: Charge) -> str:
    return charge.key.rpartition(":")[2]


def _refusal(refused: Standing) -> RateLimited | QuotaExhausted:
    charge, kind = refused.charge, _kind(refused.charge)
    owner = "API key" if charge.key.startswith("key:") else "tenant"
    limit = f"this {owner}: {charge.limit:,} {_UNITS[kind]}"
    cause = f"{owner} limit of {kind}"
    if math.isinf(refused.retry_after):
        mend = (
            "Shorten the messages or lower max_completion_tokens; waiting does not help."
            if kind == "tokens"
            else "Waiting does not help; an operator sets the limit."
        )
        return QuotaExhausted(
            f"The request needs {charge.amount:,} {kind}, more than the whole limit of {limit}. "
            f"{mend}",
            cause=cause,
        )
    wait = "when another request ends" if kind == "concurrent" else _span(refused.retry_after)
    if kind != "concurrent":
        wait = f"in {wait}"
    return RateLimited(
        f"Rate limit reached for {limit}. Remaining {refused.remaining:,}, requested "
        f"{charge.amount:,}. Please try again {wait}.",
        headers={
            "retry-after": str(math.ceil(refused.retry_after)),
            "retry-after-ms": str(math.ceil(refused.retry_after * 1000)),
        },
        cause=cause,
    )


def _headers(standings: Sequence[Standing]) -> dict[str, str]:
    """``x-ratelimit-*`` of requests and tokens: of the key or the tenant, which has less left."""
    headers: dict[str, str] = {}
    for kind in ("requests", "tokens"):
        tightest = None
        for standing in standings:
            if standing.charge.key.endswith(kind) and (
                tightest is None or standing.remaining < tightest.remaining
            ):
                tightest = standing
        if tightest is not None:
            headers[f"x-ratelimit-limit-{kind}"] = str(tightest.charge.limit)
            headers[f"x-ratelimit-remaining-{kind}"] = str(tightest.remaining)
            headers[f"x-ratelimit-reset-{kind}"] = _span(tightest.reset)
    return headers


def _span(seconds: float) -> str:
    """A time as OpenAI's headers write it, rounded up: ``120ms``, ``1s``, ``6m0s``, ``1h0m0s``."""
    if seconds < 1:
        milliseconds = math.ceil(seconds * 1000)
        if milliseconds < 1000:
            return f"{milliseconds}ms" if milliseconds else "0s"
    minutes, rest = divmod(math.ceil(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes}m{rest}s"
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"
