from dataclasses import replace

import pytest
from pydantic import ValidationError

from gateway.adapters.rules.classifier import RuleClassifier
from gateway.core.exchange import Exchange, Target
from gateway.ports.classifier import Label
from gateway.stages.route import RouteChoice, RouteOptions, RouteStage
from gateway.testing.exchanges import make_exchange
from gateway.testing.models import EchoModel

OPTIONS = RouteOptions.model_validate(
    {
        "routes": {
            "chitchat": {"skip": ["cache", "retrieve"]},
            "knowledge": {},
            "billing": {"skip": ["cache"]},
            "plain": {"skip": ["retrieve", "assemble"]},
        },
        "default": "knowledge",
        "classify": True,
        "rules": [
            {"route": "plain", "header": "plain"},
            {"route": "plain", "models": ["raw-model"]},
            {"route": "billing", "roles": ["finance"], "keywords": ["invoice*", "dunning letter"]},
            {"route": "plain", "keys": ["key_batch"]},
        ],
    }
)


async def routed(ex: Exchange, options: RouteOptions = OPTIONS) -> Exchange:
    stage = RouteStage(options, classifier=RuleClassifier())
    await stage.run(ex)
    await stage.close(ex, None)
    return ex


def with_scope(ex: Exchange, *scopes: str, key: str = "key_test") -> Exchange:
    assert ex.principal is not None
    ex.principal = replace(ex.principal, scopes=frozenset(scopes), key_id=key)
    return ex


def with_header(ex: Exchange, value: str) -> Exchange:
    ex.headers = {"x-gatehouse-route": value}
    return ex


async def test_chit_chat_skips_the_cache_and_the_retrieval() -> None:
    ex = await routed(make_exchange("Hello there, how are you?"))
    assert ex.route == "chitchat"
    assert ex.skip == {"cache", "retrieve"}
    assert ex.reply_headers == {"x-gatehouse-route": "chitchat"}
    assert ex.question == "Hello there, how are you?"


async def test_a_question_takes_the_default_route() -> None:
    ex = await routed(make_exchange("How long do customers have to ask for a refund?"))
    assert (ex.route, ex.skip) == ("knowledge", frozenset())


async def test_rules_decide_before_the_classifier() -> None:
    assert (await routed(make_exchange("hello", model="raw-model"))).route == "plain"


async def test_all_conditions_of_a_rule_must_hold() -> None:
    finance = make_exchange("Where is the Invoice 17?", roles=["finance"])
    assert (await routed(finance)).route == "billing"
    assert (await routed(make_exchange("Where is the invoice?"))).route == "knowledge"
    other = make_exchange("Where is the key?", roles=["finance"])
    assert (await routed(other)).route == "knowledge"


async def test_a_key_can_have_its_route() -> None:
    ex = with_scope(make_exchange("What is the limit?"), key="key_batch")
    assert (await routed(ex)).route == "plain"


async def test_the_header_counts_for_keys_with_the_scope_alone() -> None:
    question = "What is the limit?"
    allowed = with_header(with_scope(make_exchange(question), "route"), "plain")
    assert (await routed(allowed)).route == "plain"
    refused = with_header(with_scope(make_exchange(question), "explain"), "plain")
    assert (await routed(refused)).route == "knowledge"
    nobody = with_header(make_exchange(question), "plain")
    nobody.principal = None
    assert (await routed(nobody)).route == "knowledge"


async def test_without_classify_small_talk_takes_the_default() -> None:
    options = RouteOptions(classify=False)
    assert (await routed(make_exchange("hello"), options)).route == "knowledge"


async def test_without_options_small_talk_skips_the_retrieval() -> None:
    ex = await routed(make_exchange("hello"), RouteOptions())
    assert ex.route == "chitchat"
    assert "retrieve" in ex.skip


