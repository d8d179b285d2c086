"""What is kept of texts that were read."""

import numpy as np

from gateway.encoder.memory import TextMemory, size_of
from gateway.ports.encoder import Encoding, Window


def encoding(tokens: int = 10) -> Encoding:
    unit = np.zeros(8, dtype=np.float32)
    places = np.zeros(tokens, dtype=np.int32)
    tags = np.zeros((tokens, 4), dtype=np.float32)
    return Encoding((Window(0, 1, unit, unit, places, places, tags),), unit)


ONE = size_of(encoding())


def test_what_was_put_is_there() -> None:
    memory = TextMemory(10 * ONE, size_of)
    kept = encoding()
    memory.put(memory.key("a", "text"), kept)
    assert memory.get(memory.key("a", "text")) is kept
    assert memory.get(memory.key("a", "other")) is None


def test_scopes_do_not_share() -> None:
    memory = TextMemory(10 * ONE, size_of)
    memory.put(memory.key("a", "text"), encoding())
    assert memory.get(memory.key("b", "text")) is None


def test_what_was_not_used_for_longest_goes_first() -> None:
    memory = TextMemory(2 * ONE, size_of)
    one, two, three = (memory.key("a", text) for text in ("1", "2", "3"))
    memory.put(one, encoding())
    memory.put(two, encoding())
    memory.get(one)
    memory.put(three, encoding())
    assert memory.get(two) is None
    assert memory.get(one) is not None
    assert memory.get(three) is not None


def test_the_limit_holds_in_bytes() -> None:
    memory = TextMemory(5 * ONE, size_of)
    for number in range(100):
        memory.put(memory.key("a", str(number)), encoding(1 + number % 40))
        assert memory.size <= 5 * ONE


def test_what_is_larger_than_the_memory_is_not_kept_and_drives_nothing_out() -> None:
    memory = TextMemory(2 * ONE, size_of)
    small = memory.key("a", "small")
    memory.put(small, encoding())
    memory.put(memory.key("a", "large"), encoding(10_000))
    assert memory.get(small) is not None
    assert memory.get(memory.key("a", "large")) is None


def test_putting_twice_counts_once() -> None:
    memory = TextMemory(10 * ONE, size_of)
    for _ in range(3):
        memory.put(memory.key("a", "text"), encoding())
    assert memory.size == ONE


def test_keys_say_nothing_of_texts_to_who_has_another_memory() -> None:
    assert TextMemory(1, size_of).key("a", "text") != TextMemory(1, size_of).key("a", "text")


def test_half_a_surrogate_pair_has_a_key() -> None:
    memory = TextMemory(1, size_of)
    assert memory.key("a", "\ud83d") != memory.key("a", "\ud83e")
