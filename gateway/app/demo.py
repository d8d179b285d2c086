"""The keys of the demo: made at the first start, kept in ``var/``, the same on every start."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gateway.app.parts import Parts
from gateway.core.identity import Limits
from gateway.core.keys import key_id_of, new_key
from gateway.ports.key_store import KeyRecord
from gateway.schema.gateway import DemoKey
from gateway.schema.site import Site

FILE_NAME = "demo-keys.json"


@dataclass(frozen=True, slots=True)
class DemoKeys:
    """The demo's keys in clear, by name. ``path`` is the file they are kept in (mode 0600)."""

    path: Path
    keys: Mapping[str, str]
    roles: Mapping[str, frozenset[str]]


def demo_keys(site: Site, parts: Parts) -> DemoKeys:
    """Make the configured demo keys, or take those of an earlier start."""
    path = site.config.stores.var / FILE_NAME
    kept = _read(path)
    wanted = {key.name: key for key in site.config.demo_keys}
    keys = {name: kept.get(name) or new_key().text for name in wanted}
    if keys != kept:
        _write(path, keys)
    for name, text in keys.items():
        _store(parts, name, text, wanted[name])
    return DemoKeys(path, keys, {name: key.roles for name, key in wanted.items()})


def _store(parts: Parts, name: str, text: str, wanted: DemoKey) -> None:
    digest = parts.key_hasher.digest(text)
    if parts.keys.find(digest) is not None:
        return
    key_id = key_id_of(text)
    if key_id is None:
        raise ValueError(f"the demo key {name!r} is not of the gateway's form; delete {FILE_NAME}")
    parts.keys.add(
        KeyRecord(
            id=key_id,
            digest=digest,
            tenant=wanted.tenant,
            name=f"demo: {name}",
            roles=wanted.roles,
            scopes=wanted.scopes,
            models=None,
            limits=Limits(),
            created=parts.clock.wall(),
            demo=True,
        )
    )


def _read(path: Path) -> dict[str, str]:
    try:
        data = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    if not isinstance(data, dict):
        return {}
    return {str(name): str(text) for name, text in data.items() if key_id_of(str(text))}


def _write(path: Path, keys: Mapping[str, str]) -> None:
    draft = path.with_suffix(".new")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(dict(keys), file, indent=2)
        file.write("\n")
    draft.replace(path)
