"""JSON Schemas of the YAML files, for editors: composed of the options of what is registered."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from gateway.core.findings import Guard
from gateway.core.options import Options
from gateway.core.registry import Entry, Registry
from gateway.core.stage import Stage
from gateway.ports.chat_model import ChatModel
from gateway.schema.gateway import GatewayKeys
from gateway.schema.pipeline import PipelineKeys, StageKeys
from gateway.schema.rule import PolicyKeys, RuleKeys
from gateway.schema.tenants import TenantsKeys

Schema = dict[str, Any]

DIALECT = GenerateJsonSchema.schema_dialect
_PLACEHOLDER = {"type": "string", "pattern": r"^\$\{[^{}]*\}$"}


class ProviderKeys(Options):
    """Keys that every provider has."""

    use: str
    """The adapter."""
    optional: bool = False
    """Leave the provider out while its `api_key` is empty."""


def schemas(
    stages: Registry[Stage], guards: Registry[Guard], providers: Registry[ChatModel]
) -> dict[str, Schema]:
    """Every schema by its file name."""
    made = {
        "gateway.json": gateway_schema(providers),
        "pipeline.json": pipeline_schema(stages),
        "policy.json": policy_schema(guards),
        "tenants.json": _whole(TenantsKeys, "Gatehouse tenants", {}),
    }
    return {name: _interpolable(schema) for name, schema in made.items()}


def policy_schema(guards: Registry[Guard]) -> Schema:
    """The schema of policy files: one kind of rule per guard, and one that changes an inherited
    rule and so names no guard."""
    defs: Schema = {}
    kinds = [_merged(entry, RuleKeys, "guard", defs) for entry in guards]
    change = _plain(RuleKeys, defs)
    del change["properties"]["guard"]
    change.update(
        title="change of an inherited rule",
        required=["id"],
        additionalProperties=True,
        propertyNames={"not": {"const": "guard"}},
    )
    defs["Rule"] = {"oneOf": [*kinds, change]}
    schema = _whole(PolicyKeys, "Gatehouse policy", defs)
    rules = {"anyOf": [{"type": "array", "items": {"$ref": "#/$defs/Rule"}}, {"type": "null"}]}
    schema["properties"]["layers"]["additionalProperties"] = rules
    return schema


def pipeline_schema(stages: Registry[Stage]) -> Schema:
    """The schema of pipeline files: one kind of step per stage."""
    defs: Schema = {}
    kinds = []
    for entry in stages:
        step = _plain(StageKeys, defs)
        options = _plain(entry.options, defs, f"{entry.name}.")
        step["properties"]["use"] = {"const": entry.name, "description": entry.summary}
        step["properties"]["with"] = options
        step["title"] = entry.name
        if options.get("required"):
            step["required"] = ["use", "with"]
        kinds.append(step)
    defs["Step"] = {"oneOf": kinds}
    schema = _whole(PipelineKeys, "Gatehouse pipeline", defs)
    schema["properties"]["stages"]["items"] = {"$ref": "#/$defs/Step"}
    schema["$defs"].pop("StageKeys", None)
    return schema


def gateway_schema(providers: Registry[ChatModel]) -> Schema:
    """The schema of the gateway file: one kind of provider per adapter."""
    defs: Schema = {}
    kinds = [_merged(entry, ProviderKeys, "use", defs) for entry in providers]
    defs["Provider"] = {"oneOf": kinds}
    schema = _whole(GatewayKeys, "Gatehouse gateway", defs)
    schema["properties"]["providers"]["additionalProperties"] = {"$ref": "#/$defs/Provider"}
    schema["properties"]["providers"].pop("patternProperties", None)
    return schema


def _merged(entry: Entry[Any], common: type[BaseModel], discriminator: str, defs: Schema) -> Schema:
    """The keys of ``common`` and the options of ``entry`` in one object."""
    schema = _plain(common, defs)
    options = _plain(entry.options, defs, f"{entry.name}.")
    schema["properties"] = {**options.get("properties", {}), **schema["properties"]}
    schema["properties"][discriminator] = {"const": entry.name, "description": entry.summary}
    schema["required"] = [*schema.get("required", ()), *options.get("required", ())]
    schema["title"] = entry.name
    schema["description"] = entry.summary
    return schema


def _whole(model: type[BaseModel], title: str, defs: Schema) -> Schema:
    schema = _plain(model, defs)
    return {"$schema": DIALECT, **schema, "title": title, "$defs": dict(sorted(defs.items()))}


def _plain(model: type[BaseModel], defs: Schema, prefix: str = "") -> Schema:
    """A model's own schema; the models in it go to ``defs``, named with the prefix."""
    schema = model.model_json_schema(by_alias=True, ref_template=f"#/$defs/{prefix}{{model}}")
    for name, inner in schema.pop("$defs", {}).items():
        defs[prefix + name] = inner
    return schema


def _interpolable(node: Any) -> Any:
    """Numbers and booleans may also be written as one ``${...}``; titles that only repeat the key
    are left out."""
    if isinstance(node, list):
        return [_interpolable(item) for item in node]
    if not isinstance(node, Mapping):
        return node
    made = {key: _interpolable(value) for key, value in _wanted(node)}
    if made.get("type") in ("integer", "number", "boolean"):
        kept = {key: made.pop(key) for key in ("description", "default", "title") if key in made}
        return {**kept, "anyOf": [made, _PLACEHOLDER]}
    return made


def _wanted(node: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    generated = isinstance(node.get("title"), str) and "properties" not in node
    for key, value in node.items():
        if not (key == "title" and generated and "oneOf" not in node):
            yield key, value
