"""Turns documents into models, and pydantic's errors into problems with places."""

import re
from collections.abc import Callable, Iterator, Mapping
from types import UnionType
from typing import Annotated, Any, NamedTuple, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from gateway.schema.loader import Document, KeyPath
from gateway.schema.problems import ConfigError, Problem, suggestion

_SUBJECT = re.compile(r"^[A-Z]\w* should")
_SHAPES = {
    "string_type": "text",
    "dict_type": "a mapping of keys to values",
    "model_type": "a mapping of keys to values",
    "list_type": "a list",
    "tuple_type": "a list",
    "frozen_set_type": "a list",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
}

M = TypeVar("M", bound=BaseModel)


class Spot(NamedTuple):
    """A place in a document."""

    document: Document
    path: KeyPath

    def problem(self, message: str, hint: str = "", *, key: bool = False) -> Problem:
        return self.document.problem(self.path, message, hint, key=key)

    def below(self, *steps: str | int) -> "Spot":
        return Spot(self.document, self.path + steps)


Locate = Callable[[KeyPath], Spot]


class Reader:
    """Reads models and collects problems, so that all of them can be shown at once."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def report(self, problem: Problem) -> None:
        self.problems.append(problem)

    def finish(self) -> None:
        """Raises ConfigError when anything was reported."""
        if self.problems:
            raise ConfigError(self.problems)

    def read(
        self, model: type[M], spot: Spot, data: Any, names: Mapping[str, Any] = {}
    ) -> M | None:
        """``data``, which stands at ``spot``, as a model; None when it has problems.

        ``names`` are further keys to think of when an unknown key is reported.
        """
        return self.read_from(model, lambda loc: spot.below(*loc), data, names)

    def read_from(
        self, model: type[M], locate: Locate, data: Any, names: Mapping[str, Any] = {}
    ) -> M | None:
        """Like ``read``, for data that was put together from several places."""
        if not isinstance(data, dict):
            said = "is empty" if data is None else "must be a mapping of keys to values"
            self.report(locate(()).problem(f"this {said}", f"keys: {', '.join(_fields(model))}"))
            return None
        base = locate(()).document.path.parent
        try:
            return model.model_validate(data, context={"base": base})
        except ValidationError as error:
            repaired = _as_text(data, error, locate)
            if repaired is not None:
                try:
                    return model.model_validate(repaired, context={"base": base})
                except ValidationError as again:
                    error = again
            self.problems += _problems(model, error, locate, data, names)
            return None


def _as_text(data: dict[str, Any], error: ValidationError, locate: Locate) -> Any | None:
    """The data with interpolated values as text where text was asked for: an API key may well
    consist of digits. None when there is no such value."""
    changed: Any = None
    for item in error.errors(include_url=False, include_context=False, include_input=False):
        loc = _existing(item["loc"], data)
        spot = locate(loc)
        raw = spot.document.interpolated.get(spot.path)
        if item["type"] == "string_type" and raw is not None and loc:
            changed = _with(data if changed is None else changed, loc, raw)
    return changed


def _with(node: Any, path: KeyPath, value: Any) -> Any:
    if not path:
        return value
    copy: Any = list(node) if isinstance(node, list) else dict(node)
    copy[path[0]] = _with(copy[path[0]], path[1:], value)
    return copy


def _problems(
    model: type[BaseModel],
    error: ValidationError,
    locate: Locate,
    data: Any,
    names: Mapping[str, Any],
) -> Iterator[Problem]:
    for item in error.errors(include_url=False):
        loc = item["loc"]
        kind = item["type"]
        known = _existing(loc, data)
        spot = locate(known)
        if kind == "extra_forbidden":
            at = _model_at(model, known[:-1])
            candidates = {*_fields(at), *(names if len(known) == 1 else ())} if at else set(names)
            yield spot.problem(
                f"unknown key {str(loc[-1])!r}", suggestion(str(loc[-1]), candidates), key=True
            )
        elif kind == "missing":
            yield spot.problem(f"the key {str(loc[-1])!r} is missing", "", key=True)
        else:
            yield spot.problem(*_said(item, known, spot), key=loc[-1:] == ("[key]",))


def _said(item: Any, known: KeyPath, spot: Spot) -> tuple[str, str]:
    kind, context, given = item["type"], item.get("ctx") or {}, item.get("input")
    name = next((str(step) for step in reversed(known) if isinstance(step, str)), None)
    if kind in ("enum", "literal_error"):
        options = str(context["expected"]).replace("'", "").replace(" or ", ", ").split(", ")
        shown = "that" if spot.path in spot.document.interpolated else repr(given)
        return f"{name!r} must be {context['expected']}, not {shown}", (
            suggestion(given, options) if isinstance(given, str) else ""
        )
    if kind in _SHAPES:
        return f"{name!r} must be {_SHAPES[kind]}, not {_kind_of(given)}", ""
    message = _SUBJECT.sub("should", str(item["msg"]).removeprefix("Value error, "))
    if name is None:
        return message, str(context.get("hint", ""))
    if message.startswith("should "):
        return f"{name!r} {message}", ""
    if kind.startswith(("value_error", "assertion_error")) or "type" not in kind:
        return f"{name!r}: {message}", str(context.get("hint", ""))
    return f"{name!r} {message}, not {_kind_of(given)}", ""


def _kind_of(value: Any) -> str:
    if value is None:
        return "empty"
    kinds = {str: "text", bool: "true/false", int: "a number", float: "a number"}
    return kinds.get(type(value), "a list" if isinstance(value, list) else "a mapping")


def _existing(loc: tuple[str | int, ...], data: Any) -> KeyPath:
    """The part of pydantic's location that exists in the data; names of union members and
    validators, which stand in it too, are left out."""
    path: KeyPath = ()
    node = data
    for step in loc:
        in_list = isinstance(node, list) and isinstance(step, int) and step < len(node)
        if in_list or (isinstance(node, dict) and step in node):
            path, node = (*path, step), node[step]
    return path


def _model_at(model: type[BaseModel], path: KeyPath) -> type[BaseModel] | None:
    """The model that the mapping at ``path`` is read as."""
    here: Any = model
    for step in path:
        if isinstance(here, type) and issubclass(here, BaseModel):
            found = next((f for n, f in here.model_fields.items() if step in (n, f.alias)), None)
            here = found.annotation if found else None
        else:
            here = _element(here)
    return next(_models_in(here), None)


def _element(annotation: Any) -> Any:
    """What a dict, list or tuple holds, also when it may be absent or is annotated."""
    arguments = [a for a in get_args(annotation) if a not in (type(None), Ellipsis)]
    if get_origin(annotation) is Annotated:
        return _element(arguments[0])
    if get_origin(annotation) in (Union, UnionType):
        return next((found for found in map(_element, arguments) if found is not None), None)
    return arguments[-1] if arguments else None


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    else:
        for argument in get_args(annotation):
            yield from _models_in(argument)


def _fields(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]
