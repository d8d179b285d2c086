"""``gatehouse eval rag``: golden questions, asked of the real pipeline."""

import asyncio
import json
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.output import config_errors_exit_2, print_json, print_table

if TYPE_CHECKING:
    from gateway.evals.answers import AnswerJudge
    from gateway.evals.golden import Golden
    from gateway.evals.rag_figures import Comparison, Run
    from gateway.evals.rag_run import Timed

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_NEW_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("rag")
@click.argument("golden", type=_FILE)
@click.option(
    "--baseline", type=_FILE, help="A saved run to compare with; worse than it is exit code 1."
)
@click.option("--save", type=_NEW_FILE, help="Save this run to a file, as JSON.")
@click.option(
    "--out",
    "--report",
    "report",
    type=_NEW_FILE,
    help="Write a report to this file: one HTML page.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the run as JSON.")
@config_errors_exit_2
def rag_command(
    golden: Path, baseline: Path | None, save: Path | None, report: Path | None, as_json: bool
) -> None:
    """Ask the questions of GOLDEN, a YAML file with what must be found and said.

    Runs the real pipeline in this process, on stores of its own: hit rate, MRR, nDCG@10, recall@k,
    facts, abstention, faithfulness, citations, latency, cost. Exit code 1 when a metric is worse
    than the baseline's by more than the file's tolerances, 2 when a file is wrong.

    \b
    Examples:
      gatehouse eval rag config/handbook.golden.yaml --out answers.html
      gatehouse eval rag config/handbook.golden.yaml --save config/handbook.baseline.json
      gatehouse eval rag config/handbook.golden.yaml --baseline config/handbook.baseline.json
    """
    from gateway.evals.golden import load_golden
    from gateway.evals.rag_figures import as_json as saved
    from gateway.evals.rag_figures import compare

    keys = load_golden(golden)
    before = _baseline(baseline)
    run = asyncio.run(_asked(keys))
    comparison = compare(before, run, keys.keys.tolerances) if before is not None else None
    if save is not None:
        _write(save, json.dumps(saved(run), indent=1, ensure_ascii=False) + "\n", "saved")
    if report is not None:
        _write(report, _page(run, comparison), "report")
    if as_json:
        print_json(_document(run, comparison))
    else:
        _print(run, comparison)
    if comparison is not None and comparison.regressions:
        raise SystemExit(1)


def _baseline(path: Path | None) -> "Run | None":
    from gateway.evals.rag_figures import run_from
    from gateway.schema.problems import ConfigError, Problem

    if path is None:
        return None
    try:
        return run_from(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        hint = "make it anew with --save"
        raise ConfigError([Problem(str(path), 0, 0, f"is no saved run: {error}", hint)]) from None


async def _asked(golden: "Golden") -> "Run":
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from gateway.cli.eval_site import open_site
    from gateway.evals.rag_figures import run_of
    from gateway.evals.rag_run import run_golden

    keys = golden.keys
    judge, scorer = _judge(golden)
    timed: list[Timed] = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Asking", total=len(keys.questions))
        async with (
            open_site(golden) as site,
            aclosing(run_golden(keys, site.ask, judge)) as asked,
        ):
            async for one in asked:
                timed.append(one)
                bar.advance(task)
            answerer = site.answerer
    name = Path(golden.file).name
    return run_of(name, answerer, scorer, keys.recall_at, timed, keys.prices)


def _judge(golden: "Golden") -> "tuple[AnswerJudge, str]":
    """Who judges answers, and by what name. Falls back to plain words, and says so, when no model
    of support is installed."""
    from gateway.encoder.model_file import SHIPPED, ModelFileError
    from gateway.encoder.support import LexicalSupport, SupportScorer
    from gateway.encoder.support_model import read_figures
    from gateway.evals.answers import AnswerJudge, WordSupport

    scorer = golden.keys.scorer
    if scorer == "words":
        return AnswerJudge(WordSupport()), scorer
    try:
        read_figures(SHIPPED)
    except ModelFileError as error:
        click.secho(
            f"warning: scorer 'words' in place of {scorer!r}: {error}", fg="yellow", err=True
        )
        return AnswerJudge(WordSupport()), "words"
    return AnswerJudge(SupportScorer() if scorer == "model" else LexicalSupport()), scorer


def _page(run: "Run", comparison: "Comparison | None") -> str:
    from datetime import UTC, datetime

    from gateway.evals.rag_report import rag_report

    return rag_report(run, datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"), comparison)


def _write(path: Path, text: str, what: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"cannot write {path}: {error.strerror or error}") from error
    click.echo(f"{what}: {path}", err=True)


def _document(run: "Run", comparison: "Comparison | None") -> dict[str, Any]:
    from gateway.evals.rag_figures import as_json

    document = as_json(run)
    if comparison is not None:
        document["comparison"] = {
            "regressed": [change.metric for change in comparison.regressions],
            "changes": [
                {
                    "metric": change.metric,
                    "before": change.before,
                    "after": change.after,
                    "tolerance": change.tolerance,
                    "regressed": change.regressed,
                }
                for change in comparison.changes
            ],
            "worse": list(comparison.worse),
            "notes": list(comparison.notes),
        }
    return document


def _print(run: "Run", comparison: "Comparison | None") -> None:
    from gateway.evals.rag_figures import shortcomings
    from gateway.evals.rag_report import name_of, shown, word_for

    click.echo(f"{run.golden}: {len(run.rows)} questions, answered by {run.model}\n")
    if comparison is None:
        rows = [[name_of(name), shown(name, value)] for name, value in run.metrics().items()]
        print_table(["metric", ""], rows)
    else:
        cells = [
            [
                name_of(change.metric),
                shown(change.metric, change.before),
                shown(change.metric, change.after),
                "" if change.tolerance is None else shown("", change.tolerance),
                word_for(change),
            ]
            for change in comparison.changes
        ]
        print_table(["metric", "baseline", "this run", "tolerance", ""], cells)
    times = ", ".join(f"{name} {ms:.1f}" for name, ms in run.timing.items())
    cost = "" if run.cost is None else f"; cost {run.cost:.4f}"
    click.echo(f"\nmilliseconds: {times}{cost}")
    for row, said in shortcomings(run.rows):
        click.echo(f"  {row.id}: {said}{f' ({row.detail})' if row.detail else ''}")
    if comparison is None:
        return
    for note in comparison.notes:
        click.secho(f"note: {note}", fg="yellow", err=True)
    if comparison.regressions:
        click.echo("\nworse than the baseline:")
        for line in comparison.worse:
            click.echo(f"  {line}")
    else:
        click.echo("no worse than the baseline")
