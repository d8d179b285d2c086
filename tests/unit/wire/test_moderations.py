"""The documents of ``/v1/moderations``: from findings to categories."""

from dataclasses import replace

import pytest

from gateway.core.findings import Decision, Finding, Mode, Then
from gateway.core.segments import Json
from gateway.wire.moderations import (
    OPENAI_CATEGORIES,
    ModerationsDialect,
    inputs_of,
    moderation,
    reply,
)

FAILED = Decision("input", "r", "pii", Then.BLOCK, Mode.ENFORCE, error="TimeoutError")


def seen(guard: str, category: str, *, score: float = 0.7) -> Decision:
    finding = Finding(category, score, 0, 0, 1)
    return Decision("input", "r", guard, Then.FLAG, Mode.ENFORCE, (finding,))


def true_in(result: Json) -> set[str]:
    return {name for name, flag in result["categories"].items() if flag}


@pytest.mark.parametrize(
    ("decision", "quiet", "explained"),
    [
        (seen("injection", "injection.jailbreak"), {"prompt_injection"},
         {"prompt_injection", "injection/injection.jailbreak"}),
        (seen("pii", "PERSON"), {"pii"}, {"pii", "pii/PERSON"}),
        (seen("secrets", "JWT"), {"secrets"}, {"secrets", "secrets/JWT"}),
        (seen("toxicity", "toxicity.hate"), {"toxicity", "hate"},
         {"toxicity", "hate", "toxicity/toxicity.hate"}),
        (seen("toxicity", "toxicity.offensive"), {"toxicity", "harassment"},
         {"toxicity", "harassment", "toxicity/toxicity.offensive"}),
        (seen("toxicity", "toxicity.other"), {"toxicity"},
         {"toxicity", "toxicity/toxicity.other"}),
        (seen("keywords", "toxicity.hate"), set(), {"keywords/toxicity.hate"}),
        (seen("topics", "self-harm/intent"), {"self-harm/intent"}, {"self-harm/intent"}),
        (seen("topics", "weapons"), set(), {"topics/weapons"}),
        (seen("length", "violence"), set(), {"length/violence"}),
        (FAILED, set(), set()),
    ],
)  # fmt: skip
def test_categories(decision: Decision, quiet: set[str], explained: set[str]) -> None:
    told = moderation([decision], [], explain=False)
    assert (told["flagged"], true_in(told)) == (True, quiet | {"policy"})
    assert true_in(moderation([decision], [], explain=True)) == explained | {"policy"}


def test_only_enforced_rules_count() -> None:
    shadow = replace(seen("pii", "PERSON"), mode=Mode.SHADOW)
    allowed = Decision(
        "input", "r", "pii", Then.BLOCK, Mode.ENFORCE, error="E", error_allowed=True,
    )  # fmt: skip
    told = moderation([shadow, allowed], ["pii"], explain=True)
    assert (told["flagged"], true_in(told)) == (False, set())


def test_scores_are_real_only_for_those_who_may_know() -> None:
    decisions = [seen("pii", "PERSON", score=0.6), seen("pii", "PHONE_NUMBER", score=0.81234)]
    assert moderation(decisions, [], explain=False)["category_scores"]["pii"] == 1.0
    assert moderation(decisions, [], explain=True)["category_scores"]["pii"] == 0.8123


def test_what_nobody_looked_for_says_so() -> None:
    told = moderation([], ["pii"], explain=False)
    types = told["category_applied_input_types"]
    assert (types["pii"], types["secrets"], types["policy"]) == (["text"], [], ["text"])
    assert all(types[name] == [] for name in OPENAI_CATEGORIES)


def test_toxicity_answers_for_categories_of_openais() -> None:
    types = moderation([], ["toxicity"], explain=False)["category_applied_input_types"]
    looked = {name for name, seen in types.items() if seen}
    assert looked == {"toxicity", "hate", "harassment", "policy"}


def test_inputs() -> None:
    parts = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    assert [[s.text for s in one] for one in inputs_of({"input": parts})] == [["a", "b"]]
    assert [[s.text for s in one] for one in inputs_of({"input": ["a", "b"]})] == [["a"], ["b"]]
    assert inputs_of({"input": parts})[0][1].pointer == "/input/1/text"


@pytest.mark.parametrize(
    ("model", "asked"),
    [(None, ""), ("omni-moderation-latest", ""), ("text-moderation-007", ""), ("mine", "mine")],
)
def test_openais_models_stand_for_the_usual_policy(model: str | None, asked: str) -> None:
    assert ModerationsDialect().model_of({"model": model}) == asked


def test_the_answer_says_who_judged() -> None:
    document = reply("dec_12", "baseline@ab", [])
    assert (document["id"], document["model"]) == ("modr-12", "gatehouse/baseline@ab")
