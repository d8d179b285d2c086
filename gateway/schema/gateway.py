"""The gateway file: the server, who answers, the models that apps ask for, and the stores."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from gateway.core.options import Options
from gateway.schema.recognizer import RecognizerKeys
from gateway.schema.tenants import Count, Name
from gateway.schema.units import Bytes, ConfigPath, Names, Seconds


def _empty(value: Any) -> Any:
    return {} if value is None else value


class ServerLimits(Options):
    """What one request may be. Beyond it, the client gets a 413."""

    body_bytes: Annotated[Bytes, Field(ge=1024)] = 10 * 2**20
    """Size of a request body."""
    messages: Count = 2_000
    """Messages in a request."""
    text_characters: Count = 2_000_000
    """Characters of all texts of a request together."""
    json_depth: Annotated[int, Field(ge=8, le=512)] = 64
    """Levels of nesting in a request body."""


class ServerKeys(Options):
    """Where and how the gateway listens."""

    host: str = "127.0.0.1"
    """Address to listen on. Beyond loopback, demo keys and weak keys stop the start."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    """Port to listen on; 0 takes a free one."""
    limits: ServerLimits = ServerLimits()
    """What one request may be."""
    max_concurrent: Count = 2_000
    """Requests under way at once; more are answered with 503 and `retry-after`."""
    drain_seconds: Annotated[Seconds, Field(ge=0)] = 30.0
    """How long a stopping gateway waits for requests under way."""


class EncoderKeys(Options):
    """The local network that reads texts for the detectors. It is loaded when a policy or pipeline
    has a guard or stage that asks for it, and runs on the CPU."""

    threads: Annotated[int, Field(ge=1, le=64)] | None = None
    """Threads that read texts, each on a core of its own. If left out, one for every core but the
    one that serves requests, four at most."""
    memory: Annotated[Bytes, Field(ge=0)] = 64 * 2**20
    """Size of what is remembered of texts, so that none is read twice in a while."""
    model: ConfigPath | None = None
    """A folder with another model, relative to this file; the one that ships if left out."""


class ModelKeys(Options):
    """A model name that apps ask for."""

    pipeline: str
    """The pipeline its requests pass through."""
    policy: str
    """The policy that the guard stages of the pipeline follow."""
    targets: Annotated[list[str], Field(min_length=1)]
    """Who answers, as `provider/model`: the first that works."""
    static_answer: str | None = None
    """The answer when every target failed; an error if left out."""


class IngestKeys(Options):
    """A folder or file of documents that is read into the knowledge store at the start."""

    path: ConfigPath
    """The documents, relative to this file."""
    tenant: Name = "default"
    """Whose documents they are."""


class FileStore(Options):
    """A store in one SQLite file."""

    use: Literal["sqlite"] = "sqlite"
    """The adapter."""
    path: Path
    """The file, relative to `stores.var`."""


class KeysStore(FileStore):
    """API keys, as keyed hashes."""

    path: Path = Path("keys.db")
    """The file, relative to `stores.var`."""


class AuditStoreKeys(FileStore):
    """The ledger of decisions."""

    path: Path = Path("audit.db")
    """The file, relative to `stores.var`."""


class CountersStore(Options):
    """What is used of the quotas."""

    use: Literal["memory"] = "memory"
    """The adapter."""


class KnowledgeStoreKeys(Options):
    """Documents that answers are grounded on."""

    use: Literal["embedded"] = "embedded"
    """The adapter."""
    path: Path = Path("knowledge.db")
    """The file, relative to `stores.var`."""
    ingest: tuple[IngestKeys, ...] = ()
    """Documents to read at the start; unchanged files are skipped."""


class StoresKeys(Options):
    """Where data is kept."""

    var: ConfigPath = Path("../var")
    """The folder for the gateway's own files, relative to this file."""
    keys: KeysStore = KeysStore()
    """API keys."""
    audit: AuditStoreKeys = AuditStoreKeys()
    """The ledger of decisions."""
    counters: CountersStore = CountersStore()
    """What is used of the quotas."""
    knowledge: KnowledgeStoreKeys = KnowledgeStoreKeys()
    """Documents that answers are grounded on."""

    def file(self, path: Path) -> Path:
        """A store's file: ``path`` below ``var``, unless it is absolute."""
        return self.var / path


class DemoKey(Options):
    """A key that is made at the first start and printed."""

    name: str
    """What it is called."""
    tenant: Name = "default"
    """Its tenant."""
    roles: Names = frozenset()
    """Its roles."""
    scopes: Names = frozenset()
    """What else it may do, such as `explain`."""


class GatewayKeys(Options):
    """The gateway file."""

    version: Literal[1]
    """The version of this format."""
    server: Annotated[ServerKeys, BeforeValidator(_empty)] = ServerKeys()
    """Where and how the gateway listens."""
    providers: dict[Name, dict[str, Any]]
    """Who can answer, by a name of your choice: `use` names the adapter, `optional: true` leaves
    the provider out while its `api_key` is empty, the rest are the adapter's options."""
    models: Annotated[dict[str, ModelKeys], Field(min_length=1)]
    """The model names that apps ask for."""
    stores: Annotated[StoresKeys, BeforeValidator(_empty)] = StoresKeys()
    """Where data is kept."""
    recognizer: Annotated[RecognizerKeys, BeforeValidator(_empty)] = RecognizerKeys()
    """Who finds personal data."""
    encoder: Annotated[EncoderKeys, BeforeValidator(_empty)] = EncoderKeys()
    """Who reads texts for the detectors."""
    policies_dir: ConfigPath = Path("../policies")
    """The folder of policies, relative to this file."""
    pipelines_dir: ConfigPath = Path("../pipelines")
    """The folder of pipelines, relative to this file."""
    tenants: ConfigPath | None = None
    """The tenants file, relative to this file; one tenant `default` without limits if left out."""
    demo: bool = False
    """Make and print demo keys; listens on loopback only."""
    demo_keys: tuple[DemoKey, ...] = ()
    """The demo keys to make."""
