"""The files of a small gateway in a folder, and keys for it."""

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from gateway.adapters.sqlite.keys import SqliteKeyStore
from gateway.adapters.sqlite.ledger import Ledger
from gateway.adapters.sqlite.pepper import load_pepper
from gateway.core.identity import Limits
from gateway.core.keys import KeyHasher, new_key
from gateway.core.segments import Json
from gateway.ports.key_store import KeyRecord


class SiteFolder:
    """A gateway's files: ``gateway.yaml``, ``tenants.yaml``, ``policies/`` and ``pipelines/``.

    JSON is YAML, so everything is written as JSON. Every model goes to the provider ``upstream``.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "gateway.yaml"
        self.var = folder / "var"
        self._policies = folder / "policies"
        self._pipelines = folder / "pipelines"
        for made in (self._policies, self._pipelines):
            made.mkdir(parents=True, exist_ok=True)

    def write(
        self,
        *,
        upstream: str,
        models: Iterable[str],
        server: Json | None = None,
        provider: Json | None = None,
        tenants: Mapping[str, Json] | None = None,
        pipelines: Mapping[str, str] | None = None,
        bridged: Iterable[str] = (),
    ) -> None:
        """The gateway file and the tenants file. Models use the policy ``default`` and the pipeline
        ``default``, or the one that ``pipelines`` names for them. Each of ``bridged`` is also there
        as ``bridged-NAME``, at a provider that speaks only chat completions."""
        chosen = pipelines or {}
        options = {"use": "openai_compatible", "base_url": upstream, "api_key": "sk-upstream"}
        targets = {model: f"upstream/{model}" for model in models}
        targets |= {f"bridged-{model}": f"chatty/{model}" for model in bridged}
        gateway: Json = {
            "version": 1,
            "server": server or {},
            "providers": {
                "upstream": {**options, **(provider or {})},
                "chatty": {**options, "endpoints": ["chat/completions"]},
            },
            "models": {
                name: {
                    "pipeline": chosen.get(name, "default"),
                    "policy": "default",
                    "targets": [target],
                }
                for name, target in targets.items()
            },
            "stores": {"var": str(self.var)},
            "policies_dir": str(self._policies),
            "pipelines_dir": str(self._pipelines),
            "tenants": str(self.folder / "tenants.yaml"),
        }
        self.config.write_text(json.dumps(gateway, indent=2))
        known = {"version": 1, "tenants": dict(tenants or {"default": {}})}
        (self.folder / "tenants.yaml").write_text(json.dumps(known, indent=2))

    def policy(self, name: str = "default", **layers: Sequence[Json]) -> None:
        """A policy file: the rules by layer."""
        document = {"version": 1, "layers": {layer: list(rules) for layer, rules in layers.items()}}
        (self._policies / f"{name}.yaml").write_text(json.dumps(document, indent=2))

    def pipeline(self, stages: Sequence[Json], name: str = "default") -> None:
        """A pipeline file: the stages in order."""
        document = {"version": 1, "stages": list(stages)}
        (self._pipelines / f"{name}.yaml").write_text(json.dumps(document, indent=2))

    def key(
        self,
        name: str,
        *,
        tenant: str = "default",
        roles: Iterable[str] = (),
        scopes: Iterable[str] = (),
        models: Iterable[str] | None = None,
        limits: Limits | None = None,
        expires: float | None = None,
    ) -> str:
        """A new key in the site's key store; its text."""
        made = new_key()
        hasher = KeyHasher(load_pepper(self.var / "pepper", {}))
        store = SqliteKeyStore(self.var / "keys.db")
        try:
            store.add(
                KeyRecord(
                    id=made.id,
                    digest=hasher.digest(made.text),
                    tenant=tenant,
                    name=name,
                    roles=frozenset(roles),
                    scopes=frozenset(scopes),
                    models=None if models is None else frozenset(models),
                    limits=limits or Limits(),
                    created=0.0,
                    expires=expires,
                )
            )
        finally:
            store.close()
        return made.text

    def audited(self, request_id: str, seconds: float = 5.0) -> Json | None:
        """The audit record of a request, waited for; None when none is written in time."""
        until = time.monotonic() + seconds
        ledger = Ledger(self.var / "audit.db")
        try:
            while True:
                record = ledger.get(request_id)
                if record is not None or time.monotonic() > until:
                    return record
                time.sleep(0.02)
        finally:
            ledger.close()

    def records(self, request_id: str) -> list[Json]:
        """All audit records with this request id that are in the ledger by now, oldest first."""
        ledger = Ledger(self.var / "audit.db")
        try:
            newest = [entry.record for entry in ledger.tail(1000)]
        finally:
            ledger.close()
        return [record for record in newest if record["request_id"] == request_id]
