"""The guard for credentials."""

from collections.abc import Sequence

from gateway.core.exchange import Exchange
from gateway.core.findings import Finding
from gateway.core.options import Options
from gateway.core.registry import did_you_mean
from gateway.core.segments import Segment
from gateway.ports.secret_scanner import SecretScanner


class SecretsOptions(Options):
    """Which credentials to look for."""

    kinds: tuple[str, ...] | None = None
    """Kinds to look for, such as ``AWS_ACCESS_KEY``. When left out: all of them."""


class SecretsGuard:
    """Credentials: cloud keys, API tokens, private keys, JWTs, passwords in URLs."""

    name = "secrets"
    inline = True
    pure = True
    Options = SecretsOptions

    def __init__(self, options: SecretsOptions, *, secret_scanner: SecretScanner) -> None:
        """Raises ValueError for a kind that the scanner does not know."""
        known = secret_scanner.supported
        for kind in options.kinds or ():
            if kind not in known:
                raise ValueError(
                    f"unknown kind of secret {kind!r}{did_you_mean(kind, sorted(known))}"
                )
        self._scanner = secret_scanner
        self._kinds = None if options.kinds is None else frozenset(options.kinds)

    async def check(self, segments: Sequence[Segment], ex: Exchange) -> Sequence[Finding]:
        """One finding per credential; its category is the kind."""
        kinds = self._kinds
        return [
            Finding(found.kind, found.score, index, found.start, found.end)
            for index, segment in enumerate(segments)
            for found in self._scanner.scan(segment.text)
            if kinds is None or found.kind in kinds
        ]

    def pending(self, text: str) -> bool:
        """Whether ``text`` ends inside a credential of several lines, or where one may begin."""
        return self._scanner.pending(text)
