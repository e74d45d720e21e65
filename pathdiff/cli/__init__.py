"""The command line: options in, one call, a rendering out. Each command imports what it needs when it runs."""

from __future__ import annotations

import click

from pathdiff import __version__
from pathdiff.cli.answering import Commands
from pathdiff.cli.check import check
from pathdiff.cli.code import generate
from pathdiff.cli.cost import cost
from pathdiff.cli.draw import draw
from pathdiff.cli.eval import evaluate
from pathdiff.cli.explain import explain
from pathdiff.cli.new import new
from pathdiff.cli.paths import paths
from pathdiff.cli.train import train


@click.group(cls=Commands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="pathdiff")
@click.pass_context
def main(context: click.Context) -> None:
    """The chain rule made visible.

    Reads a composite function as a graph, and derives it as a sum over paths and by reverse mode.
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())
        context.exit()


for _command in (explain, check, paths, cost, evaluate, draw, generate, new, train):
    main.add_command(_command)
