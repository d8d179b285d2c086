"""Findings of texts that were judged before, so that a long chat pays for its new turn alone.

A guard whose findings depend on the text and its origin alone says ``pure = True``. Its findings
are remembered per tenant, so that no one can tell by the clock what another tenant has sent, and
live no longer than the policy that the guard belongs to.
"""

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace

from gateway.core.findings import Finding, Guard
from gateway.core.segments import Origin, Segment

ENTRIES = 20_000
"""Judged texts and findings that are remembered per policy: some megabytes."""

Key = tuple[str, Origin, bytes]
Judged = tuple[Guard, tuple[Finding, ...]]


class Record:
    """What guards saw in one text, by the guard. ``segment`` of its findings is 0."""

    __slots__ = ("by_guard", "weight")

    def __init__(self) -> None:
        self.by_guard: dict[int, Judged] = {}
        self.weight = 1

    def get(self, guard: Guard) -> tuple[Finding, ...] | None:
        judged = self.by_guard.get(id(guard))
        return None if judged is None else judged[1]


class FindingMemory:
    """The records of the texts that were judged last. Keeps no text: a key is the tenant, the
    origin and a keyed hash of the text."""

    def __init__(self, entries: int = ENTRIES) -> None:
        self._entries = entries
        self._secret = secrets.token_bytes(32)
        self._kept: OrderedDict[Key, Record] = OrderedDict()
        self.size = 0
        """Texts and findings that are remembered now."""

    def record(self, tenant: str, segment: Segment) -> Record:
        """The record of a text, a new one when there is none; it is now the one used last."""
        raw = segment.text.encode("utf-8", "surrogatepass")
        digest = hashlib.blake2b(raw, digest_size=16, key=self._secret).digest()
        key = (tenant, segment.origin, digest)
        record = self._kept.get(key)
        if record is None:
            record = self._kept[key] = Record()
            self.size += record.weight
            self._forget()
        else:
            self._kept.move_to_end(key)
        return record

    def keep(self, record: Record, guard: Guard, findings: tuple[Finding, ...]) -> None:
        """Remember what a guard saw in the text of ``record``."""
        if id(guard) in record.by_guard:
            return
        # The guard itself is kept with its findings: as long as it is, its id is no one else's.
        record.by_guard[id(guard)] = (guard, findings)
        if record.weight > 0:
            record.weight += 1 + len(findings)
            self.size += 1 + len(findings)
            self._forget()

    def _forget(self) -> None:
        while self.size > self._entries:
            _, record = self._kept.popitem(last=False)
            self.size -= record.weight
            record.weight = 0


class Recall:
    """The memory as one exchange may use it: that of its tenant."""

    def __init__(self, memory: FindingMemory, tenant: str) -> None:
        self._memory = memory
        self._tenant = tenant
        self._records: dict[tuple[Origin, str], Record] = {}

    def known(
        self, guard: Guard, segments: Sequence[Segment]
    ) -> tuple[list[Finding], Sequence[int]]:
        """The findings that are remembered, and the places of the segments that ``guard`` has yet
        to judge. Nothing is known to a guard that is not pure, nor of a part of a longer text."""
        if not getattr(guard, "pure", False):
            return [], range(len(segments))
        found: list[Finding] = []
        rest: list[int] = []
        for place, segment in enumerate(segments):
            record = self._record(segment)
            findings = None if record is None else record.get(guard)
            if findings is None:
                rest.append(place)
            elif findings:
                found += [replace(finding, segment=place) for finding in findings]
        return found, rest

    def keep(self, guard: Guard, segments: Sequence[Segment], findings: Sequence[Finding]) -> None:
        """Remember what a pure guard saw in ``segments``; others are not remembered."""
        if not getattr(guard, "pure", False):
            return
        for place, segment in enumerate(segments):
            record = self._record(segment)
            if record is not None:
                own = tuple(replace(f, segment=0) for f in findings if f.segment == place)
                self._memory.keep(record, guard, own)

    def _record(self, segment: Segment) -> Record | None:
        if segment.offset or segment.fresh or segment.until is not None:
            return None
        key = (segment.origin, segment.text)
        record = self._records.get(key)
        if record is None:
            record = self._records[key] = self._memory.record(self._tenant, segment)
        return record
