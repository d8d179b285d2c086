"""Brings the knowledge store up to date with the configured documents, at the start."""

import logging

from gateway.app.parts import Parts
from gateway.ingest.run import ingest
from gateway.schema.site import Site

log = logging.getLogger(__name__)


async def fill_knowledge(site: Site, parts: Parts) -> None:
    """Ingest what ``stores.knowledge.ingest`` names; unchanged files cost a hash each.

    A file that cannot be read is logged and left out; it does not keep the gateway from starting.
    """
    for source in site.config.stores.knowledge.ingest:
        summary = await ingest(parts.knowledge, source.path, source.tenant)
        for document, problem in {**summary.warnings, **summary.errors}.items():
            log.warning("%s: %s", document, problem)
        log.info("knowledge of tenant %s: %s", source.tenant, summary)
