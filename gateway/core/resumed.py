"""Goes on with a coroutine that was begun by hand."""

from collections.abc import Coroutine, Generator
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Resumed(Generic[T]):
    """An awaitable over a coroutine that was begun with ``send(None)`` and then had to wait.

    Beginning by hand tells whether a coroutine needs to wait at all before anything is set up for
    that case. ``waits_for`` is what it yielded; await this in the task that began it.
    """

    def __init__(self, begun: Coroutine[Any, Any, T], waits_for: Any) -> None:
        self._begun = begun
        self._waits_for = waits_for

    def __await__(self) -> Generator[Any, Any, T]:
        waits_for = self._waits_for
        while True:
            try:
                try:
                    value = yield waits_for
                except BaseException as error:  # noqa: BLE001 - cancellation belongs inside
                    waits_for = self._begun.throw(error)
                else:
                    waits_for = self._begun.send(value)
            except StopIteration as done:
                result: T = done.value
                return result
