"""Hot reload: new files become live whole, or not at all."""

import asyncio
import logging
from collections.abc import Mapping

from gateway.app.build import make_runtime, read_site
from gateway.app.parts import Parts
from gateway.app.runtime import Live
from gateway.core.rules import Policy
from gateway.policy.watch import stamp, watch
from gateway.schema.problems import ConfigError, Problem
from gateway.schema.site import Site

log = logging.getLogger(__name__)


class Reloader:
    """Swaps the live runtime when a policy, a pipeline or the tenants file was saved.

    A broken file is refused loudly and the last good runtime stays. Requests in flight finish on
    the one they began with. Providers, stores and the server's address need a restart.
    """

    def __init__(self, site: Site, live: Live, parts: Parts) -> None:
        self._path = site.path
        self._watched = (*site.watched, site.path)
        self._seen = stamp(self._watched)
        self._live = live
        self._parts = parts

    async def reload(self) -> bool:
        """Read all files again, off the event loop. False when they were refused."""
        try:
            site = await asyncio.to_thread(read_site, self._path)
            runtime = await asyncio.to_thread(make_runtime, site, self._parts)
        except ConfigError as error:
            self._live.problems = [_place(problem) for problem in error.problems]
            log.error("reload refused, the last good files stay in force:\n%s", error)
            return False
        changed = _changes(self._live.runtime.policies, runtime.policies)
        self._live.runtime = runtime
        self._live.problems = ()
        log.info("reloaded; policies changed: %s", ", ".join(changed) or "none")
        return True

    async def run(self) -> None:
        """Watch the files until cancelled."""
        if await asyncio.to_thread(stamp, self._watched) != self._seen:
            await self.reload()  # saved between the start and now
        await watch(self._watched, self._on_change)

    async def _on_change(self) -> None:
        await self.reload()


def _place(problem: Problem) -> str:
    """The problem without its source line: it may hold a secret, and anybody may ask for it."""
    return f"{problem.file}:{problem.line}:{problem.column}: {problem.message}"


def _changes(old: Mapping[str, Policy], new: Mapping[str, Policy]) -> list[str]:
    before = {name: policy.hash for name, policy in old.items()}
    after = {name: policy.hash for name, policy in new.items()}
    return sorted(name for name in before | after if before.get(name) != after.get(name))
