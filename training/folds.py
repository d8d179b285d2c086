"""Which families are left out together, so that every text is scored by a model that saw none of
its family. Families of one kind (overrides, secrets, other languages) are spread over the folds: a
model that has never seen the kind at all says nothing about a new author of it."""

from training.examples import DOCUMENT, PII, ROUTE, TOXICITY, USER, Example

FOLDS = 5

_FOLD = {
    USER: {
        # attacks (families of other languages have benign texts too)
        "jailbreaks": 0,
        "gen/secret": 0,
        "gen/buried": 0,
        "written/override-plain": 0,
        "written/german": 0,
        "written/asides": 0,
        "written/hijack-b": 0,
        "written/prompt-leak-b": 0,
        "written/tongues-d": 0,
        "written/override-c": 0,
        "gen/extraction": 1,
        "gen/persona": 1,
        "written/override-short": 1,
        "written/tongues": 1,
        "written/tools-b": 1,
        "written/jailbreak-long": 1,
        "written/secret-b": 1,
        "written/west-b": 1,
        "written/buried-c": 1,
        "gen/override": 2,
        "gen/tongues": 2,
        "written/override-long": 2,
        "written/secret": 2,
        "written/jailbreak-medium": 2,
        "written/romance": 2,
        "written/street-b": 2,
        "written/pressure-b": 2,
        "written/turns-b": 2,
        "written/tools-c": 2,
        "gen/tools": 3,
        "gen/splitting": 3,
        "written/override-explicit": 3,
        "written/prompt-leak": 3,
        "written/persona-rules": 3,
        "written/europe": 3,
        "written/jailbreak-brief-b": 3,
        "written/far-b": 3,
        "written/secret-c": 3,
        "gen/override-b": 4,
        "gen/pressure": 4,
        "written/secret-blunt": 4,
        "written/override-buried": 4,
        "written/override-b": 4,
        "written/world": 4,
        "written/jailbreak-b": 4,
        "written/sneaky-b": 4,
        "written/tongues-c": 4,
        "written/prompt-leak-c": 4,
        # ordinary and hard benign texts
        "roleplay": 0,
        "ifeval": 0,
        "gen/own-secret": 0,
        "written/sounds-risky": 0,
        "written/own-things": 0,
        "written/personas-b": 0,
        "written/commands-c": 0,
        "arena-hard-v0.1": 1,
        "gen/security": 1,
        "written/trigger": 1,
        "written/commands-b": 1,
        "written/llm-work": 1,
        "written/fiction-b": 1,
        "written/documents-c": 1,
        "gen/roleplay": 2,
        "mt-bench": 2,
        "self-instruct-user": 2,
        "written/security": 2,
        "written/everyday": 2,
        "written/long-b": 2,
        "written/own-c": 2,
        "written/llm-work-c": 2,
        "p3": 3,
        "gen/llm-dev": 3,
        "written/commands": 3,
        "written/own-b": 3,
        "written/games": 3,
        "written/asks-b": 3,
        "written/personas-c": 3,
        "gen/trigger": 4,
        "gen/tongues-benign": 4,
        "gen/documents": 4,
        "gen/harmful-question": 4,
        "written/dressed": 4,
        "written/roleplay": 4,
        "written/security-b": 4,
        "written/llm-work-b": 4,
        "written/trigger-b": 4,
        "written/questions": 4,
    },
    # the same orders are planted in the four of fold 0
    DOCUMENT: {
        "bipia/email": 0,
        "bipia/code": 0,
        "bipia/table": 0,
        "p3/prose": 0,
        "injecagent": 1,
        "written/planted-table-d": 0,
        "written/planted-code": 1,
        "written/planted-json-d": 1,
        "written/planted-mail-d": 1,
        "written/planted": 2,
        "written/planted-data": 2,
        "written/planted-about-ai-d": 2,
        "written/planted-code-d": 2,
        "written/planted-prose": 3,
        "written/planted-world": 3,
        "written/planted-about-bots-d": 3,
        "written/planted-mail": 4,
        "written/planted-pairs-d": 4,
        "written/planted-prose-d": 4,
    },
    TOXICITY: {"surge": 0, "davidson": 1, "written/toxicity": 2, "written/comments-b": 3},
    ROUTE: {"banking77": 1, "written/route": 2, "written/small-b": 3, "written/ask-b": 3},
}


def fold_of(example: Example) -> int:
    """The fold that leaves the example out; -1 when all of them learn from it: documents of our own
    carry orders that others carry too. Raises KeyError for a family that has no fold yet."""
    if example.task == PII:
        return int(example.group) % FOLDS if example.family == "presidio-research" else -1
    if example.family == "clinc150":
        return FOLDS - 1 if example.group.endswith("test") else -1
    if example.family.startswith("doc/"):
        return -1
    return _FOLD[example.task][example.family]
