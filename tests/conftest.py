"""What holds for every test: no network, and no suite is skipped in silence."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from gateway.testing import tripwire

SUITE_PREFIX = "SUITE NOT RUN: "
"""Starts the reason of a skip that leaves out a whole suite; the summary says each reason once."""

tripwire.install()

# CI tries the same examples every time, so that a red build is about the change it is for; runs by
# hand try new ones, and what they find becomes an @example.
settings.register_profile("ci", derandomize=True, deadline=None, print_blob=True)
settings.register_profile("dev", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for line in sorted(set(_suites_left_out(terminalreporter))):
        terminalreporter.write_line(line, red=True, bold=True)


def _suites_left_out(reporter: pytest.TerminalReporter) -> Iterator[str]:
    for report in reporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        start = reason.find(SUITE_PREFIX)
        if start >= 0:
            yield reason[start:].splitlines()[0]
