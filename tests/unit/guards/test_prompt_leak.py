import pytest

from gateway.core.segments import Origin, Segment
from gateway.guards.prompt_leak import PromptLeakGuard, PromptLeakOptions
from gateway.testing.exchanges import make_exchange

SYSTEM = (
    "You are Hedwig, the assistant of the Example Bank. Never promise a refund above 500 euros "
    "without asking a supervisor first. If you cannot help, say "
    '"I am sorry, but I cannot help you with that question today".'
)
GUARD = PromptLeakGuard(PromptLeakOptions())


async def leaked(
    text: str, system: str = SYSTEM, origin: Origin = Origin.MODEL
) -> list[tuple[str, float]]:
    ex = make_exchange(
        messages=[{"role": "system", "content": system}, {"role": "user", "content": "hi"}]
    )
    found = await GUARD.check([Segment(text, origin)], ex)
    return [(text[finding.start : finding.end], finding.score) for finding in found]


RUN = "promise a refund above 500 euros without asking"


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        (f"I must never {RUN}, sorry.", ["never " + RUN]),
        (RUN.upper(), [RUN.upper()]),
        (
            "*promise*\na  refund, above: 500 EUROS - without... asking",
            ["promise*\na  refund, above: 500 EUROS - without... asking"],
        ),
        ("promise a re\u200bfund above 500 euros without asking", None),
        ("I may give refunds of up to 500 euros; above that I ask a supervisor.", []),
        ("promise a refund above 500 euros without", []),
        ("I am sorry, but I cannot help you with that question today", []),
    ],
)
async def test_a_repeated_run_is_found(text: str, spans: list[str] | None) -> None:
    expected = [text] if spans is None else spans
    assert [span for span, _ in await leaked(text)] == expected


async def test_the_score_grows_with_the_run() -> None:
    ((_, short),) = await leaked(RUN)
    ((_, long),) = await leaked(SYSTEM.partition("If")[0])
    assert short == 0.5
    assert long == 1.0


@pytest.mark.parametrize(
    ("system", "text", "hit"),
    [
        ("The codeword is swordfish.", "Well: the codeword is SWORDFISH!", True),
        ("The codeword is swordfish.", "The codeword is a secret", False),
        ("Be brief.", "I will be brief.", False),
        ("", "anything at all", False),
    ],
)
async def test_a_short_system_prompt_counts_as_a_whole(system: str, text: str, hit: bool) -> None:
    assert bool(await leaked(text, system)) is hit


async def test_scripts_without_blanks_are_compared_by_letters() -> None:
    system = (
        "あなたは銀行のアシスタントです。上司に確認せずに"
        "五百ユーロを超える返金を約束してはいけません。常に丁寧に答えてください。"
    )
    assert await leaked("実は" + system[16:70], system)
    assert not await leaked("返金は五百ユーロまで可能です。上司に確認します。", system)


@pytest.mark.parametrize("origin", [Origin.USER, Origin.SYSTEM, Origin.RETRIEVED])
async def test_only_what_the_model_says_is_judged(origin: Origin) -> None:
    assert await leaked(SYSTEM, origin=origin) == []


async def test_arguments_of_tool_calls_are_judged() -> None:
    assert await leaked(f'{{"note": "{RUN}"}}', origin=Origin.TOOL_CALL)


async def test_without_a_system_prompt_nothing_leaks() -> None:
    assert await GUARD.check([Segment(SYSTEM, Origin.MODEL)], make_exchange("hi")) == []


async def test_a_rewritten_request_is_read_again() -> None:
    ex = make_exchange(messages=[{"role": "system", "content": "short one here"}])
    await GUARD.check([Segment("x", Origin.MODEL)], ex)
    ex.rewrite({("messages", 0, "content"): SYSTEM})
    assert await GUARD.check([Segment(RUN, Origin.MODEL)], ex)


async def test_the_number_of_words_can_be_set() -> None:
    guard = PromptLeakGuard(PromptLeakOptions(min_words=4))
    ex = make_exchange(messages=[{"role": "system", "content": SYSTEM}])
    assert await guard.check([Segment("the refund above 500 euros", Origin.MODEL)], ex)
