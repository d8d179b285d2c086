"""Which families are left out together, so that every text is scored by a model that saw none of
its family. Families of one form (tool results, other languages) are spread over the folds: a model
that has never seen the form at all says nothing about a new author of it."""

from training.examples import DOCUMENT, PII, ROUTE, TOXICITY, USER, Example

FOLDS = 3

_FOLD = {
    USER: {
        # attacks (families of other languages have benign texts too)
        "jailbreaks": 0,
        "gen/secret": 0,
        "gen/override-b": 0,
        "written/override-buried": 0,
        "written/override-plain": 0,
        "written/german": 0,
        "written/world": 0,
        "gen/extraction": 1,
        "gen/persona": 1,
        "gen/pressure": 1,
        "written/override-short": 1,
        "written/override-long": 1,
        "written/jailbreak-long": 1,
        "written/jailbreak-medium": 1,
        "written/tongues": 1,
        "written/romance": 1,
        "written/secret-blunt": 1,
        "gen/override": 2,
        "gen/tools": 2,
        "gen/splitting": 2,
        "gen/buried": 2,
        "gen/tongues": 2,
        "written/override-explicit": 2,
        "written/persona-rules": 2,
        "written/asides": 2,
        "written/europe": 2,
        "written/secret": 2,
        "written/prompt-leak": 2,
        # ordinary and hard benign texts
        "roleplay": 0,
        "gen/roleplay": 0,
        "gen/trigger": 0,
        "ifeval": 0,
        "written/dressed": 0,
        "written/sounds-risky": 0,
        "written/own-things": 0,
        "arena-hard-v0.1": 1,
        "p3": 1,
        "gen/security": 1,
        "gen/llm-dev": 1,
        "written/trigger": 1,
        "written/commands": 1,
        "written/everyday": 1,
        "written/questions": 1,
        "self-instruct-user": 2,
        "mt-bench": 2,
        "gen/own-secret": 2,
        "gen/tongues-benign": 2,
        "gen/documents": 2,
        "gen/harmful-question": 2,
        "written/roleplay": 2,
        "written/security": 2,
        "written/llm-work": 2,
        "written/games": 2,
    },
    DOCUMENT: {
        "bipia/email": 0,
        "bipia/code": 0,
        "bipia/table": 0,
        "injecagent": 1,
        "p3/prose": 1,
        "doc/email": 1,
        "doc/table": 1,
        "doc/json": 2,
        "doc/code": 2,
        "doc/prose": 2,
        "doc/written": 2,
    },
    TOXICITY: {"surge": 0, "davidson": 1, "written/toxicity": 2},
    ROUTE: {"banking77": 1, "written/route": 2},
}


def fold_of(example: Example) -> int:
    """The fold that leaves the example out; -1 when all of them learn from it. Raises KeyError for
    a family that has no fold yet."""
    if example.task == PII:
        return int(example.group) % FOLDS if example.family == "presidio-research" else -1
    if example.family == "clinc150":
        return 2 if example.group.endswith("test") else -1
    return _FOLD[example.task][example.family]
