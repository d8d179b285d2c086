"""``POST /v1/moderations``: OpenAI's question, answered with what our own guards find."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gateway.core.errors import BadRequest, RequestTooLarge
from gateway.core.findings import Decision, Finding
from gateway.core.segments import Json, Origin, Segment
from gateway.wire.limits import RequestLimits, check_text
from gateway.wire.local import LocalDialect

OPENAI_CATEGORIES = (
    "harassment", "harassment/threatening", "hate", "hate/threatening", "illicit",
    "illicit/violent", "self-harm", "self-harm/instructions", "self-harm/intent", "sexual",
    "sexual/minors", "violence", "violence/graphic",
)  # fmt: skip
"""All of them, as OpenAI's moderation reference lists them (2026); its clients want each."""
OWN_CATEGORIES: Mapping[str, str] = {
    "injection": "prompt_injection",
    "pii": "pii",
    "secrets": "secrets",
    "toxicity": "toxicity",
}
"""Our guards and the categories they answer for."""
STANDS_FOR: Mapping[str, str] = {
    "toxicity.hate": "hate",
    "toxicity.offensive": "harassment",
}
"""Findings of ours that are what OpenAI means by a category of theirs."""
POLICY = "policy"
"""The category of everything that a policy does not let pass, whatever saw it."""
NAMED_BY_OPERATORS = frozenset(("keywords", "regex", "topics"))
"""Guards whose categories an operator names: one with a name of OpenAI's stands for it."""

_ITS_MODELS = ("omni-moderation-", "text-moderation-")
_LONGEST_NAME = 256


class ModerationsDialect(LocalDialect):
    """``input`` is a text, an array of texts, or an array of parts that make up one text."""

    name = "moderations"

    def validate(self, body: Json, limits: RequestLimits, size: int) -> None:
        """Raises BadRequest or RequestTooLarge. An image is refused: no guard looks at images, and
        one that nobody looked at must not be called harmless."""
        model = body.get("model")
        if model is not None and (not isinstance(model, str) or len(model) > _LONGEST_NAME):
            raise BadRequest("'model' must be the name of a model.", param="model")
        given = body.get("input")
        if isinstance(given, str):
            check_text(given, limits, "input")
            return
        if not isinstance(given, list) or not given:
            raise BadRequest(
                "'input' must be a string, or a non-empty array of strings or of text parts.",
                param="input",
            )
        if len(given) > limits.messages:
            raise RequestTooLarge(
                f"The request has {len(given)} inputs; the limit is {limits.messages}.",
                param="input",
            )
        whole = isinstance(given[0], str)
        for index, item in enumerate(given):
            where = f"input.{index}"
            check_text(_text(item, where) if not whole else _string(item, where), limits, where)

    def model_of(self, body: Json) -> str:
        model = body.get("model") or ""
        return "" if model.startswith(_ITS_MODELS) else model


def _string(item: Any, where: str) -> str:
    if not isinstance(item, str):
        raise BadRequest("'input' must hold strings only, or parts only.", param=where)
    return item


def _text(part: Any, where: str) -> str:
    kind = part.get("type") if isinstance(part, dict) else None
    if kind == "image_url":
        raise BadRequest(
            "Images are not looked at here, and an image that was not looked at cannot be called "
            "harmless. Send the text parts alone.",
            param=where,
        )
    text = part.get("text") if isinstance(part, dict) else None
    if kind != "text" or not isinstance(text, str):
        raise BadRequest(f"'{where}' must be a part of type 'text'.", param=where)
    return text


def inputs_of(body: Json) -> list[list[Segment]]:
    """The texts of each input that gets a result of its own; those of parts belong together."""
    given = body["input"]
    if isinstance(given, str):
        return [[Segment(given, Origin.USER, ("input",))]]
    if isinstance(given[0], str):
        return [[Segment(text, Origin.USER, ("input", i))] for i, text in enumerate(given)]
    return [
        [Segment(part["text"], Origin.USER, ("input", i, "text")) for i, part in enumerate(given)]
    ]


def moderation(decisions: Sequence[Decision], judged: Iterable[str], *, explain: bool) -> Json:
    """One result: what enforced rules saw in one input.

    ``judged`` are the guards that looked. Scores are 1 and 0 unless ``explain``: the real ones
    would show how far a text is from passing; so do the guards' own categories only then.
    """
    scores: dict[str, float] = dict.fromkeys(OPENAI_CATEGORIES, 0.0)
    scores |= dict.fromkeys(OWN_CATEGORIES.values(), 0.0)
    scores[POLICY] = 0.0
    flagged: dict[str, float] = {}
    for decision in decisions:
        if not decision.acts:
            continue
        if decision.error is not None:
            flagged[POLICY] = 1.0
        for finding in decision.findings:
            for category in _categories(decision, finding, explain=explain):
                flagged[category] = max(flagged.get(category, 0.0), finding.score)
    scores |= flagged if explain else dict.fromkeys(flagged, 1.0)
    looked = frozenset(judged)
    known = {OWN_CATEGORIES[guard] for guard in looked if guard in OWN_CATEGORIES} | {POLICY}
    known |= {to for ours, to in STANDS_FOR.items() if ours.partition(".")[0] in looked}
    return {
        "flagged": bool(flagged),
        "categories": {name: name in flagged for name in scores},
        "category_scores": {name: round(score, 4) for name, score in scores.items()},
        "category_applied_input_types": {
            name: ["text"] if name in known or name in flagged else [] for name in scores
        },
    }


def _categories(decision: Decision, finding: Finding, *, explain: bool) -> list[str]:
    found = [POLICY]
    if decision.guard in OWN_CATEGORIES:
        found.append(OWN_CATEGORIES[decision.guard])
    if finding.category in STANDS_FOR and decision.guard in OWN_CATEGORIES:
        found.append(STANDS_FOR[finding.category])
    if decision.guard in NAMED_BY_OPERATORS and finding.category in OPENAI_CATEGORIES:
        found.append(finding.category)
    elif explain:
        found.append(f"{decision.guard}/{finding.category}")
    return found


def reply(decision_id: str, policy: str, results: Sequence[Json]) -> Json:
    """The answer. ``model`` says who judged: a policy of this gateway."""
    return {
        "id": decision_id.replace("dec_", "modr-", 1),
        "model": f"gatehouse/{policy}",
        "results": list(results),
    }
