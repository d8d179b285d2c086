"""Makes and replaces keys in any key store."""

from collections.abc import Iterable
from dataclasses import replace

from gateway.core.identity import Limits
from gateway.core.keys import KeyHasher, NewKey, new_key
from gateway.ports.key_store import KeyRecord, KeyStore


class KeyRefused(Exception):
    """A key that cannot be replaced; the message says why and what to do instead."""


def issue(
    store: KeyStore,
    hasher: KeyHasher,
    now: float,
    *,
    tenant: str,
    name: str = "",
    roles: Iterable[str] = (),
    scopes: Iterable[str] = (),
    models: Iterable[str] | None = None,
    limits: Limits | None = None,
    lifetime: float | None = None,
    demo: bool = False,
) -> NewKey:
    """Make a key and store its record. ``now`` and ``lifetime`` are in seconds."""
    key = new_key()
    store.add(
        KeyRecord(
            id=key.id,
            digest=hasher.digest(key.text),
            tenant=tenant,
            name=name,
            roles=frozenset(roles),
            scopes=frozenset(scopes),
            models=None if models is None else frozenset(models),
            limits=limits or Limits(),
            created=now,
            expires=None if lifetime is None else now + lifetime,
            demo=demo,
        )
    )
    return key


def rotate(
    store: KeyStore, hasher: KeyHasher, now: float, key_id: str, overlap: float = 0.0
) -> NewKey:
    """Replace a key by one with the same grants and the same expiry; the old one works for another
    ``overlap`` seconds. Raises KeyRefused for a key that is unknown or does not work any more."""
    old = next((record for record in store.all() if record.id == key_id), None)
    if old is None:
        raise KeyRefused(f"there is no key {key_id!r}; `gatehouse keys list` shows all")
    if old.state(now) != "active":
        raise KeyRefused(
            f"key {key_id} is {old.state(now)}; make a new one with `gatehouse keys create`"
        )
    key = new_key()
    store.add(replace(old, id=key.id, digest=hasher.digest(key.text), created=now, revoked=None))
    store.revoke(key_id, now + overlap)
    return key
