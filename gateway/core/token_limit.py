"""The hard limit on the tokens of one answer."""

from gateway.core.exchange import Exchange
from gateway.core.segments import Json

_LIMIT_FIELDS = {
    "chat/completions": ("max_completion_tokens", "max_tokens"),
    "completions": ("max_tokens",),
    "responses": ("max_output_tokens",),
    "messages": ("max_tokens",),
    "embeddings": (),
}
"""The fields that limit an answer, by upstream endpoint; the one to set when none is used first."""


def limit_tokens(ex: Exchange) -> None:
    """Hold the request to the key's and the tenant's ``max_tokens``, whichever is lower.

    The field that the client used is lowered; with none used, the endpoint's newest one is set.
    """
    who = ex.principal
    if who is None:
        return
    limits = [m for m in (who.limits.max_tokens, who.tenant_limits.max_tokens) if m is not None]
    if not limits:
        return
    limit = min(limits)
    fields = _LIMIT_FIELDS.get(ex.dialect.upstream, ("max_tokens",))
    used = [field for field in fields if ex.body.get(field) is not None]
    changes: Json = {f: limit for f in used or fields[:1] if not _within(ex.body.get(f), limit)}
    if changes:
        ex.replace_body({**ex.body, **changes})


def _within(value: object, limit: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= limit
