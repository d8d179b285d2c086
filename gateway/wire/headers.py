"""The gateway's own response headers."""

from gateway.core.exchange import Exchange

EXPLAIN = "explain"
"""The scope whose keys may see why something was decided."""


def may_explain(ex: Exchange) -> bool:
    return ex.principal is not None and EXPLAIN in ex.principal.scopes


def reply_headers(ex: Exchange) -> dict[str, str]:
    """What every answer of an exchange says about itself, errors included.

    On streams these go out with the first released piece: ``x-gatehouse-decision`` then says what
    was decided until there.
    """
    headers = {
        "x-request-id": ex.id,
        "x-gatehouse-decision": ex.verdict,
        "x-gatehouse-decision-id": ex.decision_id,
        **ex.reply_headers,
    }
    if ex.policy is not None:
        headers["x-gatehouse-policy"] = f"{ex.policy.name}@{ex.policy.hash[:12]}"
    if ex.route is not None:
        headers["x-gatehouse-route"] = ex.route
    if ex.cache is not None:
        headers["x-gatehouse-cache"] = ex.cache
    if ex.reply is not None:
        headers["x-gatehouse-model"] = ex.reply.source
        headers.update(ex.reply.headers)
    if may_explain(ex):
        headers["server-timing"] = ", ".join(
            f"{_token(outcome.stage)};dur={outcome.ms:.2f}" for outcome in ex.outcomes
        )
    return headers


def _token(name: str) -> str:
    """A stage's name as an HTTP token: brackets are not allowed in one."""
    return name.replace("[", ".").replace("]", "")
