from pathlib import Path

import pytest

from gateway.core.findings import Guard, Mode, OnError, Then
from gateway.core.rules import Layer, Policy
from gateway.core.segments import Origin
from gateway.policy.compile import (
    GuardPool,
    canonical,
    compile_policies,
    compile_policy,
    load_policies,
)
from gateway.schema.loader import parse
from gateway.schema.problems import ConfigError
from gateway.testing.exchanges import make_exchange
from gateway.testing.guards import WordGuard, WordOptions, guard_registry


def compiled(name: str = "p", **texts: str) -> Policy:
    documents = {n: parse(t, Path(f"/p/{n}.yaml"), environ={}) for n, t in texts.items()}
    return compile_policy(name, documents, guard_registry(), lambda e, o: _make(e.factory, o))


def _make(factory: type[Guard], options: object) -> Guard:
    return factory(options)  # type: ignore[call-arg]


def rules(*lines: str, layer: str = "input") -> str:
    return f"version: 1\nlayers:\n  {layer}:\n" + "".join(f"    - {{{line}}}\n" for line in lines)


def test_every_key_of_a_rule_arrives() -> None:
    policy = compiled(
        p=rules(
            "id: a, guard: word, word: x, then: mask, threshold: {user: 0.9, tool: 0.6}, "
            "origins: [user, tool], mode: shadow, on_error: allow, sample: 0.25, timeout: 500ms, "
            "mask: '***', when: {roles: r, tenants: [t], models: [m], route: k}"
        )
    )
    (rule,) = policy.rules(Layer.INPUT)
    assert (rule.id, rule.guard_name, rule.then) == ("a", "word", Then.MASK)
    assert rule.thresholds == {Origin.USER: 0.9, Origin.TOOL: 0.6}
    assert rule.origins == frozenset({Origin.USER, Origin.TOOL})
    assert (rule.mode, rule.on_error) == (Mode.SHADOW, OnError.ALLOW)
    assert (rule.sample, rule.timeout, rule.mask) == (0.25, 0.5, "***")
    assert rule.when is not None
    ex = make_exchange(roles=["r"], tenant="t", model="m", route="k")
    assert rule.when.matches(ex)
    assert not rule.when.matches(make_exchange(roles=["r"], tenant="t", model="m", route="z"))


@pytest.mark.parametrize(
    ("threshold", "origin", "expected"),
    [
        ("0.7", Origin.SYSTEM, 0.7),
        ("{user: 0.9, tool: 0.6}", Origin.USER, 0.9),
        ("{user: 0.9, tool: 0.6}", Origin.SYSTEM, 0.6),
        ("{user: 0.9, default: 0.2}", Origin.SYSTEM, 0.2),
        ("{default: 0.85, tool: 0.6}", Origin.USER, 0.85),
    ],
)
def test_origins_without_a_threshold_take_the_default_or_the_strictest(
    threshold: str, origin: Origin, expected: float
) -> None:
    policy = compiled(p=rules(f"id: a, guard: word, then: flag, threshold: {threshold}"))
    assert policy.rules(Layer.INPUT)[0].threshold_for(origin) == expected


def test_equal_rules_share_one_guard_across_policies() -> None:
    texts = {
        "p": rules("id: a, guard: word, then: mask", "id: b, guard: word, then: flag"),
        "q": rules("id: c, guard: word, then: flag", "id: d, guard: word, word: x, then: flag"),
    }
    documents = {n: parse(t, Path(f"/p/{n}.yaml")) for n, t in texts.items()}
    made = compile_policies(documents, guard_registry(), lambda e, o: _make(e.factory, o))
    guards = [rule.guard for p in made.values() for rule in p.rules(Layer.INPUT)]
    assert guards[0] is guards[1] is guards[2]
    assert guards[3] is not guards[0]


def test_a_rule_that_is_off_is_not_built() -> None:
    policy = compiled(p=rules("id: a, guard: word, word: '', then: flag, mode: off"))
    assert policy.rules(Layer.INPUT) == ()


