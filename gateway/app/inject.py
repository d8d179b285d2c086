"""Builds a stage, guard or provider: its options first, then the parts it asks for by name."""

import inspect
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel


class MissingPart(TypeError):
    """A constructor asks for something the gateway does not have."""


def construct(made: type[Any], options: BaseModel, parts: Mapping[str, Any]) -> Any:
    """``made(options, name=part, …)`` for every keyword-only parameter of its constructor.

    Parameters with a default are left out when no part has their name. Raises MissingPart for the
    others, and whatever the constructor raises (ValueError for options that cannot work).
    """
    wanted: dict[str, Any] = {}
    for name, parameter in inspect.signature(made).parameters.items():
        if parameter.kind is not inspect.Parameter.KEYWORD_ONLY:
            continue
        if name in parts:
            wanted[name] = parts[name]
        elif parameter.default is inspect.Parameter.empty:
            raise MissingPart(
                f"{made.__module__}.{made.__qualname__} asks for the part {name!r}; "
                f"there are: {', '.join(sorted(parts))}"
            )
    return made(options, **wanted)
