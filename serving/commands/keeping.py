"""Commands that keep the service's records in order: the log checked, old records purged, support exported."""

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import typer

from serving.commands.office import Folders, Home, office
from serving.terminal import say, say_table

app = typer.Typer()


@app.command("verify-log")
def verify_log(
    written_down: Annotated[
        str | None,
        typer.Option(help="NUMBER:HASH, as an earlier check printed it and somebody kept it elsewhere."),
    ] = None,
    sent: Annotated[
        Path | None, typer.Option(help="A file of heads as they arrived where they are sent.")
    ] = None,
    home: Home = None,
) -> None:
    """Check the access log from its first row to its last, against all that knows of it outside the database."""
    from serving.errors import LogRefused
    from serving.security.access_log.verify import read_heads, read_written_down, verify

    with office(home) as at:
        found = verify(
            at.database,
            at.settings.head_file,
            read_written_down(written_down) if written_down else None,
            key_file=at.settings.key_file,
            sent=read_heads(sent) if sent else (),
            kept_days=at.settings.access_log.kept_days,
        )
    for each in found.purges:
        say(f"Purged, and sealed: {each.in_words()}.")
    if found.is_front_unsealed:
        say(
            f"Rows up to {found.front[0]:,} were purged before the log had a key. No seal vouches for that: compare it with what was "
            "written down then."
        )
    for step in found.clock:
        say(
            f"Times run backwards: {step.in_words()}. A clock was set; the log is not purged until two people looked into it."
        )
    for step in found.leaps:
        say(f"A long gap: {step.in_words()}. Nobody asked in all that time, or a clock runs ahead.")
    if found.findings:
        (row, why), *more = found.findings
        raise LogRefused(
            f"The access log is broken at row {row}: {why}. {found.num_rows:,} rows before it hold. Stop the service, "
            "keep the database, the head file and the key as they are, and tell whoever answers for security.",
            *(f"Also, at row {number}: {text}." for number, text in more),
        )
    say(
        f"{found.num_rows:,} rows, each sealed by the next. Keep this somewhere else: {found.head[0]}:{found.head[1]}"
    )


@app.command()
def purge(
    carry_out: Annotated[
        bool, typer.Option("--carry-out/--dry-run", help="Delete it; by default it is only counted.")
    ] = False,
    keep: Annotated[
        list[str] | None, typer.Option(help="CLASS=DAYS, in place of a period of the table; may be repeated.")
    ] = None,
    folder: Folders = None,
    home: Home = None,
) -> None:
    """Say what is past its period, by class of record; delete it with --carry-out. The access log's rows take two people."""
    from serving.database.retention import purge as go
    from serving.database.retention import read_keep
    from serving.security.access import Action, Role

    with office(home) as at:
        if carry_out:
            at.note(at.person(Role.INFORMATION_GOVERNANCE), Action.PURGE, "records past their period")
        folders = [
            at.settings.prepared,
            *(at.settings.home / each for each in at.settings.holds),
            *(folder or ()),
        ]
        due = go(
            at.database, at.log, folders, read_keep(keep or []), not carry_out, log_kept_days=at.settings.access_log.kept_days
        )  # fmt: skip
    rows = [
        (
            each.record_class.name,
            each.record_class.what,
            each.record_class.counted_from,
            str(each.before),
            "by two people" if each.takes_two and carry_out else f"{each.num:,}",
        )
        for each in due
    ]
    say_table(("class", "what", "counted from", "before", "deleted" if carry_out else "due"), rows)

    if any(each.num and each.takes_two for each in due):
        say("Rows of the access log take two people, and none was deleted: pathways access-log purge")
    if not carry_out:
        say("Nothing was deleted. To delete it: pathways purge --carry-out")


@app.command("export-support")
def export_support(
    out: Annotated[Path, typer.Option(help="A CSV that is not there yet: support.csv of the next extract.")],
    home: Home = None,
) -> None:
    """Write what recorded screenings led to as the contract's support table, with UPNs."""
    from serving.errors import RecordsRefused
    from serving.screening.support import support_table, write_support
    from serving.security.access import Action, Role

    with office(home) as at:
        if at.identities is None:
            raise RecordsRefused("The support table carries UPNs. Name the identities in service.toml.")
        at.note(at.person(Role.INFORMATION_GOVERNANCE), Action.EXPORT_SUPPORT, "support table")
        with at.database.reading() as session:
            table, unknown = support_table(session, at.identities)
    write_support(out, table)
    say(
        f"{len(table):,} spells are in {out}."
        + (f" {unknown:,} of pupils whom the identities do not know are left out." if unknown else "")
    )


def say_figures(
    home: Path | None, groups: Mapping[int, str], by: str, since: date | None, until: date | None
) -> None:
    """Print what managers see of screenings by group; without days, of the last year.

    Parameters
    ----------
    groups : mapping of int to str
        Pupil to group in words, from whoever may read groups.
    by : str
        What the groups are of.
    """
    from serving.figures.service import COUNTS
    from serving.figures.service import figures as figures_of
    from serving.security.access import Action, Role

    until = until or date.today()
    since = since or until - timedelta(days=365)
    with office(home) as at:
        person = at.person(Role.REVIEWER)
        at.note(person, Action.READ_FIGURES, f"figures of screenings by {by}")
        with at.database.reading() as session:
            found = figures_of(session, person, since, until, groups)
    titles = (*(name.replace("_", " ") for name in COUNTS),)
    rows = [
        (name, *("not shown" if counts[count] is None else f"{counts[count]:,}" for count in COUNTS))
        for name, counts in found["groups"].items()
    ]
    say_table((by.replace("_", " "), *titles), rows)
    say(f"Screenings held from {since} to {until}. {found['rule']}")
