"""The commands: `pathways`, or `python -m pathways`. A file for each kind of user."""

import typer

import pathways
from pathways import demo, evidence, lists, models, records, releases
from serving.commands import app as service
from serving.terminal import run_and_end

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help=(pathways.__doc__ or "").splitlines()[0],
)
for each in (records, models, releases, lists, demo):
    app.add_typer(each.app)
app.add_typer(evidence.app, name="evidence")
app.add_typer(service)


def main() -> None:
    """Run a command; what the user can put right ends in one clear message and its own exit code."""
    run_and_end(app)
