from pathlib import Path

import pytest

from gateway.core.exchange import Exchange
from gateway.core.findings import Guard
from gateway.core.rules import Policy
from gateway.policy.cases import Case, load_suite
from gateway.policy.compile import compile_policy
from gateway.policy.testing import CaseResult, run_suite
from gateway.schema.loader import parse
from gateway.testing.exchanges import make_exchange
from gateway.testing.guards import guard_registry

POLICY = """version: 1
layers:
  input:
    - {id: bad, guard: word, word: attack, then: block, sample: 0.0}
    - {id: name, guard: word, word: Jane, category: NAME, then: mask}
    - {id: odd, guard: word, word: odd, then: block, mode: shadow}
    - {id: staff, guard: word, word: payroll, then: abstain, when: {roles: guest}}
    - {id: broken, guard: failing, then: block, when: {models: broken}}
  context:
    - {id: poison, guard: word, word: attack, then: drop}
  output:
    - {id: leak, guard: word, word: attack, then: block}
"""


def _policy() -> Policy:
    documents = {"p": parse(POLICY, Path("/p/p.yaml"))}

    def make(factory: type[Guard], options: object) -> Guard:
        return factory(options)  # type: ignore[call-arg]

    return compile_policy("p", documents, guard_registry(), lambda e, o: make(e.factory, o))


def _exchange(case: Case) -> Exchange:
    return make_exchange(
        case.text or "", messages=case.messages, roles=case.roles, model=case.model
    )


async def run(folder: Path, case: str) -> CaseResult:
    path = folder / "p.test.yaml"
    path.write_text(f"cases:\n  - {{name: one, {case}}}\n")
    (result,) = (await run_suite(load_suite(path), _policy(), _exchange)).cases
    return result


@pytest.mark.parametrize(
    "case",
    [
        "layer: input, text: hello, expect: {verdict: passed}",
        "layer: input, text: an attack, expect: {verdict: blocked, rule: bad}",
        "layer: input, text: Jane, expect: {verdict: rewritten, rule: name, text: '[NAME]'}",
        "layer: input, text: how odd, expect: {verdict: flagged, rule: odd}",
        "layer: input, text: payroll, expect: {verdict: passed}",
        "layer: input, text: payroll, roles: guest, expect: {verdict: abstained, rule: staff}",
        "layer: context, chunks: [an attack, fine], expect: {verdict: dropped, dropped: [0]}",
        "layer: context, text: an attack, expect: {verdict: dropped, rule: poison}",
        "layer: output, text: an attack, expect: {verdict: blocked, rule: leak}",
        "layer: input, messages: [{role: user, content: attack}], expect: {verdict: blocked}",
    ],
)
async def test_a_case_that_holds_passes(tmp_path: Path, case: str) -> None:
    assert (await run(tmp_path, case)).wrong == ()


@pytest.mark.parametrize(
    ("case", "wrong"),
    [
        (
            "layer: input, text: hello, expect: {verdict: blocked, rule: bad}",
            [("verdict", "blocked", "passed"), ("rule", "bad", "none")],
        ),
        (
            "layer: input, text: an attack, expect: {verdict: passed}",
            [("verdict", "passed", "blocked (bad: WORD 1.00)")],
        ),
        (
            "layer: input, text: an attack on Jane, expect: {verdict: blocked, rule: name}",
            [("rule", "name", "bad")],
        ),
        (
            "layer: input, text: Jane, expect: {verdict: rewritten, text: 'x'}",
            [("text", "'x'", "'[NAME]'")],
        ),
        (
            "layer: context, chunks: [attack, b], expect: {verdict: dropped, dropped: [1]}",
            [("dropped", "[1]", "[0]")],
        ),
        (
            "layer: input, text: x, model: broken, expect: {verdict: blocked}",
            [("verdict", "blocked", "failed (broken: failing failed with RuntimeError)")],
        ),
    ],
)
async def test_a_case_that_does_not_hold_shows_expected_and_got(
    tmp_path: Path, case: str, wrong: list[tuple[str, str, str]]
) -> None:
    result = await run(tmp_path, case)
    assert list(result.wrong) == wrong
    assert result.place.endswith("p.test.yaml:2")
    assert not result.passed
