"""Names to implementations, with the options each of them takes."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Generic, TypeVar

from pydantic import BaseModel

T = TypeVar("T")


class RegistryError(Exception):
    """A name that is taken twice or not known at all."""


@dataclass(frozen=True, slots=True)
class Entry(Generic[T]):
    """One implementation: its name in YAML, its class, its options, its one-line description."""

    name: str
    factory: type[T]
    options: type[BaseModel]

    @property
    def summary(self) -> str:
        return (self.factory.__doc__ or "").strip().splitlines()[0] if self.factory.__doc__ else ""


class Registry(Generic[T]):
    """The implementations of one kind ("stage", "guard", "provider")."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._entries: dict[str, Entry[T]] = {}

    def add(self, name: str, factory: type[T], options: type[BaseModel]) -> None:
        """Raises RegistryError when the name is taken."""
        if name in self._entries:
            taken = self._entries[name].factory
            raise RegistryError(
                f"{self.kind} {name!r} is defined twice: {taken.__module__}.{taken.__qualname__} "
                f"and {factory.__module__}.{factory.__qualname__}"
            )
        self._entries[name] = Entry(name, factory, options)

    def get(self, name: str) -> Entry[T]:
        """Raises RegistryError with a suggestion when there is no such name."""
        entry = self._entries.get(name)
        if entry is None:
            raise RegistryError(f"unknown {self.kind} {name!r}{did_you_mean(name, self._entries)}")
        return entry

    def __iter__(self) -> Iterator[Entry[T]]:
        return iter(sorted(self._entries.values(), key=lambda entry: entry.name))

    def __contains__(self, name: object) -> bool:
        return name in self._entries


def did_you_mean(name: str, known: "dict[str, Entry[T]] | list[str]") -> str:
    """`` (did you mean 'x'?)`` or, when nothing is close, the list of what is known."""
    close = get_close_matches(name, list(known), n=1, cutoff=0.6)
    if close:
        return f" (did you mean {close[0]!r}?)"
    return f" (known: {', '.join(sorted(known))})" if known else ""
