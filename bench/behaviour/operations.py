"""The behaviours of a gateway at work: other callers, other messages, failures, edits."""

import asyncio

from bench.behaviour.outcome import Outcome, fails, holds
from bench.behaviour.samples import CLEAN, CLEAN_TEXT, INJECTION
from bench.behaviour.scene import Scene, Wish
from bench.behaviour.seen import Seen
from gateway.testing.upstream_scripts import Script

_SETTLE_SECONDS = 1.5


async def two_keys_one_prompt(scene: Scene) -> Outcome:
    """Two callers ask the same, with a cache; the answers of the provider differ each time."""
    said = ["What did I order last?"]
    answers = ["Order one.", "Order two.", "Order three."]
    keys = (0, 0, 1)
    seen = [
        await scene.ask(Script(text=text), Wish.CACHE, said=said, key=key, stream=False)
        for text, key in zip(answers, keys, strict=True)
    ]
    first, again, other = seen
    if first.text != answers[0]:
        return fails(f"the first caller read {first.text!r}, status {first.status}")
    if other.text in answers[:2]:
        return fails(f"the second caller read {other.text!r}, made for the first")
    if other.text != answers[2]:
        return fails(f"the second caller read {other.text!r}, status {other.status}")
    if again.upstream:
        return fails("the first caller's second answer came from the provider, not from a cache")
    return holds("the first caller was answered from the cache, the second was not")


async def injection_in_first_message(scene: Scene) -> Outcome:
    """The first of two messages of the user tries to take over; the last is harmless."""
    harmless = ["Good morning.", "How are you today?"]
    if not (await scene.ask(CLEAN, Wish.INJECTION, said=harmless)).upstream:
        return fails("harmless messages were refused")
    if (await scene.ask(CLEAN, Wish.INJECTION, said=[INJECTION])).upstream:
        return fails("the provider read it even as the only message")
    seen = await scene.ask(CLEAN, Wish.INJECTION, said=[INJECTION, harmless[1]])
    if seen.upstream:
        return fails("refused as the only message, but the provider read it as the first of two")
    return holds(f"refused with status {seen.status}")


async def backend_down(scene: Scene) -> Outcome:
    """The service behind a guard goes down, and comes up again."""
    backend = scene.ground.backend
    before = await _ask_guarded(scene)
    if before.text != CLEAN_TEXT:
        return fails(f"with the service up: status {before.status}, {before.raw[:160]!r}")
    await backend.stop()
    try:
        during = await _ask_guarded(scene)
    finally:
        await backend.start()
    after = await _ask_guarded(scene)
    if during.upstream:
        return fails(f"the question went to the provider unguarded, status {during.status}")
    if after.text != CLEAN_TEXT:
        return fails(f"with the service up again: status {after.status}, {after.raw[:160]!r}")
    return holds(f"refused with status {during.status}, and served again after")


async def _ask_guarded(scene: Scene) -> Seen:
    return await scene.ask(CLEAN, Wish.BACKEND, said=["When does it open?"], stream=False)


async def policy_edited_live(scene: Scene) -> Outcome:
    """A word is forbidden while the gateway runs; then the policy is broken; then mended."""
    door, first, second = scene.door, "bluebird", "redstart"
    if not (await scene.mention(first)).upstream:
        return fails("the word was refused before it was forbidden")
    door.forbid(first)
    if (await scene.mention_until_refused(first)).upstream:
        return fails(f"{scene.patience:.0f} s after the edit the word still reached the provider")
    door.spoil()
    await asyncio.sleep(_SETTLE_SECONDS)
    if (await scene.mention(first)).upstream:
        return fails("with the broken policy the forbidden word reached the provider")
    served = await scene.mention("sparrow")
    if not served.upstream:
        return fails(f"with the broken policy nobody was served: status {served.status}")
    door.forbid(second)
    if (await scene.mention_until_refused(second)).upstream:
        return fails("the mended policy did not come into force")
    if not (await scene.mention(first)).upstream:
        return fails("the mended policy allows the first word, but it was refused")
    return holds("the edit came into force, the broken one did not, the mended one did")
