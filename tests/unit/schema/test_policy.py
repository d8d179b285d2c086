from pathlib import Path

import pytest

from gateway.schema.loader import Document, parse
from gateway.schema.policy import PolicySpec, read_policy
from gateway.schema.problems import Problem
from gateway.schema.reader import Reader
from gateway.testing.guards import guard_registry


def read(name: str = "p", **texts: str) -> tuple[PolicySpec | None, list[Problem]]:
    documents: dict[str, Document] = {
        n: parse(text, Path(f"/policies/{n}.yaml"), environ={}) for n, text in texts.items()
    }
    reader = Reader()
    return read_policy(name, documents, guard_registry(), reader), reader.problems


def rule(keys: str, layer: str = "input") -> str:
    return f"version: 1\nlayers:\n  {layer}:\n    - {{{keys}}}\n"


@pytest.mark.parametrize(
    ("keys", "layer", "at", "message", "hint"),
    [
        ("id: a, guard: word, then: block, treshold: 1", "input", "tresh",
         "unknown key 'treshold'", "did you mean 'threshold'?"),
        ("id: a, guard: word, then: block, wrd: x", "input", "wrd",
         "unknown key 'wrd'", "did you mean 'word'?"),
        ("id: a, guard: wrod, then: block", "input", "wrod",
         "no guard 'wrod'", "did you mean 'word'?"),
        ("id: a, guard: word, then: blok", "input", "blok", "not 'blok'", "did you mean 'block'?"),
        ("id: a, guard: word", "input", "{", "the key 'then' is missing", ""),
        ("id: a, then: block", "input", "{", "the key 'guard' is missing", ""),
        ("guard: word, then: block", "input", "{", "the key 'id' is missing", "of its own"),
        ("id: 5, guard: word, then: block", "input", "5", "'id' must be text", "of its own"),
        ("id: A b, guard: word, then: block", "input", "A b", "'id' should match pattern", ""),
        ("id: a, guard: word, then: tokenize", "output", "tokenize",
         "'tokenize' hides a value from the model: it does not work in the layer 'output'", "mask"),
        ("id: a, guard: word, then: regenerate", "input", "regen",
         "'regenerate' asks the model once more: it does not work in the layer 'input'",
         "block or abstain"),
        ("id: a, guard: word, then: regenerate", "context", "regen", "once more", "block"),
        ("id: a, guard: word, then: review", "input", "review", "not available in this", ""),
        ("id: a, guard: word, then: drop", "output", "drop", "'drop' leaves out", "abstain"),
        ("id: a, guard: word, then: abstain", "context", "abstain", "'abstain' ends", "drop"),
        ("id: a, guard: word, then: flag, threshold: 2", "input", "2", "or equal to 1", ""),
        ("id: a, guard: word, then: flag, threshold: {usr: 1}", "input", "usr",
         "not 'usr'", "did you mean 'user'?"),
        ("id: a, guard: word, then: flag, threshold: {model: 1}", "input", "1",
         "no text of the layer 'input' has the origin 'model'", "here: assistant"),
        ("id: a, guard: word, then: flag, origins: [user, model]", "input", "model",
         "has the origin 'model'", ""),
        ("id: a, guard: word, then: flag, threshold: {}", "input", "{}", "should have at least",
         ""),
        ("id: a, guard: word, then: flag, mode: of", "input", "of", "not 'of'", "mean 'off'"),
        ("id: a, guard: word, then: flag, timeout: soon", "input", "soon", "not a duration", ""),
        ("id: a, guard: word, then: flag, timeout: 0", "input", "0", "greater than 0", ""),
        ("id: a, guard: word, then: flag, score: high", "input", "high", "must be a number", ""),
        ("id: a, guard: word, then: flag, word: 5", "input", "5", "'word' must be text", ""),
        ("id: a, guard: word, then: flag, when: {role: x}", "input", "role",
         "unknown key 'role'", "did you mean 'roles'?"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_rule_is_shown_at_its_place(
    keys: str, layer: str, at: str, message: str, hint: str
) -> None:
    text = rule(keys, layer)
    spec, problems = read(p=text)
    column = text.splitlines()[3].rindex(at) + 1
    assert spec is None
    assert [(p.line, p.column) for p in problems] == [(4, column)]
    assert message in problems[0].message
    assert hint in problems[0].hint


def test_all_mistakes_of_a_file_are_shown_at_once() -> None:
    text = (
        "version: 2\nextra: 1\nlayers:\n  inputt: []\n  input:\n"
        "    - {id: a, guard: wrod, then: block}\n    - nonsense\n"
        "    - {id: b, guard: word, then: blok, wrd: 1}\n    - {id: b, guard: word, then: flag}\n"
    )
    _, problems = read(p=text)
    places = sorted((p.line, p.column) for p in problems)
    assert places == [(1, 10), (2, 1), (4, 3), (6, 22), (7, 7), (8, 34), (8, 40), (9, 12)]


def test_an_empty_layer_and_no_layers_are_fine() -> None:
    spec, problems = read(p="version: 1\nlayers: {input: , final: []}\n")
    assert (spec is not None and spec.rules, problems) == ((), [])
    assert read(p="version: 1\n")[1] == []


def test_an_empty_file_says_which_keys_there_are() -> None:
    _, problems = read(p="")
    assert "empty" in problems[0].message
    assert "version" in problems[0].hint


BASE = """version: 1
layers:
  input:
    - {id: first, guard: word, word: one, then: block, threshold: 0.9}
    - {id: second, guard: word, then: mask}
"""


def test_an_inherited_rule_keeps_its_place_and_changes_the_keys_that_are_given() -> None:
    own = (
        "  input:\n    - {id: first, threshold: 0.3}\n    - {id: third, guard: word, then: flag}\n"
    )
    spec, problems = read(base=BASE, p=f"version: 1\nextends: base\nlayers:\n{own}")
    assert problems == []
    assert spec is not None
    assert [r.keys.id for r in spec.rules] == ["first", "second", "third"]
    assert spec.rules[0].keys.threshold == 0.3
    assert spec.rules[0].options.model_dump()["word"] == "one"
    assert spec.parents == ("base",)


@pytest.mark.parametrize(
    ("base", "own", "expected"),
    [("", "", 16_384), ("2000", "", 2_000), ("2000", "3000", 3_000), ("", "3000", 3_000)],
)
def test_the_ceiling_of_what_is_held_is_inherited(base: str, own: str, expected: int) -> None:
    def ceiling(number: str) -> str:
        return f"hold_characters: {number}\n" if number else ""

    spec, problems = read(base=BASE + ceiling(base), p=f"version: 1\nextends: base\n{ceiling(own)}")
    assert problems == []
    assert spec is not None
    assert spec.hold_characters == expected


@pytest.mark.parametrize(("own", "expected"), [("", 5.0), ("hold_time: 250ms\n", 0.25)])
def test_the_time_that_text_is_held_is_inherited(own: str, expected: float) -> None:
    base = BASE + "hold_time: 5s\n"
    spec, problems = read(base=base, p=f"version: 1\nextends: base\n{own}")
    assert problems == []
    assert spec is not None
    assert spec.hold_time == expected


def test_a_ceiling_below_what_a_window_needs_is_refused() -> None:
    spec, problems = read(p="version: 1\nhold_characters: 100\n")
    assert spec is None
    assert "greater than or equal to 1024" in str(problems[0])


def test_an_inherited_rule_that_names_its_guard_is_replaced_whole() -> None:
    own = "  input:\n    - {id: first, guard: word, then: flag}\n"
    spec, _ = read(base=BASE, p=f"version: 1\nextends: base\nlayers:\n{own}")
    assert spec is not None
    assert spec.rules[0].keys.threshold == 0.5
    assert spec.rules[0].options.model_dump()["word"] == "secret"


def test_a_mistake_in_an_inherited_key_is_shown_where_it_was_written() -> None:
    base = rule("id: a, guard: word, then: flag, wrd: x")
    _, problems = read(base=base, p="version: 1\nextends: base\n")
    assert [(p.file, p.line) for p in problems] == [("/policies/base.yaml", 4)]
    _, problems = read(
        base=rule("id: a, guard: word, then: flag"),
        p="version: 1\nextends: base\nlayers: {input: [{id: a, thn: block}]}\n",
    )
    assert [(p.file, p.line) for p in problems] == [("/policies/p.yaml", 3)]


def test_an_inherited_rule_cannot_move_to_another_layer() -> None:
    own = "layers: {output: [{id: first, threshold: 0.1}]}\n"
    _, problems = read(base=BASE, p=f"version: 1\nextends: base\n{own}")
    assert "stands in the layer 'input'" in problems[0].message


def test_policies_that_extend_each_other_are_refused() -> None:
    _, problems = read(p="version: 1\nextends: q\n", q="version: 1\nextends: p\n")
    assert "circle: p -> q -> p" in problems[0].message


def test_an_unknown_parent_is_reported_with_a_suggestion() -> None:
    _, problems = read(base=BASE, p="version: 1\nextends: basse\n")
    assert problems[0].hint == "did you mean 'base'?"
    assert (problems[0].line, problems[0].column) == (2, 10)
