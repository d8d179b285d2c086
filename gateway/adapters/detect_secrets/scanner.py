"""The secret scanner."""

import re
from collections.abc import Sequence

from gateway.adapters.detect_secrets.blocks import inside_private_key, private_keys
from gateway.adapters.detect_secrets.rules import FROM_DETECT_SECRETS, OWN, Rule
from gateway.core.spans import without_overlaps
from gateway.ports.entity_recognizer import Entity

PRIVATE_KEY = "PRIVATE_KEY"

_rest_of_token = re.compile(r"[A-Za-z0-9_\-]*")


class DetectSecretsScanner:
    """Credentials by the expressions of detect-secrets and our own, in time linear in the text.

    A text is first searched for the few literals that credentials start with; only the rules whose
    literal is there are run.
    """

    def __init__(self) -> None:
        self._rules: tuple[Rule, ...] = (*FROM_DETECT_SECRETS, *OWN)

    @property
    def supported(self) -> frozenset[str]:
        """The kinds it can find."""
        return frozenset({rule.kind for rule in self._rules} | {PRIVATE_KEY})

    def scan(self, text: str) -> Sequence[Entity]:
        """The spans of all credentials, in order, without overlaps. A private key is one span from
        its first line to its last, or to the end of the text when the last is missing."""
        found: list[Entity] = []
        lowered = text.lower()
        for rule in self._rules:
            searched = lowered if rule.fold else text
            for needle in rule.needles:
                if needle in searched:
                    found += _matches(rule, text)
                    break
        for start, end, _ in private_keys(text):
            found.append(Entity(PRIVATE_KEY, start, end, 1.0))
        return without_overlaps(found) if found else found

    def pending(self, text: str) -> bool:
        """Whether the text ends inside a private key or the first line of one."""
        return inside_private_key(text)


def _matches(rule: Rule, text: str) -> list[Entity]:
    """What one rule finds. A search goes on where the token found before it ends: each part of the
    text is read once."""
    found = []
    for pattern in rule.patterns:
        at = 0
        while match := pattern.search(text, at):
            start, end = match.span(rule.group)
            at = match.end()
            if rule.valid is None or rule.valid(text[start:end]):
                end = _end_of_token(text, end)
                at = max(at, end)
                found.append(Entity(rule.kind, start, end, rule.score))
    return found


def _end_of_token(text: str, end: int) -> int:
    """Where the token really ends: many expressions match the shortest form that proves it, and no
    part of a credential may stay behind."""
    match = _rest_of_token.match(text, end)
    return match.end() if match else end
