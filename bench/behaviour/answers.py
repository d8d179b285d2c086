"""The behaviours of answers: nothing that must stay inside gets out, on any path."""

from bench.behaviour.outcome import Outcome, fails, holds
from bench.behaviour.samples import (
    AFTER,
    BEFORE,
    BLOCKED,
    CLEAN,
    CLEAN_CALL,
    CLEAN_TEXT,
    FIRST_MAIL,
    LAUNCH,
    LONG_LOCAL,
    ROUNDS,
    SECOND_MAIL,
    SECRET,
    SECRET_CALL,
    SECRET_SECOND,
    in_thirds,
    joined,
    second_choice,
    spelled,
    web_token,
)
from bench.behaviour.scene import CHAT, RESPONSES, Scene, Wish
from bench.behaviour.seen import Seen
from gateway.testing.upstream_scripts import Script

_TOOL = {"name": "deploy", "parameters": {"type": "object", "properties": {}}}
_TOOLS = [{"type": "function", "function": _TOOL}]


async def secret_in_second_chunk(scene: Scene, path: str = CHAT) -> Outcome:
    """A credential is the second delta of a stream."""
    clean = await scene.ask(CLEAN, Wish.SECRETS, path=path)
    if clean.text != CLEAN_TEXT:
        return _spoilt(clean)
    return _kept(await scene.ask(SECRET_SECOND, Wish.SECRETS, path=path), SECRET)


async def secret_on_responses(scene: Scene) -> Outcome:
    """The same at the Responses API."""
    return await secret_in_second_chunk(scene, RESPONSES)


async def two_addresses_restored(scene: Scene) -> Outcome:
    """Two messages hold an address each; the answer repeats both."""
    said = [f"My address is {FIRST_MAIL}.", f"And hers is {SECOND_MAIL}, is it not?"]
    for stream in (False, True):
        seen = await scene.ask(Script(reads=joined), Wish.RESTORE, said=said, stream=stream)
        named = f"stream: {str(stream).lower()}"
        if not seen.upstream:
            return _refused(seen)
        if seen.reached(FIRST_MAIL) or seen.reached(SECOND_MAIL):
            return fails(f"{named}: the provider read an address")
        if seen.text != " / ".join(said):
            return fails(f"{named}: the caller read {seen.text!r}")
    return holds("the provider read two placeholders, the caller two addresses, both ways")


async def split_placeholder(scene: Scene) -> Outcome:
    """A placeholder comes in three deltas of a stream that takes over a second."""
    said = [f"{BEFORE}{FIRST_MAIL}{AFTER}"]
    seen = await scene.ask(Script(reads=in_thirds, gap=0.1), Wish.RESTORE, said=said)
    if not seen.upstream:
        return _refused(seen)
    if seen.reached(FIRST_MAIL):
        return fails("the provider read the address")
    if seen.text != f"I looked it up. I write to {FIRST_MAIL} now. {'And I wait. ' * ROUNDS}":
        return fails(f"the caller read {seen.text!r}")
    when = f"first text after {seen.first or 0:.2f} s of {seen.last:.2f} s"
    return holds(when) if (seen.first or 0) < seen.last / 2 else fails(f"one piece: {when}")


async def long_values_by_character(scene: Scene) -> Outcome:
    """An address with a local part of 80 characters and a token of 2,000, a character a delta."""
    token = web_token()
    told: list[tuple[str, Outcome]] = []
    for named, value, secret, wish in (
        ("address", f"{LONG_LOCAL}@example.com", LONG_LOCAL, Wish.CONTACT),
        ("token", token, token, Wish.SECRETS),
    ):
        clean = await scene.ask(CLEAN, wish)
        if clean.text != CLEAN_TEXT:
            return _spoilt(clean)
        outcome = _kept(await scene.ask(spelled(value), wish), secret)
        told.append((f"{named}: {outcome.detail}", outcome))
    detail = "; ".join(line for line, _ in told)
    return next((fails(detail) for _, o in told if o != holds(o.detail)), holds(detail))


async def second_choice_only(scene: Scene) -> Outcome:
    """An address stands only in the second of two choices."""
    for stream in (False, True):
        clean = await scene.ask(
            second_choice(CLEAN_TEXT, stream=stream), Wish.CONTACT, stream=stream, n=2
        )
        named = f"stream: {str(stream).lower()}"
        if clean.texts != {0: CLEAN_TEXT, 1: CLEAN_TEXT}:
            return fails(f"{named}: two clean choices came as {clean.texts}")
        script = second_choice(f"Ask {SECOND_MAIL} about it.", stream=stream)
        seen = await scene.ask(script, Wish.CONTACT, stream=stream, n=2)
        outcome = _kept(seen, SECOND_MAIL)
        if outcome != holds(outcome.detail):
            return fails(f"{named}: {outcome.detail}")
        if not CLEAN_TEXT.startswith(seen.text):  # less of it, where all choices are blocked
            return fails(f"{named}: the clean choice came as {seen.text!r}")
    return holds("kept both ways")


async def secret_in_tool_call(scene: Scene) -> Outcome:
    """A credential stands in the arguments of a streamed tool call."""
    clean = await scene.ask(CLEAN_CALL, Wish.SECRETS, tools=_TOOLS)
    if clean.arguments.get(0) != CLEAN_CALL.tool_calls[0][1]:
        return fails(f"clean arguments came as {clean.arguments}, status {clean.status}")
    return _kept(await scene.ask(SECRET_CALL, Wish.SECRETS, tools=_TOOLS), SECRET)


async def blocked_answer_again(scene: Scene) -> Outcome:
    """An answer is blocked; the same question is asked twice more, with a cache where there is
    one, whole and streamed."""
    said = ["When does it launch?"]
    wishes = (Wish.ANSWER_WORDS, Wish.CACHE)
    clean = await scene.ask(CLEAN, *wishes, said=["When does it close?"], stream=False)
    if clean.text != CLEAN_TEXT:
        return _spoilt(clean)
    for time, stream in (("first", False), ("second", False), ("third", True)):
        seen = await scene.ask(BLOCKED, *wishes, said=said, stream=stream)
        if time == "first" and not seen.upstream:
            return _refused(seen)
        if length := seen.leaked(LAUNCH):
            how = f"{length} of {len(LAUNCH)} characters, status {seen.status}"
            return fails(f"the {time} time the caller read {how}")
    return holds("blocked three times")


def _kept(seen: Seen, value: str) -> Outcome:
    if not seen.upstream:
        return _refused(seen)
    if length := seen.leaked(value):
        return fails(f"the client read {length} of {len(value)} characters")
    how = f", {', '.join(sorted(seen.finishes))}" if seen.finishes else ""
    return holds(f"kept (status {seen.status}{how})")


def _refused(seen: Seen) -> Outcome:
    return fails(f"the provider was not asked: status {seen.status}, {_start(seen)}")


def _spoilt(seen: Seen) -> Outcome:
    return fails(f"a clean answer came as {seen.text!r}, status {seen.status}, {_start(seen)}")


def _start(seen: Seen) -> str:
    return seen.raw[:160].decode(errors="replace")
