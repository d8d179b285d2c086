"""``gatehouse eval``: figures of detectors and of grounded answers."""

import click

from gateway.cli.eval_guards import guards_command
from gateway.cli.eval_rag import rag_command


@click.group("eval")
def eval_group() -> None:
    """Measure guards on labelled texts, and answers on golden questions.

    \b
    Examples:
      gatehouse eval guards attacks.jsonl --report guard.html
      gatehouse eval rag config/handbook.golden.yaml
    """


eval_group.add_command(guards_command)
eval_group.add_command(rag_command)