def test_a_guard_that_refuses_its_options_is_a_problem_of_the_rule() -> None:
    with pytest.raises(ConfigError) as caught:
        compiled(p=rules("id: a, guard: word, word: '', then: flag"))
    assert "'word' refuses its options: the word is empty" in str(caught.value)
    assert caught.value.problems[0].line == 4


def test_problems_of_all_policies_are_shown_at_once() -> None:
    texts = {"p": rules("id: a, guard: wrd, then: flag"), "q": "version: 2\n"}
    documents = {n: parse(t, Path(f"/p/{n}.yaml")) for n, t in texts.items()}
    with pytest.raises(ConfigError) as caught:
        compile_policies(documents, guard_registry(), lambda e, o: _make(e.factory, o))
    assert {p.file for p in caught.value.problems} == {"/p/p.yaml", "/p/q.yaml"}


def test_an_unknown_policy_is_named_with_a_suggestion() -> None:
    with pytest.raises(ConfigError, match="did you mean 'p'"):
        compiled("pp", p="version: 1\n")


LINE = "id: a, guard: word, then: flag"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (LINE, "then: flag, guard: word, id: a", True),
        (LINE, LINE + ", threshold: 0.5, word: secret", True),
        (LINE, LINE + ", threshold: 0.6", False),
        (LINE, LINE + ", word: other", False),
        (LINE, LINE + ", on_error: allow", False),
        (LINE + ", when: {roles: [x, y, z]}", LINE + ", when: {roles: [z, y, x]}", True),
    ],
)
def test_the_hash_follows_what_is_in_effect_not_how_it_is_written(
    one: str, other: str, same: bool
) -> None:
    hashes = compiled(p=rules(one)).hash, compiled(p=rules(other)).hash
    assert (hashes[0] == hashes[1]) is same
    assert len(hashes[0]) == 64


def test_the_hash_of_an_inherited_policy_changes_with_its_parent() -> None:
    child = "version: 1\nextends: base\n"
    before = compiled(p=child, base=rules(LINE)).hash
    assert compiled(p=child, base=rules(LINE + ", word: x")).hash != before
    assert compiled(p=rules(LINE)).hash == before


def test_a_ceiling_of_its_own_counts_for_the_hash_and_reaches_the_request_path() -> None:
    policy = compiled(p=rules(LINE) + "\nhold_characters: 2000\n")
    assert policy.hold_characters == 2_000
    assert policy.hash != compiled(p=rules(LINE)).hash
    assert (
        compiled(p=rules(LINE) + "\nhold_characters: 16384\n").hash == compiled(p=rules(LINE)).hash
    )


def test_a_time_that_text_is_held_counts_for_the_hash_and_reaches_the_request_path() -> None:
    policy = compiled(p=rules(LINE) + "\nhold_time: 5s\n")
    assert policy.hold_time == 5.0
    assert policy.hash != compiled(p=rules(LINE)).hash
    assert compiled(p=rules(LINE)).hold_time is None


def test_the_order_of_rules_counts_for_the_hash() -> None:
    second = "id: b, guard: word, then: flag"
    assert compiled(p=rules(LINE, second)).hash != compiled(p=rules(second, LINE)).hash


def test_a_pool_asks_for_each_guard_once() -> None:
    asked: list[object] = []

    def make(entry: object, options: object) -> Guard:
        asked.append(options)
        return WordGuard(WordOptions.model_validate(options))

    pool = GuardPool(make)
    entry = guard_registry().get("word")
    assert pool.get(entry, WordOptions()) is pool.get(entry, WordOptions())
    assert len(asked) == 1


def test_canonical_data_is_the_same_for_equal_sets() -> None:
    assert canonical({"a": frozenset({"y", "x"}), "b": (Then.FLAG,)}) == {
        "a": ["x", "y"],
        "b": ["flag"],
    }


def test_a_folder_with_broken_files_names_all_of_them(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("a: [")
    (tmp_path / "b.yaml").write_text("a: 1\na: 2\n")
    with pytest.raises(ConfigError) as caught:
        load_policies(tmp_path, environ={})
    assert len(caught.value.problems) == 2
    with pytest.raises(ConfigError, match="no such folder"):
        load_policies(tmp_path / "nowhere")
