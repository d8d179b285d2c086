"""The checks of a request that several endpoints share. They raise BadRequest."""

from collections.abc import Iterable

from gateway.core.errors import BadRequest, RequestTooLarge
from gateway.core.segments import Json, Segment
from gateway.wire.limits import RequestLimits, check_text


def check_model(body: Json) -> None:
    model = body.get("model")
    if not isinstance(model, str) or not model:
        raise BadRequest("You must provide a model parameter.", param="model")


def check_stream(body: Json) -> None:
    if not isinstance(body.get("stream", False), bool | None):
        raise BadRequest("'stream' must be true or false.", param="stream")
    options = body.get("stream_options")
    if options is not None and not isinstance(options, dict):
        raise BadRequest("'stream_options' must be an object.", param="stream_options")


def check_integer(body: Json, name: str, low: int | None = None, high: int | None = None) -> None:
    """A field that is an integer within bounds when it is there at all."""
    value = body.get(name)
    if value is None:
        return
    if not isinstance(value, int) or isinstance(value, bool):
        raise BadRequest(f"{name!r} must be an integer.", param=name)
    if (low is not None and value < low) or (high is not None and value > high):
        bounds = f"of at least {low}" if high is None else f"from {low} to {high}"
        raise BadRequest(f"{name!r} must be an integer {bounds}.", param=name)


def check_string(body: Json, name: str) -> None:
    """A field that is a string when it is there at all."""
    if not isinstance(body.get(name), str | None):
        raise BadRequest(f"{name!r} must be a string.", param=name)


def check_count(count: int, name: str, limits: RequestLimits) -> None:
    """Raises RequestTooLarge for more entries than a request may have messages."""
    if count > limits.messages:
        raise RequestTooLarge(
            f"'{name}' has {count} entries; the limit is {limits.messages}.", param=name
        )


def check_texts(segments: Iterable[Segment], limits: RequestLimits) -> None:
    """Raises RequestTooLarge for a text that is too long."""
    for segment in segments:
        check_text(segment.text, limits, ".".join(map(str, segment.path)))


def texts_of(body: Json, name: str, limits: RequestLimits) -> None:
    """A field that is a string or an array of strings, as prompts and inputs are.

    Token ids are refused whatever the policy says: nobody could tell what they spell.
    """
    value = body.get(name)
    if isinstance(value, str):
        return
    if not isinstance(value, list) or not value:
        raise BadRequest(f"{name!r} must be a string or a non-empty array of strings.", param=name)
    if all(isinstance(entry, str) for entry in value):
        check_count(len(value), name, limits)
        return
    hint = "Token ids cannot be checked by this gateway: send the text itself"
    if name == "input":
        hint += " (LangChain: check_embedding_ctx_length=False)"
    raise BadRequest(f"{name!r} must hold strings only. {hint}.", param=name)
