"""What the front door says in a terminal: steps, bars, closing tables, and the end of what went wrong."""

import json
import re
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from functools import wraps
from importlib.metadata import requires
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Column, Table

from features.errors import NoRoom
from features.records.disk import alone

if TYPE_CHECKING:  # it loads pandas and DuckDB, which a command that needs neither should not wait for
    from features.records.report import Report

console = Console(highlight=False, soft_wrap=True)
INTERRUPTED, UNEXPECTED, NOT_INSTALLED = 130, 70, 69
PROJECT = "inclusive-pathways"
NAMED_OTHERWISE = {"sklearn": "scikit-learn"}  # modules whose package has another name


def say(sentence: str) -> None:
    """One sentence, as it is."""
    console.print(sentence, markup=False)


def writes(command: Callable[..., None]) -> Callable[..., None]:
    """A command that is alone at its `out`: while one runs, a second one there is refused at once."""
    called = signature(command)

    @wraps(command)
    def alone_there(*arguments: Any, **options: Any) -> None:
        given = called.bind(*arguments, **options)
        given.apply_defaults()
        with alone(given.arguments["out"]) if given.arguments["out"] else nullcontext():
            command(*arguments, **options)

    return alone_there


@contextmanager
def steps(what: str) -> Iterator[Callable[[str], None]]:
    """Tell each step of a job as it begins; the display goes when the job is done."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(what)
        yield lambda step: progress.update(task, description=f"{what}: {step}")


@contextmanager
def reading() -> Iterator[Callable[[str, int, int | None], None]]:
    """A bar a table, for whoever reads an extract."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        tasks: dict[str, Any] = {}

        def told(table: str, rows: int, total: int | None) -> None:
            if table not in tasks:
                tasks[table] = progress.add_task(table, total=total)
            progress.update(tasks[table], advance=rows, total=total)

        yield told


def say_import(found: "Report", report: Path | None) -> None:
    """The closing table of an import or check, what to know of it, and the report as JSON where asked.

    Raises
    ------
    NoRoom
        The report's file cannot be written; all else is done by then.
    """
    # Folded and never cut, however narrow the screen: a cut name or number is a wrong one.
    titles = ("table", "read", "kept", "rejected", "repaired cells", "notes")
    table = Table(*(Column(title, overflow="fold") for title in titles), box=SIMPLE_HEAD, pad_edge=False)
    for name, *numbers, notes in found.closing_rows():
        table.add_row(name, *(f"{number:,}" for number in numbers), notes)
    console.print(table)
    for line in found.closing_lines():
        say(line)
    for sentence in found.sentences():
        say(sentence)
    if report:
        try:
            report.write_text(json.dumps(found.as_dict(), indent=1, default=str) + "\n")
        except OSError as error:
            with suppress(OSError):
                report.unlink()
            raise NoRoom(
                f"{report} could not be written ({error.strerror}); all else is done. Make room, or name another file next time."
            ) from None


def say_audit(facts: Mapping[str, Any], out: Path) -> None:
    """How many findings an audit has, and where it is."""
    findings = facts["findings"]
    blocking = sum(finding["severity"] == "blocks" for finding in findings)
    say(
        f"The audit has findings: {len(findings)}; in the way of a release: {blocking}. Open {out / 'audit.html'}"
    )


def say_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table of text; one without rows says so."""
    table = Table(*columns)
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    console.print(table)
    if not rows:
        say("None.")


def run_and_end(app: typer.Typer) -> None:
    """Run what was typed; what the user can put right ends in one clear message and its own exit code."""
    try:
        # Typer answers Ctrl-C with a return value where it is not left to end the process itself.
        if app(standalone_mode=False) == INTERRUPTED:
            raise KeyboardInterrupt
    except (typer.Abort, KeyboardInterrupt):
        end(INTERRUPTED, "Stopped. Nothing half-written is left.")
    except ModuleNotFoundError as error:
        if not (extra := extra_with(error.name or "")):
            end_unexpected(error)
        end(
            NOT_INSTALLED,
            f"This command needs {error.name}, which is not installed here. "
            f"Install what it belongs to: pip install '{PROJECT}[{extra}]', or uv sync --extra {extra}",
        )
    except Exception as error:
        code = getattr(error, "exit_code", None)
        if code is not None:
            end(code, *(mistyped(error) or getattr(error, "breaches", (str(error),))))
        end_unexpected(error)


def end_unexpected(error: Exception) -> NoReturn:
    """End with a mistake of ours; never the error's own words: they can hold a pupil's values."""
    where = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{type(error).__name__} in {Path(where.filename).name}, line {where.lineno}"
    end(UNEXPECTED, f"Something went wrong that should not have: {place}. Report that; send no records.")


def extra_with(module: str) -> str:
    """The extra of this project that a module is installed with; empty where it is none's."""
    top = module.split(".")[0]
    package = NAMED_OTHERWISE.get(top, top).replace("_", "-").lower()
    for requirement in requires(PROJECT) or ():
        name, _, marker = requirement.partition(";")
        if (extra := re.search(r"extra == ['\"](\w+)['\"]", marker)) and re.split(r"[^\w-]", name)[
            0
        ].lower() == package:
            return extra[1]
    return ""


def mistyped(error: Any) -> tuple[str, ...]:
    """What is wrong with the words that were typed, the option it is about, and where to look; empty for other errors."""
    if not hasattr(error, "format_message"):
        return ()
    ctx = getattr(error, "ctx", None)
    # However it was started ("pathways", "python -m pathways"), only what stands behind its name is a command.
    command = ctx.command_path.removeprefix(ctx.find_root().command_path) if ctx else ""
    return error.format_message(), f"What it takes: pathways{command} --help"


def end(code: int, *sentences: str) -> NoReturn:
    """Say what was wrong, a line a breach, and stop with an exit code."""
    print(*sentences, sep="\n", file=sys.stderr)
    sys.exit(code)
