"""``POST /v1/guard``: texts to be judged by a policy, and what came of it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from gateway.core.errors import BadRequest, RequestTooLarge
from gateway.core.findings import Decision
from gateway.core.rules import Layer, Policy
from gateway.core.segments import Json, Origin, Segment
from gateway.wire import chat_request
from gateway.wire.limits import RequestLimits, check_text
from gateway.wire.local import LocalDialect, one_of, only, text_or_none

_FIELDS = ("input", "policy", "model", "layer", "origin")
_LAYERS = tuple(layer.value for layer in Layer)
_ORIGINS = tuple(origin.value for origin in Origin)
_LONGEST_NAME = 256
ANSWERS = (Layer.OUTPUT, Layer.FINAL)
"""The layers that look at what a model says."""


class CheckDialect(LocalDialect):
    """The texts of a check: ``input`` is one, an array of them, or ``{"messages": [...]}``."""

    name = "guard"

    def validate(self, body: Json, limits: RequestLimits, size: int) -> None:
        """Raises BadRequest or RequestTooLarge; ``size`` is the body's in bytes."""
        only(body, _FIELDS)
        one_of(body, "layer", _LAYERS)
        one_of(body, "origin", _ORIGINS)
        text_or_none(body, "policy", _LONGEST_NAME)
        text_or_none(body, "model", _LONGEST_NAME)
        given, layer = body.get("input"), layer_of(body)
        if isinstance(given, dict):
            _validate_conversation(given, layer, limits, size)
        else:
            _validate_texts(given, limits)
        narrowed = isinstance(given, dict) or layer not in (Layer.INPUT, Layer.PROMPT)
        if body.get("origin") is not None and narrowed:
            raise BadRequest(
                "'origin' says whom texts come from in the layers input and prompt; the messages "
                "of a conversation and the other layers have one of their own.",
                param="origin",
            )

    def segments(self, body: Json) -> list[Segment]:
        given = body.get("input")
        if isinstance(given, dict):
            found = chat_request.segments({"model": "", **given})
            return [replace(segment, path=("input", *segment.path)) for segment in found]
        origin = Origin(body.get("origin") or Origin.USER)
        if isinstance(given, str):
            return [Segment(given, origin, ("input",))]
        return [Segment(text, origin, ("input", i)) for i, text in enumerate(given or ())]

    def model_of(self, body: Json) -> str:
        return body.get("model") or ""


def layer_of(body: Json) -> Layer:
    """The layer whose rules are asked for; ``input`` by default."""
    return Layer(body.get("layer") or Layer.INPUT)


def texts_of(given: Any) -> list[str]:
    """The texts of an input that is no conversation."""
    return [given] if isinstance(given, str) else list(given)


def in_shape(given: Any, texts: Sequence[str | None]) -> Any:
    """Texts in the shape that the input had."""
    return texts[0] if isinstance(given, str) else list(texts)


def answer_of(given: Any) -> tuple[list[Json], Json]:
    """What was said before, and the answer to judge as a whole chat completion: the last message of
    a conversation, or one choice for each text."""
    if isinstance(given, dict):
        *before, last = given["messages"]
        said = [last]
    else:
        before = []
        said = [{"role": "assistant", "content": text} for text in texts_of(given)]
    choices = [
        {"index": index, "message": message, "finish_reason": "stop"}
        for index, message in enumerate(said)
    ]
    return before, {"id": "", "object": "chat.completion", "choices": choices}


def released(given: Any, document: Json) -> Any:
    """What is left of the input once its answer has been through the gate."""
    messages = [choice["message"] for choice in document["choices"]]
    if isinstance(given, dict):
        return {**given, "messages": [*given["messages"][:-1], messages[0]]}
    return in_shape(given, [message.get("content") for message in messages])


def result(
    decision_id: str,
    verdict: str,
    policy: Policy,
    given: Any,
    now: Any,
    explain: Sequence[Decision] | None,
) -> Json:
    """The answer to a check. ``now`` is what would go on in place of ``given``, None for nothing.
    ``explain`` are the decisions, for keys that may see them."""
    document: Json = {
        "id": decision_id,
        "object": "guard.check",
        "verdict": verdict,
        "policy": f"{policy.name}@{policy.hash[:12]}",
        "input": now,
        "changed": now != given,
    }
    if explain is not None:
        document["decisions"] = [_decision(decision, given) for decision in explain]
    return document


def _decision(decision: Decision, given: Any) -> Json:
    return {
        "layer": decision.layer,
        "rule": decision.rule,
        "guard": decision.guard,
        "then": decision.then.value,
        "mode": decision.mode.value,
        "acted": decision.acts,
        "error": decision.error,
        "findings": [
            {
                "category": finding.category,
                "score": round(finding.score, 4),
                "pointer": _pointer(pointer, given),
                "start": finding.start,
                "end": finding.end,
            }
            for finding, pointer in zip(decision.findings, decision.pointers, strict=False)
        ],
    }


def _pointer(pointer: str, given: Any) -> str:
    """A place in an answer or among chunks as a place in the request."""
    steps = pointer.split("/")[1:]
    if len(steps) < 2 or steps[0] not in ("choices", "chunks"):
        return pointer
    if isinstance(given, dict):
        return "/".join(["/input/messages", str(len(given["messages"]) - 1), *steps[2:]])
    return "/input" if isinstance(given, str) else f"/input/{steps[1]}"


def _validate_texts(given: Any, limits: RequestLimits) -> None:
    if isinstance(given, str):
        check_text(given, limits, "input")
        return
    if not isinstance(given, list) or not given or not all(isinstance(t, str) for t in given):
        raise BadRequest(
            "'input' must be a string, a non-empty array of strings, or an object with 'messages'.",
            param="input",
        )
    if len(given) > limits.messages:
        raise RequestTooLarge(
            f"The request has {len(given)} texts; the limit is {limits.messages}.", param="input"
        )
    for index, text in enumerate(given):
        check_text(text, limits, f"input.{index}")


def _validate_conversation(given: Json, layer: Layer, limits: RequestLimits, size: int) -> None:
    if layer is Layer.CONTEXT:
        raise BadRequest(
            "The layer context judges passages: send 'input' as a string or an array of strings.",
            param="input",
        )
    try:
        chat_request.validate({**given, "model": "any"}, limits, size)
    except (BadRequest, RequestTooLarge) as error:
        error.param = f"input.{error.param}"
        raise
    if layer in ANSWERS and given["messages"][-1].get("role") != "assistant":
        raise BadRequest(
            f"In the layer {layer.value} the last message is the answer to judge: its role must be "
            "'assistant'.",
            param="input.messages",
        )
