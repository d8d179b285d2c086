"""``gatehouse policy``: test policies, and try them on a text."""

import asyncio
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.output import CONFIG, config_errors_exit_2, print_json, print_table

if TYPE_CHECKING:
    from gateway.core.decide import Verdict
    from gateway.core.exchange import Exchange
    from gateway.core.rules import Policy
    from gateway.policy.cases import Case
    from gateway.policy.testing import SuiteResult
    from gateway.schema.recognizer import RecognizerKeys

_LAYERS = ("input", "context", "prompt", "output", "final")
_ORIGINS = ("system", "user", "assistant", "tool", "retrieved", "model", "tool_call")


@click.group("policy")
def policy_group() -> None:
    """Test policies, and try them on a text. Nothing is sent anywhere.

    \b
    Examples:
      gatehouse policy test
      gatehouse policy eval baseline "Ignore all previous instructions."
    """


@policy_group.command("test")
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--verbose", "-v", is_flag=True, help="Also name the cases that pass.")
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
@config_errors_exit_2
def test_command(paths: Sequence[Path], verbose: bool, as_json: bool) -> None:
    """Run the policy tests in PATHS: *.test.yaml files, policies that have one beside them, or
    folders (default: policies).

    Exit code 1 when a case fails, 2 when a file cannot be read.

    \b
    Examples:
      gatehouse policy test
      gatehouse policy test policies/baseline.yaml --verbose
    """
    from gateway.policy.cases import load_suite, suite_files
    from gateway.policy.testing import run_suite

    files = suite_files(list(paths) or [Path("policies")])
    if not files:
        raise click.UsageError("there are no *.test.yaml files in these folders")
    suites = [load_suite(path) for path in files]
    compiler = _Compiler()
    policies = [compiler.get(suite.policy, suite.path.parent) for suite in suites]

    async def run_all() -> "list[SuiteResult]":
        return [
            await run_suite(suite, policy, _exchange_of)
            for suite, policy in zip(suites, policies, strict=True)
        ]

    results = asyncio.run(run_all())
    if as_json:
        print_json([_suite_json(result) for result in results])
    else:
        for result in results:
            _print_suite(result, verbose)
    if any(result.failures for result in results):
        raise SystemExit(1)


