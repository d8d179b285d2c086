"""Texts that are longer than the policy allows."""

from collections.abc import Sequence

from pydantic import Field, model_validator

from gateway.core.exchange import Exchange
from gateway.core.findings import Finding
from gateway.core.options import Options
from gateway.core.segments import Segment
from gateway.core.tokens import estimate

_CHARACTERS_PER_TOKEN = 4


class LengthOptions(Options):
    max_characters: int | None = Field(default=None, ge=1)
    """Longest text allowed, in characters."""
    max_tokens: int | None = Field(default=None, ge=1)
    """Longest text allowed, in estimated tokens (about four bytes each)."""

    @model_validator(mode="after")
    def _has_a_limit(self) -> "LengthOptions":
        if self.max_characters is None and self.max_tokens is None:
            raise ValueError("give max_characters, max_tokens or both")
        return self


class LengthGuard:
    """Texts that are longer than the policy allows."""

    name = "length"
    inline = True
    reach = 0  # the offset of a text says how long what came before it was
    Options = LengthOptions

    def __init__(self, options: LengthOptions) -> None:
        self._characters = options.max_characters
        self._tokens = options.max_tokens

    async def check(self, segments: Sequence[Segment], ex: Exchange) -> Sequence[Finding]:
        """At most one finding of score 1 per limit and segment, over what is too much. What came
        before the segment in the same text (its offset) counts."""
        findings = []
        for index, segment in enumerate(segments):
            size = len(segment.text)
            if self._characters is not None and segment.offset + size > self._characters:
                start = max(0, self._characters - segment.offset)
                findings.append(Finding("length.characters", 1.0, index, start, size))
            if self._tokens is not None and self._count(segment) > self._tokens:
                findings.append(Finding("length.tokens", 1.0, index, 0, size))
        return findings

    def _count(self, segment: Segment) -> int:
        return segment.offset // _CHARACTERS_PER_TOKEN + estimate(segment.text)
