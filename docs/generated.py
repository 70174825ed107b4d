"""Reference pages made from the declarations, so that nothing on them is written twice."""

import ast
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from typer.main import get_command

from features.codes import code_set
from features.contract.breaks import declared
from features.dictionary import dictionary
from features.involvements import KINDS
from features.matrix import FEATURES
from features.status import STATUSES
from features.table import Column, Table
from features.tables import TABLES
from models.audit_attributes import AUDIT_ATTRIBUTES
from models.audit_rates import RATES
from models.facts.schemas import RECORDS, schema
from serving.database.retention import CLASSES
from serving.terminal import INTERRUPTED, NOT_INSTALLED, UNEXPECTED

TOP = Path(__file__).resolve().parent.parent
ROOMS = ("features", "models", "training", "serving")
UNNAMED = 1  # the kinds of refusal that others are of
OF_EVERY_COMMAND = {
    2: "The command was not typed as it should be.",
    NOT_INSTALLED: "What the command needs is not installed; the message names the extra that brings it.",
    UNEXPECTED: "A mistake of ours: please report it, without records.",
    INTERRUPTED: "Stopped with Ctrl-C. Nothing half-written is left.",
}


def write_pages(folder: Path) -> None:
    """Write every page of `PAGES` as Markdown into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, (title, opening, body) in PAGES.items():
        text = "\n".join(body())
        heading = "" if text.startswith("# ") else f"# {title}\n\n{opening}\n\n"
        (folder / f"{name}.md").write_text(f"{heading}{text}\n", encoding="utf-8")


def table(header: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """A Markdown table, a line at a time."""
    names = list(header)
    yield f"| {' | '.join(names)} |"
    yield f"|{'---|' * len(names)}"
    for row in rows:
        yield f"| {' | '.join(' '.join(str(cell).split()).replace('|', '/') for cell in row)} |"
    yield ""


def tables() -> Iterator[str]:
    for each in TABLES.values():
        yield f"## {each.name}\n"
        yield f"One row is {each.row}. {each.defects}\n"
        yield from _key(each)
        yield from table(
            ("column", "kind", "may be blank", "holds"),
            ((column.name, column.kind, _blank(column), _holds(column)) for column in each.columns),
        )


def _key(each: Table) -> Iterator[str]:
    if each.lag_days:
        yield f"Known {each.lag_days} days after its own date where `recorded_on` is blank.\n"
    if each.key:
        yield f"A second, different row of the same {', '.join(each.key)} is rejected.\n"


def _blank(column: Column) -> str:
    if column.is_required:
        return "no: the row is rejected"
    return "yes, and the column must be there" if column.must_exist else "yes"


def _holds(column: Column) -> str:
    if column.codes:
        return f"a code of [{column.codes}](codes.md#{column.codes})"
    if column.allowed:
        return ", ".join(f"`{value}`" for value in column.allowed)
    return f"{column.low} to {column.high}" if column.low is not None else ""


def codes() -> Iterator[str]:
    for name in sorted({column.codes for each in TABLES.values() for column in each.columns if column.codes}):
        rows = code_set(name)
        yield f"({name})=\n## {name}\n"
        yield from table(rows.columns, rows.itertuples(index=False))


def audit() -> Iterator[str]:
    yield "## Rates\n"
    yield from table(
        ("rate", "what it is", "distinct pupils it needs enough of"),
        ((each.name, each.sentence, ", ".join(each.needs)) for each in RATES),
    )

    yield "## Groups\n"
    yield from table(
        ("attribute", "groups", "the framework watches it"),
        (
            (
                f"{each.title} (`{each.name}`)",
                "; ".join(each.groups.values()) or "as the records have them",
                "yes" if each.of_framework else "",
            )
            for each in AUDIT_ATTRIBUTES
        ),
    )


def statuses() -> Iterator[str]:
    yield from table(
        ("status", "who has it", "source"), ((each.name, each.rule, each.source) for each in STATUSES)
    )


def involvements() -> Iterator[str]:
    yield from table(
        ("code", "a card says", "needs a lawful basis"),
        ((kind.code, kind.is_open or kind.not_shown_open, kind.sensitivity) for kind in KINDS),
    )


def breaks_in_time() -> Iterator[str]:
    rows = declared()
    yield from table(rows.columns, rows.itertuples(index=False))


def retention() -> Iterator[str]:
    yield from table(
        ("class", "what it is", "days kept", "counted from", "reason"),
        ((each.name, each.what, each.days, each.counted_from, each.why) for each in CLASSES),
    )


def schemas() -> Iterator[str]:
    for name in RECORDS:
        yield f"## {name}.json\n\n```json\n{json.dumps(schema(name), indent=1)}\n```\n"


def exit_codes() -> dict[int, list[tuple[str, str]]]:
    """Each exit code with the kinds of refusal that have it, as their docstrings begin; read from the source."""
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for path in (path for room in ROOMS for path in sorted((TOP / room).rglob("*.py"))):
        for kind in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for line in kind.body if isinstance(kind, ast.ClassDef) else ():
                if isinstance(line, ast.Assign) and getattr(line.targets[0], "id", "") == "exit_code":
                    first = (ast.get_docstring(kind) or "").split("\n\n")[0]
                    found[line.value.value].append((kind.name, first))
    return dict(sorted(found.items()))


def ends() -> Iterator[str]:
    said = {code: " ".join(text for _, text in kinds) for code, kinds in exit_codes().items()}
    yield from table(
        ("exit code", "what was wrong"),
        sorted((code, text) for code, text in (said | OF_EVERY_COMMAND).items() if code != UNNAMED),
    )


def commands() -> Iterator[str]:
    from pathways.commands import app

    yield from _commands(get_command(app), "pathways")


def _commands(command: Any, path: str) -> Iterator[str]:
    for name, inner in sorted(getattr(command, "commands", {}).items()):
        yield from _commands(inner, f"{path} {name}")
    if not hasattr(command, "commands"):
        yield f"## {path}\n\n{command.help}\n"
        yield from table(("argument or option", "what it is", "by default"), map(_parameter, command.params))


def _parameter(each: Any) -> tuple[str, str, str]:
    name = each.name.upper() if each.param_type_name == "argument" else ", ".join(each.opts)
    default = "must be given" if each.required else each.default
    return f"`{name}`", each.help or "", "" if default is None or callable(default) else str(default)


Page = tuple[str, str, Callable[[], Iterator[str]]]
PAGES: dict[str, Page] = {
    "features": ("", "", lambda: iter([dictionary(FEATURES)])),
    "tables": (
        "Tables of an extract",
        "Made from `features/tables.py`. What is checked beyond single cells: [the records contract](../records-contract.md).",
        tables,
    ),
    "codes": ("Code sets", "Each row names its source.", codes),
    "breaks": (
        "Breaks in time",
        "Days on which records came to mean something else, and how sure that is: [what changed](../../explanation/breaks.md).",
        breaks_in_time,
    ),
    "involvements": ("Kinds of involvement", "Made from `features/involvements.py`.", involvements),
    "statuses": (
        "Statuses",
        "Facts about a child that a list and a card say beside, or in place of, an estimate.",
        statuses,
    ),
    "audit": (
        "Rates and groups of the audit",
        "A rate is shown only where enough distinct pupils of each kind are there.",
        audit,
    ),
    "commands": ("Commands", "`pathways COMMAND --help` prints the same.", commands),
    "exit-codes": ("Exit codes", "Every breach of a run is reported at once, on standard error.", ends),
    "retention": (
        "How long records are kept",
        "The project's defaults; an authority's own schedule has the last word: `pathways purge --keep CLASS=DAYS`.",
        retention,
    ),
    "schemas": (
        "Schemas of the facts",
        "JSON Schemas of what training writes and the service reads; `pathways schema NAME` prints one.",
        schemas,
    ),
}
