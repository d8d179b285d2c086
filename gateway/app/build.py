"""Puts a gateway together: from checked files and living parts to a runtime."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from gateway.app.catalog import guard_registry, provider_registry, stage_registry
from gateway.app.door import DoorStage
from gateway.app.inject import MissingPart, construct
from gateway.app.parts import Parts
from gateway.app.runtime import Runtime
from gateway.core.exchange import Binding
from gateway.core.findings import Guard, Then
from gateway.core.pipeline import PhaseOrderError, Pipeline
from gateway.core.registry import Entry
from gateway.core.stage import Stage
from gateway.policy.compile import MakeGuard, compile_policies
from gateway.policy.sparing import let_spare
from gateway.schema.pipeline import PipelineSpec
from gateway.schema.problems import ConfigError, Problem
from gateway.schema.site import Site, load_site
from gateway.stages.audit import AuditOptions, AuditStage
from gateway.stages.auth import AuthOptions, AuthStage
from gateway.wire.limits import RequestLimits

log = logging.getLogger(__name__)


def read_site(path: Path) -> Site:
    """Read and check all files of a gateway. Raises ConfigError with every problem."""
    return load_site(path, stage_registry(), provider_registry())


def make_guard(parts: Mapping[str, Any]) -> MakeGuard:
    """A factory of guards out of these parts."""

    def make(entry: Entry[Guard], options: BaseModel) -> Guard:
        guard: Guard = construct(entry.factory, options, parts)
        return guard

    return make


def make_runtime(site: Site, parts: Parts) -> Runtime:
    """A runtime of what the files say. Raises ConfigError with every problem; never half-done."""
    available = {**parts.by_name(), "tenants": site.tenants}
    problems: list[Problem] = []
    pipelines: dict[str, Pipeline] = {}
    for name, spec in site.pipelines.items():
        try:
            pipelines[name] = _pipeline(spec, available)
        except ConfigError as error:
            problems += error.problems
    try:
        policies = compile_policies(site.policies, guard_registry(), make_guard(available))
    except ConfigError as error:
        raise ConfigError([*problems, *error.problems]) from None
    if problems:
        raise ConfigError(problems)
    let_spare(policies.values())
    limits = site.config.server.limits
    hashes = {name: spec.hash for name, spec in site.pipelines.items()}
    models = {
        name: Binding(
            name, m.pipeline, policies[m.policy], m.targets, m.static_answer, hashes[m.pipeline]
        )
        for name, m in site.models.items()
    }
    for binding in models.values():
        _warn_of_placeholders(binding, pipelines[binding.pipeline])
    return Runtime(
        models=models,
        pipelines=pipelines,
        policies=policies,
        tenants=site.tenants,
        door=_door(available),
        limits=RequestLimits(
            limits.body_bytes, limits.messages, limits.text_characters, limits.json_depth
        ),
        max_concurrent=site.config.server.max_concurrent,
        created=int(parts.clock.wall()),
    )


def _pipeline(spec: PipelineSpec, parts: Mapping[str, Any]) -> Pipeline:
    stages: list[Stage] = []
    problems: list[Problem] = []
    for step in spec.stages:
        try:
            stages.append(construct(step.entry.factory, step.options, parts))
        except (ValueError, MissingPart) as error:
            problems.append(step.problem(f"the stage {step.entry.name!r} cannot be built: {error}"))
    if problems:
        raise ConfigError(problems)
    try:
        return Pipeline(spec.name, stages)
    except PhaseOrderError as error:
        raise ConfigError([spec.stages[error.index].problem(str(error), error.hint)]) from None


def _warn_of_placeholders(binding: Binding, pipeline: Pipeline) -> None:
    """Tell whoever runs the gateway when callers of a model would read placeholders."""
    stages = {stage.name for stage in pipeline.stages}
    tokenized = [
        rule.id
        for layer, rules in binding.policy.layers.items()
        for rule in rules
        if rule.then is Then.TOKENIZE and f"guard[{layer.value}]" in stages
    ]
    if tokenized and "restore" not in stages:
        log.warning(
            "model %s: the policy %s tokenises (%s), but the pipeline %s has no `- use: restore`: "
            "callers will read placeholders",
            binding.model,
            binding.policy.name,
            ", ".join(tokenized),
            pipeline.name,
        )


def _door(parts: Mapping[str, Any]) -> Pipeline:
    audit: Stage = construct(AuditStage, AuditOptions(), parts)
    auth: Stage = construct(AuthStage, AuthOptions(), parts)
    return Pipeline("door", [audit, auth, DoorStage()])
