"""Every stage, guard and provider there is: our own, then those of installed packages."""

from collections.abc import Iterable
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from gateway.adapters.extractive.model import ExtractiveModel
from gateway.adapters.litellm.model import LiteLLMModel
from gateway.adapters.openai_compatible.model import OpenAICompatibleModel
from gateway.core.findings import Guard
from gateway.core.registry import Registry, RegistryError
from gateway.core.stage import Stage
from gateway.guards.citations import CitationsGuard
from gateway.guards.faithfulness import FaithfulnessGuard
from gateway.guards.injection import InjectionGuard
from gateway.guards.keywords import KeywordsGuard
from gateway.guards.length import LengthGuard
from gateway.guards.out_of_scope import OutOfScopeGuard
from gateway.guards.pii import PiiGuard
from gateway.guards.prompt_leak import PromptLeakGuard
from gateway.guards.regex import RegexGuard
from gateway.guards.secrets import SecretsGuard
from gateway.guards.topics import TopicsGuard
from gateway.guards.toxicity import ToxicityGuard
from gateway.ports.chat_model import ChatModel
from gateway.stages.assemble import AssembleStage
from gateway.stages.audit import AuditStage
from gateway.stages.auth import AuthStage
from gateway.stages.cache import CacheStage
from gateway.stages.cite import CiteStage
from gateway.stages.generate import GenerateStage
from gateway.stages.guard import GuardStage
from gateway.stages.quota import QuotaStage
from gateway.stages.restore import RestoreStage
from gateway.stages.retrieve import RetrieveStage
from gateway.stages.route import RouteStage

STAGES: dict[str, Any] = {
    "audit": AuditStage,
    "auth": AuthStage,
    "quota": QuotaStage,
    "guard": GuardStage,
    "route": RouteStage,
    "cache": CacheStage,
    "retrieve": RetrieveStage,
    "assemble": AssembleStage,
    "generate": GenerateStage,
    "restore": RestoreStage,
    "cite": CiteStage,
}
GUARDS: dict[str, Any] = {
    "citations": CitationsGuard,
    "faithfulness": FaithfulnessGuard,
    "injection": InjectionGuard,
    "keywords": KeywordsGuard,
    "length": LengthGuard,
    "out_of_scope": OutOfScopeGuard,
    "pii": PiiGuard,
    "prompt_leak": PromptLeakGuard,
    "regex": RegexGuard,
    "secrets": SecretsGuard,
    "topics": TopicsGuard,
    "toxicity": ToxicityGuard,
}
PROVIDERS: dict[str, Any] = {
    "extractive": ExtractiveModel,
    "litellm": LiteLLMModel,
    "openai_compatible": OpenAICompatibleModel,
}


def stage_registry() -> Registry[Stage]:
    """Raises RegistryError when an installed package takes a name that is taken."""
    registry: Registry[Stage] = Registry("stage")
    _fill(registry, STAGES, "gatehouse.stages")
    return registry


def guard_registry() -> Registry[Guard]:
    """Raises RegistryError when an installed package takes a name that is taken."""
    registry: Registry[Guard] = Registry("guard")
    _fill(registry, GUARDS, "gatehouse.guards")
    return registry


def provider_registry() -> Registry[ChatModel]:
    """Raises RegistryError when an installed package takes a name that is taken."""
    registry: Registry[ChatModel] = Registry("provider")
    _fill(registry, PROVIDERS, "gatehouse.providers")
    return registry


def _fill(registry: Registry[Any], own: dict[str, Any], group: str) -> None:
    for name, made in own.items():
        registry.add(name, made, made.Options)
    installed: Iterable[EntryPoint] = entry_points(group=group)
    for point in installed:
        made = point.load()
        if not hasattr(made, "Options"):
            raise RegistryError(
                f"{registry.kind} {point.name!r} of {point.value} has no Options class; "
                "give it one that derives from gateway.core.options.Options"
            )
        registry.add(point.name, made, made.Options)
