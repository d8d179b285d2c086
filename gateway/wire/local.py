"""What the dialects have in common that the gateway answers by itself, without a model."""

from collections.abc import Sequence

from gateway.core.errors import BadRequest
from gateway.core.registry import did_you_mean
from gateway.core.segments import Json, Segment
from gateway.wire.chat import ChatDialect


class LocalDialect(ChatDialect):
    """The dialect of an endpoint that asks no model. Its request has no texts for one."""

    name = "local"

    def segments(self, body: Json) -> list[Segment]:
        return []

    def question(self, body: Json) -> str:
        return ""

    def model_of(self, body: Json) -> str:
        """The configured model whose policy is asked for; '' leaves the choice to the gateway."""
        return ""


def only(body: Json, known: Sequence[str]) -> None:
    """Raises BadRequest for a field that is not known: a misspelt one must not be ignored."""
    for name in body:
        if name not in known:
            hint = did_you_mean(name[:64], list(known))
            raise BadRequest(f"Unknown field {name[:64]!r}{hint}.", param=name[:64])


def text_or_none(body: Json, name: str, longest: int) -> str | None:
    """An optional string field. Raises BadRequest."""
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not value or len(value) > longest:
        raise BadRequest(f"'{name}' must be a string of 1 to {longest} characters.", param=name)
    return value


def one_of(body: Json, name: str, known: Sequence[str]) -> None:
    """Raises BadRequest when a field that is given is none of ``known``."""
    value = body.get(name)
    if value is not None and (not isinstance(value, str) or value not in known):
        raise BadRequest(f"'{name}' must be one of {', '.join(known)}.", param=name)