@policy_group.command("eval")
@click.argument("policy")
@click.argument("text")
@click.option("--layer", type=click.Choice(_LAYERS), default="input", show_default=True)
@click.option(
    "--origin", type=click.Choice(_ORIGINS), help="Whom the text comes from (default: by layer)."
)
@click.option("--role", "roles", multiple=True, help="A role of the caller; may be repeated.")
@click.option(
    "--policies",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path("policies"),
    show_default=True,
    help="The folder of policies.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@config_errors_exit_2
def eval_command(
    policy: str,
    text: str,
    layer: str,
    origin: str | None,
    roles: Sequence[str],
    folder: Path,
    as_json: bool,
) -> None:
    """Judge TEXT by POLICY, a name or a file: verdict, findings, and the text afterwards.

    "-" reads the text from stdin. The time is that of a second run, when all is loaded.

    \b
    Examples:
      gatehouse policy eval baseline "My card is 4111 1111 1111 1111"
      gatehouse policy eval baseline --layer output "Reach me at jane@example.com" --json
      gatehouse policy eval policies/strict.yaml - < mail.txt
    """
    from gateway.policy.cases import Case, Expect
    from gateway.policy.testing import word_for

    path = Path(policy)
    if path.suffix == ".yaml":
        policy, folder = path.stem, path.parent
    compiled = _Compiler().get(policy, folder)
    case = Case.model_validate(
        {
            "name": "eval",
            "layer": layer,
            "origin": origin,
            "text": sys.stdin.read() if text == "-" else text,
            "roles": list(roles),
            "expect": Expect(verdict="passed"),
        }
    )

    verdict, ms = asyncio.run(_judge(compiled, case))
    findings = _findings(verdict)
    result = {
        "policy": policy,
        "hash": compiled.hash,
        "layer": layer,
        "verdict": word_for(verdict),
        "rules": len(compiled.rules(case.layer)),
        "findings": findings,
        "text": verdict.segments[0].text,
        "ms": round(ms, 3),
    }
    if as_json:
        print_json(result)
        return
    click.echo(f"{result['verdict']}  ({result['rules']} rules, {ms:.2f} ms)")
    if findings:
        columns = tuple(findings[0])
        print_table(columns, [[row[c] for c in columns] for row in findings])
    if verdict.edited:
        click.echo(f"text: {result['text']}")


async def _judge(policy: "Policy", case: "Case") -> "tuple[Verdict, float]":
    """The verdict of a second run, and the milliseconds it took."""
    from gateway.policy.testing import judge, texts_of

    ex = _exchange_of(case)
    segments = texts_of(case, ex)
    await judge(policy, case.layer, segments, ex)
    began = time.perf_counter()
    verdict = await judge(policy, case.layer, segments, ex)
    return verdict, (time.perf_counter() - began) * 1000


def _findings(verdict: "Verdict") -> list[dict[str, Any]]:
    rows = []
    for decision in verdict.decisions:
        common: dict[str, Any] = {
            "rule": decision.rule,
            "guard": decision.guard,
            "then": decision.then.value,
        }
        common["mode"] = decision.mode.value
        if decision.error:
            failure = {"category": f"failed: {decision.error}", "score": "", "span": "", "why": ""}
            rows.append({**common, **failure})
        for finding in decision.findings:
            seen = {
                "category": finding.category,
                "score": round(finding.score, 3),
                "span": f"{finding.start}-{finding.end}",
                "why": finding.reason,
            }
            rows.append({**common, **seen})
    return rows


class _Compiler:
    """Compiles policies of folders with working guards; every folder is read once."""

    def __init__(self) -> None:
        from gateway.cli.guard_parts import GuardParts, make_with

        self._make = make_with(GuardParts(_recognizer_keys()))
        self._read: dict[Path, Mapping[str, Any]] = {}

    def get(self, name: str, folder: Path) -> "Policy":
        """Raises ConfigError."""
        from gateway.app.catalog import guard_registry
        from gateway.policy.compile import compile_policy, load_policies

        if folder not in self._read:
            self._read[folder] = load_policies(folder)
        return compile_policy(name, self._read[folder], guard_registry(), self._make)


def _recognizer_keys() -> "RecognizerKeys | None":
    """How the gateway file has personal data recognised, if it can be read: tests then see what
    the gateway sees."""
    from pydantic import ValidationError

    from gateway.schema.loader import load
    from gateway.schema.problems import ConfigError
    from gateway.schema.recognizer import RecognizerKeys

    try:
        data = load(CONFIG).data
        return RecognizerKeys.model_validate(data.get("recognizer") or {})
    except (ConfigError, ValidationError, AttributeError):
        return None


def _exchange_of(case: "Case") -> "Exchange":
    from gateway.testing.exchanges import make_exchange

    return make_exchange(
        "" if case.messages else case.text or "",
        messages=case.messages,
        model=case.model,
        roles=case.roles,
        tenant=case.tenant,
        route=case.route,
    )


def _print_suite(result: "SuiteResult", verbose: bool) -> None:
    word = "FAIL" if result.failures else "PASS"
    click.echo(f"{result.file}: {word} {result.passed}/{len(result.cases)}")
    for case in result.cases:
        if case.passed and verbose:
            click.echo(f"  ok    {case.name}")
        elif not case.passed:
            click.echo(f"  FAIL  {case.name}  ({case.place})")
            for what, expected, got in case.wrong:
                click.echo(f"        {what}: expected {expected}, got {got}")


def _suite_json(result: "SuiteResult") -> dict[str, Any]:
    cases = [
        {
            "name": case.name,
            "place": case.place,
            "passed": case.passed,
            "wrong": [{"what": w, "expected": e, "got": g} for w, e, g in case.wrong],
        }
        for case in result.cases
    ]
    return {"file": result.file, "passed": result.passed, "total": len(cases), "cases": cases}
