"""Sends a request one way or another: what it needs, and what it can do without."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import Field, field_validator, model_validator

from gateway.core.exchange import Exchange
from gateway.core.options import Options
from gateway.core.phrases import PhraseMatcher
from gateway.core.registry import did_you_mean
from gateway.core.stage import Phase, nothing_to_close
from gateway.ports.classifier import Classifier

HEADER = "x-gatehouse-route"
"""Names the route, in requests of keys with the scope ``route`` and in every answer."""
_SCOPE = "route"
_NEVER_SKIPPED = ("audit", "trace", "auth", "quota", "guard", "generate", "route", "door")


class RouteChoice(Options):
    skip: tuple[str, ...] = ()
    """Stages that requests of this route do not pass, by name."""

    @field_validator("skip")
    @classmethod
    def _safe(cls, skip: tuple[str, ...]) -> tuple[str, ...]:
        for name in skip:
            if name.partition("[")[0] in _NEVER_SKIPPED:
                raise ValueError(f"the stage {name!r} protects every request: no route may skip it")
        return skip


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
    header: str | None = None
    """What the request's ``x-gatehouse-route`` must say. Honoured for keys with the scope ``route``
    alone."""

    @model_validator(mode="after")
    def _asks_something(self) -> "RouteRule":
        if not (self.models or self.keys or self.roles or self.keywords or self.header):
            raise ValueError(
                "a rule needs models, keys, roles, keywords or header; for all other requests "
                "there is `default`"
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
    """Whether to ask the classifier (``chitchat`` or ``knowledge``) when no rule matched. A label
    that is no route does not count."""
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
        """Whether every condition holds; the question is read only when the cheap ones do."""
        rule, who = self.options, ex.principal
        return (
            (not rule.models or ex.model in rule.models)
            and (not rule.keys or (who is not None and who.key_id in rule.keys))
            and (not rule.roles or (who is not None and not rule.roles.isdisjoint(who.roles)))
            and (rule.header is None or _wished(ex) == rule.header)
            and (self.words is None or next(self.words.find(ex.asked()), None) is not None)
        )


class RouteStage:
    """The route of a request, by rules first and by a classifier where they say nothing."""

    name = "route"
    phase = Phase.REQUEST
    close = nothing_to_close
    Options = RouteOptions

    def __init__(self, options: RouteOptions, *, classifier: Classifier) -> None:
        """Raises ValueError for a keyword without any letter or digit."""
        self._default = options.default
        self._skips: Mapping[str, frozenset[str]] = {
            name: frozenset(choice.skip) for name, choice in options.routes.items()
        }
        self._rules: Sequence[_Rule] = [
            _Rule(rule, PhraseMatcher({rule.route: rule.keywords}) if rule.keywords else None)
            for rule in options.rules
        ]
        self._classifier = classifier if options.classify else None
        self._min_score = options.min_score

    async def run(self, ex: Exchange) -> None:
        """Sets ``ex.route``, ``ex.skip`` and the reply header; reads ``ex.question``."""
        ex.asked()
        route = next((rule.options.route for rule in self._rules if rule.matches(ex)), None)
        if route is None:
            route = await self._classified(ex) or self._default
        ex.route = route
        ex.skip = ex.skip | self._skips[route]
        ex.reply_headers[HEADER] = route

    async def _classified(self, ex: Exchange) -> str | None:
        if self._classifier is None:
            return None
        label = await self._classifier.classify(ex.asked())
        if label is None or label.score < self._min_score or label.name not in self._skips:
            return None
        return label.name


def _wished(ex: Exchange) -> str | None:
    """The route the client asks for, if it may."""
    if ex.principal is None or _SCOPE not in ex.principal.scopes:
        return None
    return ex.headers.get(HEADER)
