"""Sends a request one way or another: what it needs, and what it can do without."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pydantic import Field, field_validator, model_validator

from gateway.core.exchange import Exchange, Target
from gateway.core.options import Options
from gateway.core.phrases import PhraseMatcher
from gateway.core.registry import did_you_mean
from gateway.core.stage import Phase, nothing_to_close
from gateway.ports.chat_model import ChatModel
from gateway.ports.classifier import Classifier, Label

HEADER = "x-gatehouse-route"
"""Names the route, in requests of keys with the scope ``route`` and in every answer."""
_SCOPE = "route"
_NEVER_SKIPPED = ("audit", "trace", "auth", "quota", "guard", "generate", "route", "door")


class RouteChoice(Options):
    skip: tuple[str, ...] = ()
    """Stages that requests of this route do not pass, by name."""
    model: str | None = None
    """Who answers requests of this route, as ``provider/model``; when it fails, the targets of the
    model that was asked for, in their order."""

    @field_validator("skip")
    @classmethod
    def _safe(cls, skip: tuple[str, ...]) -> tuple[str, ...]:
        for name in skip:
            if name.partition("[")[0] in _NEVER_SKIPPED:
                raise ValueError(f"the stage {name!r} protects every request: no route may skip it")
        return skip

    @field_validator("model")
    @classmethod
    def _names_both(cls, model: str | None) -> str | None:
        if model is not None and not all(model.partition("/")):
            raise ValueError(f"{model!r} is not a target; write provider/model")
        return model


class RouteRule(Options):
    route: str
    """Where requests go that match."""
    models: frozenset[str] = frozenset()
    """Models the client asks for; any of them."""
    keys: frozenset[str] = frozenset()
    """Ids of API keys; any of them."""
    roles: frozenset[str] = frozenset()
    """Roles of the caller; any of them."""
    keywords: tuple[str, ...] = ()
    """Words or phrases in the question; any of them."""
    complexity: Literal["simple", "medium", "complex"] | None = None
    """How much an answer takes, as the classifier sees it. Without the encoder's model it never
    knows, and such a rule matches nothing."""
    header: str | None = None
    """What the request's ``x-gatehouse-route`` must say. Honoured for keys with the scope ``route``
    alone."""

    @model_validator(mode="after")
    def _asks_something(self) -> "RouteRule":
        narrows = self.models or self.keys or self.roles or self.keywords
        if not (narrows or self.header or self.complexity):
            raise ValueError(
                "a rule needs models, keys, roles, keywords, complexity or header; for all other "
                "requests there is `default`"
            )
        return self


class RouteOptions(Options):
    routes: dict[str, RouteChoice] = Field(
        default={
            "chitchat": RouteChoice(skip=("cache", "retrieve")),
            "knowledge": RouteChoice(),
        },
        min_length=1,
    )
    """The routes by name."""
    default: str = "knowledge"
    """The route of requests that nothing else decides."""
    rules: tuple[RouteRule, ...] = ()
    """Tried in order, the first that matches decides; all conditions of a rule must hold."""
    classify: bool = True
    """Whether to ask the classifier (``chitchat``, ``knowledge`` or ``task``) when no rule matched.
    A label that is no route does not count."""
    min_score: float = Field(default=0.5, ge=0.0, le=1.0)
    """Labels that score lower do not count."""

    @model_validator(mode="after")
    def _routes_exist(self) -> "RouteOptions":
        known = list(self.routes)
        named = [("default", self.default)]
        named += [(f"rules[{i}].route", rule.route) for i, rule in enumerate(self.rules)]
        for where, route in named:
            if route not in self.routes:
                raise ValueError(f"{where} names no route: {route!r}{did_you_mean(route, known)}")
        return self


@dataclass(frozen=True, slots=True)
class _Rule:
    options: RouteRule
    words: PhraseMatcher | None

    def matches(self, ex: Exchange) -> bool:
        """Whether every condition but ``complexity`` holds; the question is read only when the
        cheap ones do."""
        rule, who = self.options, ex.principal
        return (
            (not rule.models or ex.model in rule.models)
            and (not rule.keys or (who is not None and who.key_id in rule.keys))
            and (not rule.roles or (who is not None and not rule.roles.isdisjoint(who.roles)))
            and (rule.header is None or _wished(ex) == rule.header)
            and (self.words is None or next(self.words.find(ex.asked()), None) is not None)
        )


@dataclass(frozen=True, slots=True)
class _Route:
    skip: frozenset[str]
    target: Target | None


class RouteStage:
    """The route of a request, by rules first and by a classifier where they say nothing."""

    name = "route"
    phase = Phase.REQUEST
    close = nothing_to_close
    Options = RouteOptions

    def __init__(
        self,
        options: RouteOptions,
        *,
        classifier: Classifier,
        models: Mapping[str, ChatModel] | None = None,
    ) -> None:
        """Raises ValueError for a keyword without any letter or digit, and for a route's model
        whose provider is not among ``models``."""
        self._default = options.default
        self._routes = {
            name: _Route(frozenset(choice.skip), _target(name, choice.model, models))
            for name, choice in options.routes.items()
        }
        self._rules: Sequence[_Rule] = [
            _Rule(rule, PhraseMatcher({rule.route: rule.keywords}) if rule.keywords else None)
            for rule in options.rules
        ]
        self._classifier = classifier
        self._classify = options.classify
        self._min_score = options.min_score

    async def run(self, ex: Exchange) -> None:
        """Sets ``ex.route``, ``ex.skip`` and the reply header, and puts the route's own model first
        among the targets; reads ``ex.question``."""
        ex.asked()
        name = await self._chosen(ex)
        route = self._routes[name]
        ex.route = name
        ex.skip = ex.skip | route.skip
        ex.reply_headers[HEADER] = name
        if route.target is not None and ex.binding is not None:
            others = tuple(target for target in ex.binding.targets if target != route.target)
            ex.binding = replace(ex.binding, targets=(route.target, *others))

    async def _chosen(self, ex: Exchange) -> str:
        label: Label | None = None
        labelled = False
        for rule in self._rules:
            if not rule.matches(ex):
                continue
            wanted = rule.options.complexity
            if wanted is not None and not labelled:
                label, labelled = await self._label(ex), True
            if wanted is None or (label is not None and label.complexity == wanted):
                return rule.options.route
        if not self._classify:
            return self._default
        if not labelled:
            label = await self._label(ex)
        if label is None or label.score < self._min_score or label.name not in self._routes:
            return self._default
        return label.name

    async def _label(self, ex: Exchange) -> Label | None:
        scope = ex.principal.tenant if ex.principal is not None else ""
        return await self._classifier.classify(ex.asked(), scope)


def _target(
    route: str, written: str | None, models: Mapping[str, ChatModel] | None
) -> Target | None:
    if written is None:
        return None
    provider, _, model = written.partition("/")
    if models is not None and provider not in models:
        raise ValueError(
            f"routes.{route}.model: no provider in use is named {provider!r}"
            f"{did_you_mean(provider, list(models))}; there are: {', '.join(sorted(models))}"
        )
    return Target(provider, model)


def _wished(ex: Exchange) -> str | None:
    """The route the client asks for, if it may."""
    if ex.principal is None or _SCOPE not in ex.principal.scopes:
        return None
    return ex.headers.get(HEADER)
