"""The twelve behaviours, in order."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bench.behaviour import answers, operations
from bench.behaviour.outcome import Outcome
from bench.behaviour.scene import Scene


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One row of the table."""

    name: str
    title: str
    show: Callable[[Scene], Awaitable[Outcome]]


BEHAVIOURS = (
    Behaviour(
        "second-chunk",
        "secret in the second streamed chunk stays inside",
        answers.secret_in_second_chunk,
    ),
    Behaviour(
        "two-addresses",
        "two messages with two e-mails, both restored right",
        answers.two_addresses_restored,
    ),
    Behaviour(
        "split-placeholder",
        "placeholder in three deltas restored, first token before the end",
        answers.split_placeholder,
    ),
    Behaviour(
        "by-character",
        "80-character local part and 2,000-character JWT, by the character",
        answers.long_values_by_character,
    ),
    Behaviour(
        "two-keys",
        "key A, then key B, same prompt, caching on: nothing crosses",
        operations.two_keys_one_prompt,
    ),
    Behaviour(
        "first-message",
        "injection in the first of two user messages is refused",
        operations.injection_in_first_message,
    ),
    Behaviour(
        "second-choice",
        "e-mail only in choice 1 of n=2 stays inside",
        answers.second_choice_only,
    ),
    Behaviour(
        "tool-call",
        "secret in streamed tool-call arguments stays inside",
        answers.secret_in_tool_call,
    ),
    Behaviour(
        "backend-down",
        "guard's service down: refused, not passed unguarded",
        operations.backend_down,
    ),
    Behaviour(
        "live-policy",
        "policy edited live, broken (last good stays), mended",
        operations.policy_edited_live,
    ),
    Behaviour(
        "blocked-again",
        "blocked answer asked for again stays blocked",
        answers.blocked_answer_again,
    ),
    Behaviour(
        "responses",
        "the first one on /v1/responses",
        answers.secret_on_responses,
    ),
)