async def test_a_label_that_is_no_route_or_scores_too_low_does_not_count() -> None:
    no_such_route = RouteOptions(routes={"knowledge": RouteChoice()})
    assert (await routed(make_exchange("hello"), no_such_route)).route == "knowledge"
    sure = OPTIONS.model_copy(update={"min_score": 1.0})
    assert (await routed(make_exchange("hello"), sure)).route == "knowledge"


async def test_what_was_skipped_before_stays_skipped() -> None:
    ex = make_exchange("hello")
    ex.skip = frozenset({"trace"})
    assert "trace" in (await routed(ex)).skip


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"default": "knowlege"}, r"default names no route: 'knowlege' \(did you mean 'knowledge'"),
        ({"rules": [{"route": "x", "models": ["a"]}]}, r"rules\[0\].route names no route: 'x'"),
        ({"rules": [{"route": "knowledge"}]}, "a rule needs models"),
        ({"routes": {"knowledge": {"skip": ["guard[input]"]}}}, "protects every request"),
        ({"routes": {"knowledge": {"skip": ["audit"]}}}, "protects every request"),
        ({"routes": {}}, "at least 1"),
        ({"routes": {"knowledge": {"model": "gpt"}}}, "write provider/model"),
        ({"routes": {"knowledge": {"model": "openai/"}}}, "write provider/model"),
    ],
)
def test_options_that_cannot_work_are_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        RouteOptions.model_validate(options)


class ByLength:
    """Long questions are complex."""

    def __init__(self) -> None:
        self.scopes: list[str] = []

    async def classify(self, text: str, scope: str = "") -> Label | None:
        self.scopes.append(scope)
        return Label("task", 0.9, "complex" if len(text) > 40 else "simple")


LONG = "Compare the three offers below and say which one is best for a family of five."
BY_COMPLEXITY = RouteOptions.model_validate(
    {
        "routes": {
            "knowledge": {},
            "task": {},
            "hard": {"model": "openai/large"},
            "easy": {"model": "local/small"},
        },
        "default": "knowledge",
        "rules": [
            {"route": "hard", "complexity": "complex"},
            {"route": "easy", "complexity": "simple", "roles": ["guest"]},
        ],
    }
)


def with_targets(ex: Exchange, *targets: str) -> Exchange:
    assert ex.binding is not None
    made = tuple(Target(*target.split("/")) for target in targets)
    ex.binding = replace(ex.binding, targets=made)
    return ex


@pytest.mark.parametrize(
    ("text", "roles", "route", "targets"),
    [
        (LONG, [], "hard", ["openai/large", "local/small"]),
        ("What is a yak?", [], "task", ["local/small", "openai/large"]),
        ("What is a yak?", ["guest"], "easy", ["local/small", "openai/large"]),
    ],
)
async def test_complexity_chooses_a_route_and_the_route_its_model(
    text: str, roles: list[str], route: str, targets: list[str]
) -> None:
    ex = with_targets(make_exchange(text, roles=roles), "local/small", "openai/large")
    classifier = ByLength()
    await RouteStage(BY_COMPLEXITY, classifier=classifier).run(ex)
    assert ex.binding is not None
    assert (ex.route, [str(target) for target in ex.binding.targets]) == (route, targets)
    assert classifier.scopes == ["default"]


async def test_a_classifier_without_a_sense_of_complexity_matches_no_such_rule() -> None:
    assert (await routed(make_exchange(LONG), BY_COMPLEXITY)).route == "knowledge"


async def test_a_routes_model_is_tried_first_and_the_models_targets_after_it() -> None:
    ex = with_targets(make_exchange(LONG), "local/small", "azure/large")
    await RouteStage(BY_COMPLEXITY, classifier=ByLength()).run(ex)
    assert ex.binding is not None
    tried = [str(target) for target in ex.binding.targets]
    assert tried == ["openai/large", "local/small", "azure/large"]


def test_a_routes_model_of_an_unknown_provider_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"routes\.hard\.model: no provider in use is named 'openai'"
    ):
        RouteStage(BY_COMPLEXITY, classifier=ByLength(), models={"local": EchoModel()})
