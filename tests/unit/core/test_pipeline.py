"""The runner: order, phases, and closers that always run."""

import asyncio

import pytest

from gateway.core.errors import ContentFiltered, GatewayError
from gateway.core.exchange import Exchange, Status
from gateway.core.pipeline import PhaseOrderError, Pipeline
from gateway.core.reply import Reply, frames_of
from gateway.core.stage import Phase
from gateway.testing.exchanges import make_exchange


class Step:
    """A stage that notes what is asked of it."""

    def __init__(
        self,
        name: str,
        log: list[str],
        *,
        phase: Phase = Phase.REQUEST,
        error: BaseException | None = None,
        answers: bool = False,
        close_error: Exception | None = None,
        slow_close: float = 0.0,
    ) -> None:
        self.name = name
        self.phase = phase
        self._log = log
        self._error = error
        self._answers = answers
        self._close_error = close_error
        self._slow_close = slow_close

    async def run(self, ex: Exchange) -> None:
        self._log.append(f"run {self.name}")
        if self._error is not None:
            raise self._error
        if self._answers:
            ex.reply = Reply(frames_of([]), source=self.name)

    async def close(self, ex: Exchange, error: BaseException | None) -> None:
        await asyncio.sleep(self._slow_close)
        self._log.append(f"close {self.name}")
        if self._close_error is not None:
            raise self._close_error


async def serve(pipeline: Pipeline, ex: Exchange) -> BaseException | None:
    error: BaseException | None = None
    try:
        await pipeline.run(ex)
    except GatewayError as raised:
        error = raised
    finally:
        await pipeline.close(ex, error)
    return error


async def test_stages_run_in_order_and_close_in_reverse() -> None:
    log: list[str] = []
    await serve(Pipeline("p", [Step("a", log), Step("b", log)]), make_exchange())
    assert log == ["run a", "run b", "close b", "close a"]


async def test_an_answer_skips_the_rest_of_request_and_answer_but_not_response() -> None:
    log: list[str] = []
    ex = make_exchange()
    stages = [
        Step("cache", log, answers=True),
        Step("retrieve", log),
        Step("generate", log, phase=Phase.ANSWER),
        Step("guard[output]", log, phase=Phase.RESPONSE),
    ]
    await serve(Pipeline("p", stages), ex)
    assert log == ["run cache", "run guard[output]", "close guard[output]", "close cache"]
    assert [o.status for o in ex.outcomes] == [
        Status.PASSED,
        Status.SKIPPED,
        Status.SKIPPED,
        Status.PASSED,
    ]


async def test_a_refusal_still_closes_every_stage_that_began() -> None:
    log: list[str] = []
    ex = make_exchange()
    stages = [Step("audit", log), Step("guard", log, error=ContentFiltered("no")), Step("x", log)]
    error = await serve(Pipeline("p", stages), ex)
    assert isinstance(error, ContentFiltered)
    assert log == ["run audit", "run guard", "close guard", "close audit"]
    assert [o.status for o in ex.outcomes] == [Status.PASSED, Status.BLOCKED]


async def test_a_stage_that_fails_to_close_keeps_no_other_from_closing() -> None:
    log: list[str] = []
    stages = [Step("audit", log), Step("quota", log, close_error=RuntimeError("disk"))]
    await serve(Pipeline("p", stages), make_exchange())
    assert log[-2:] == ["close quota", "close audit"]


async def test_closing_finishes_although_the_caller_is_cancelled() -> None:
    log: list[str] = []
    pipeline = Pipeline("p", [Step("audit", log), Step("quota", log, slow_close=0.05)])
    ex = make_exchange()
    await pipeline.run(ex)
    closing = asyncio.create_task(pipeline.close(ex, None))
    await asyncio.sleep(0.01)
    closing.cancel()
    await asyncio.wait([closing])
    assert log[-2:] == ["close quota", "close audit"]


async def test_a_skipped_stage_neither_runs_nor_closes() -> None:
    log: list[str] = []
    ex = make_exchange()
    ex.skip = frozenset({"retrieve"})
    await serve(Pipeline("p", [Step("route", log), Step("retrieve", log)]), ex)
    assert log == ["run route", "close route"]


class Listener(Step):
    """A stage that notes when the answer is there."""

    def answered(self, ex: Exchange) -> None:
        assert ex.reply is not None
        self._log.append(f"{self.name} hears {ex.reply.source}")


async def test_a_stage_hears_the_answer_before_the_stages_of_the_response() -> None:
    log: list[str] = []
    model = Step("model", log, phase=Phase.ANSWER, answers=True)
    after = Step("after", log, phase=Phase.RESPONSE)
    stages = [Listener("one", log), Listener("two", log), model, after]
    ex = make_exchange()
    ex.skip = frozenset({"two"})
    await serve(Pipeline("p", stages), ex)
    assert log[:4] == ["run one", "run model", "one hears model", "run after"]


async def test_a_stage_hears_no_answer_that_the_model_did_not_give() -> None:
    for error, early in ((None, True), (GatewayError("no"), False)):
        log: list[str] = []
        other = Step("other", log, answers=early)
        model = Step("model", log, phase=Phase.ANSWER, answers=True, error=error)
        await serve(Pipeline("p", [Listener("one", log), other, model]), make_exchange())
        assert not any("hears" in line for line in log)


def test_stages_out_of_phase_order_are_refused_with_their_index() -> None:
    log: list[str] = []
    with pytest.raises(PhaseOrderError, match="cannot come after") as refused:
        Pipeline("p", [Step("generate", log, phase=Phase.ANSWER), Step("auth", log)])
    assert refused.value.index == 1


class Final(Step):
    """A stage that must stand behind guards and before cite."""

    stands_after = frozenset({"guard"})
    stands_before = frozenset({"cite"})


@pytest.mark.parametrize(
    ("names", "index", "message"),
    [
        (["guard[output]", "restore", "cite"], None, ""),
        (["restore", "guard[output]"], 1, "'guard\\[output\\]' cannot come after 'restore'"),
        (["guard[output]", "restore", "guard[final]"], 2, "cannot come after 'restore'"),
        (["cite", "restore"], 1, "'restore' cannot come after 'cite'"),
    ],
)
def test_a_stage_may_say_where_it_must_stand(
    names: list[str], index: int | None, message: str
) -> None:
    made = {"restore": Final}
    stages = [made.get(name, Step)(name, [], phase=Phase.RESPONSE) for name in names]
    if index is None:
        assert len(Pipeline("p", stages).stages) == len(names)
        return
    with pytest.raises(PhaseOrderError, match=message) as refused:
        Pipeline("p", stages)
    assert refused.value.index == index
    assert "move 'restore'" in refused.value.hint
