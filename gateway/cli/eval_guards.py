"""``gatehouse eval guards``: a guard on labelled texts."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.output import config_errors_exit_2, print_json, print_table

if TYPE_CHECKING:
    from gateway.core.segments import Origin
    from gateway.evals.guard_figures import GuardFigures
    from gateway.evals.guard_report import About
    from gateway.evals.guard_run import Measured, Scored
    from gateway.evals.metrics import Share
    from gateway.evals.samples import Sample

_ORIGINS = ("system", "user", "assistant", "tool", "retrieved", "model", "tool_call")
_LEAST_BUSY = 0.6
"""The share of the time with a processor from which on latencies mean something."""


@dataclass(frozen=True, slots=True)
class _Run:
    about: "About"
    figures: "GuardFigures"


@click.command("guards")
@click.argument("data", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--guard", default="injection", show_default=True, help="The guard to measure.")
@click.option(
    "--policy",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A policy file whose rule with this guard gives options and thresholds. "
    "Default: policies/baseline.yaml if it has one, else the guard's defaults.",
)
@click.option("--rule", help="The id of the rule, where a policy has several with this guard.")
@click.option(
    "--origin",
    type=click.Choice(_ORIGINS),
    default="user",
    show_default=True,
    help="Whom texts come from that do not say so.",
)
@click.option(
    "--threshold", type=click.FloatRange(0, 1), help="A threshold in place of the rule's."
)
@click.option(
    "--field",
    "fields",
    multiple=True,
    metavar="FIELD=NAME",
    help="What text, label, family, origin or language is called in DATA; may be repeated.",
)
@click.option(
    "--per-family",
    type=click.IntRange(min=1),
    help="Take at most so many texts of each family and label, evenly spread.",
)
@click.option(
    "--config",
    "-c",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The gateway file that says which encoder and recogniser to use.",
)
@click.option(
    "--out",
    "--report",
    "report",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a report to this file: one HTML page that needs nothing else.",
)
@click.option("--texts", is_flag=True, help="Show the texts that were judged wrong in the report.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
@config_errors_exit_2
def guards_command(
    data: Path,
    guard: str,
    policy: Path | None,
    rule: str | None,
    origin: str,
    threshold: float | None,
    fields: Sequence[str],
    per_family: int | None,
    config: Path | None,
    report: Path | None,
    texts: bool,
    as_json: bool,
) -> None:
    """Measure a guard on DATA: JSON lines with a text, a label (1 or 0, attack or benign, toxic or
    clean) and a family, and if you like an origin and a language.

    Tells recall of each attack family at 0.1%, 1% and 5% false positives, with the threshold set
    on the worst benign family and on all of them; recall, over-blocking and slices at the shipped
    threshold; AUROC; and latency. Exit code 1 when the guard fails, 2 when DATA or a policy is
    wrong.

    \b
    Examples:
      gatehouse eval guards attacks.jsonl --out report.html
      gatehouse eval guards tools.jsonl --origin tool --field family=source --json
      gatehouse eval guards comments.jsonl --guard toxicity --policy policies/forum.yaml
    """
    from gateway.cli.eval_rule import measured_rule, parts_of
    from gateway.core.segments import Origin
    from gateway.evals.guard_run import GuardFailed
    from gateway.evals.samples import load_samples, thinned

    samples = load_samples(data, _names(fields))
    if per_family is not None:
        samples = thinned(samples, per_family)
    own = Origin(origin)
    origins = sorted({sample.origin or own for sample in samples})
    measured = measured_rule(guard, policy, rule, origins, threshold, parts_of(config))
    began, used = time.perf_counter(), time.process_time()
    try:
        results = asyncio.run(_run(measured, samples, own))
    except GuardFailed as error:
        raise click.ClickException(str(error)) from error
    busy = (time.process_time() - used) / (time.perf_counter() - began)
    run = _summed_up(guard, data, measured, origins, samples, results, busy)
    if report is not None:
        _write(report, run, texts)
    if as_json:
        print_json(_as_json(run))
    else:
        _print(run)


def _names(fields: Sequence[str]) -> dict[str, str]:
    from gateway.evals.samples import FIELDS

    names = {}
    for given in fields:
        field, _, name = given.partition("=")
        if field not in FIELDS or not name:
            known = ", ".join(FIELDS)
            raise click.BadParameter(
                f"{given!r} is not FIELD=NAME with a field of {known}", param_hint="--field"
            )
        names[field] = name
    return names


async def _run(
    measured: "Measured", samples: "Sequence[Sample]", origin: "Origin"
) -> "list[Scored]":
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    from gateway.evals.guard_run import run_guard
    from gateway.testing.exchanges import make_exchange

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Remaining())
    results = []
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Reading texts", total=len(samples))
        async with aclosing(run_guard(measured, samples, origin, make_exchange)) as scored:
            async for result in scored:
                results.append(result)
                bar.advance(task)
    return results


def _summed_up(
    guard: str,
    data: Path,
    measured: "Measured",
    origins: "Sequence[Origin]",
    samples: "Sequence[Sample]",
    results: "Sequence[Scored]",
    busy: float,
) -> _Run:
    from datetime import UTC, datetime

    from gateway.evals.guard_figures import figures_of
    from gateway.evals.guard_report import About
    from gateway.evals.samples import contradictions

    remarks = [
        f"{one} and {other} are the same text, labelled both ways."
        for one, other in contradictions(samples)[:3]
    ]
    if busy < _LEAST_BUSY:
        remarks.append(
            f"The guard had a processor for {busy:.0%} of the time it took: it waited for others, "
            "or the machine was busy, and latencies say little."
        )
    about = About(
        guard=guard,
        data=data.name,
        source=measured.source,
        thresholds={origin.value: measured.rule.threshold_for(origin) for origin in origins},
        made=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        remarks=remarks,
    )
    return _Run(about, figures_of(results))


def _write(path: Path, run: _Run, texts: bool) -> None:
    from gateway.evals.guard_report import guard_report

    try:
        path.write_text(guard_report(run.about, run.figures, texts=texts), encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"cannot write {path}: {error.strerror or error}") from error
    click.echo(f"report: {path}", err=True)


def _as_json(run: _Run) -> dict[str, Any]:
    from gateway.evals.guard_json import as_json
    from gateway.evals.guard_words import cautions

    about = run.about
    head = {
        "guard": about.guard,
        "data": about.data,
        "thresholds": dict(about.thresholds),
        "thresholds_from": about.source,
        "cautions": [*about.remarks, *cautions(run.figures)],
    }
    return {**head, **as_json(run.figures)}


def _print(run: _Run) -> None:
    from gateway.evals.guard_words import MOST, cautions, others
    from gateway.evals.page import number, percent

    figures, about = run.figures, run.about
    shown = ", ".join(f"{origin} {value:g}" for origin, value in about.thresholds.items())
    click.echo(f"{about.guard} on {about.data}; shipped threshold: {shown} ({about.source})")
    click.echo(
        f"recall {_share(figures.recall)}, false positives {_share(figures.alarms)}, "
        f"AUROC {number(figures.auroc)}\n"
    )
    worst = [point for point in figures.points if point.basis == "worst"]
    pooled = [point for point in figures.points if point.basis == "pooled"]
    if figures.attack_families:
        columns = ["attack family", "texts", "as shipped", "AUROC"]
        columns += [f"{percent(p.share)} worst" for p in worst]
        columns += [f"{percent(p.share)} pooled" for p in pooled]
        rows = [
            [f.name, f.recall.count, _share(f.recall), number(f.auroc)]
            + [percent(point.families[f.name].value) for point in (*worst, *pooled)]
            for f in figures.attack_families
        ]
        print_table(columns, rows, "Recall (thresholds at so many false positives)")
        click.echo()
    if figures.benign_families:
        benign = [
            [f.name, f.flagged.count, _share(f.flagged), number(f.highest)]
            for f in figures.benign_families[:MOST]
        ]
        print_table(["benign family", "texts", "flagged", "highest score"], benign, "Over-blocking")
        click.echo(f"{others(figures).strip()}\n")
    for title, slices in (("language", figures.languages), ("origin", figures.origins)):
        if slices:
            cells = [[s.name, _share(s.recall), _share(s.flagged), number(s.auroc)] for s in slices]
            print_table([title, "recall", "false positives", "AUROC"], cells)
            click.echo()
    times = ", ".join(f"{name} {value:.2f}" for name, value in figures.latency.items())
    click.echo(f"milliseconds: {times}")
    for caution in (*about.remarks, *cautions(figures)):
        click.secho(f"note: {caution}", fg="yellow", err=True)


def _share(share: "Share") -> str:
    from gateway.evals.guard_words import interval
    from gateway.evals.page import percent

    if not share.count:
        return "–"
    return f"{percent(share.value)} ({interval(share)})"
