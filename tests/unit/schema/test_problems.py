from gateway.schema.problems import ConfigError, Problem, suggestion


def test_a_problem_shows_place_line_caret_and_hint() -> None:
    problem = Problem(
        "a.yaml", 3, 5, "unknown key 'treshold'", "did you mean 'threshold'?", "    x"
    )
    assert str(problem) == (
        "a.yaml:3:5: unknown key 'treshold'\n"
        "        x\n"
        "        ^\n"
        "  hint: did you mean 'threshold'?"
    )


def test_a_problem_of_a_whole_file_has_no_line() -> None:
    assert str(Problem("a.yaml", 0, 0, "there is no such file")) == "a.yaml: there is no such file"


def test_the_caret_stands_under_the_column_after_a_tab() -> None:
    lines = str(Problem("a.yaml", 1, 2, "m", source_line="\tx")).splitlines()
    assert lines[1:] == ["    \tx", "    \t^"]


def test_problems_are_shown_in_the_order_of_the_file_and_once() -> None:
    late, early = Problem("a", 9, 1, "late"), Problem("a", 2, 1, "early")
    error = ConfigError([late, early, late])
    assert error.problems == (early, late)
    assert str(error) == "a:2:1: early\na:9:1: late"


def test_a_near_miss_is_suggested_else_what_is_known() -> None:
    assert suggestion("treshold", ["threshold", "then"]) == "did you mean 'threshold'?"
    assert suggestion("zzz", ["b", "a"]) == "known here: a, b"
    assert suggestion("zzz", []) == ""
