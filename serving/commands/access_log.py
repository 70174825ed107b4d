"""`pathways access-log`: the going of old rows, by two people, and what is done where a file of the log is lost."""

from typing import Annotated

import typer

from serving.commands.office import Home, Office, office
from serving.terminal import say

app = typer.Typer(
    no_args_is_help=True, help="The access log: purge old rows by two people, put lost files right."
)
WrittenDown = Annotated[
    list[str] | None,
    typer.Option(
        help="NUMBER:HASH, as an earlier check printed it and somebody kept it elsewhere. May be repeated."
    ),
]
Why = Annotated[str, typer.Option(help="What happened, for the log: who looks at it later reads this.")]


@app.command("purge")
def purge_log(
    propose: Annotated[
        bool, typer.Option("--propose", help="Propose it; somebody else carries it out.")
    ] = False,
    carry_out: Annotated[
        int | None, typer.Option(help="Number of the row that proposed it: delete what it names.")
    ] = None,
    clock_was_wrong: Annotated[
        list[int] | None,
        typer.Option(
            help="A row at which times run backwards or leap ahead, where you found out why. May be repeated."
        ),
    ] = None,
    home: Home = None,
) -> None:
    """Say which rows of the access log are past their period; propose that they go, or carry out what another proposed."""
    from serving.errors import LogRefused
    from serving.security.access import Action
    from serving.security.access_log.purge import Terms, carry_out_purge, plan_purge, propose_purge

    if propose and carry_out is not None:
        raise LogRefused(
            "Either propose, or carry out what somebody else proposed. Leave one of the two out."
        )
    with office(home) as at:
        log = at.settings.access_log
        terms = Terms(at.log, log.kept_days, tuple(clock_was_wrong or ()))
        plan = plan_purge(terms)
        say(plan.in_words())
        if not propose and carry_out is None:
            for each in plan.refusals:
                say(each)
            return
        person = at.whoever_has_a_code(Action.PURGE)
        if propose:
            row, _ = propose_purge(terms, person.name, person.role)
            say(
                f"Proposed as row {row}. Nothing is deleted yet. Somebody else in information governance carries it out within 30 days: "
                f"pathways access-log purge --carry-out {row}"
            )
            return
        assert carry_out is not None
        done = carry_out_purge(terms, carry_out, person.name, person.role)
        say(f"Deleted: {done.in_words()}.")
        _send(at)
    if not log.send:
        say("Heads of the log are sent nowhere: write the head down that pathways verify-log prints.")


def _send(at: Office) -> None:
    from serving.security.access_log.send import send_head

    for kind in send_head(at.database, at.settings.sinks):
        say(
            f"The new head did not arrive at its {kind}: see the service's messages, and send it again with: pathways access-log send"
        )


@app.command("send")
def send_now(home: Home = None) -> None:
    """Send the log's head now to where service.toml says; the service itself does so on a schedule."""
    from serving.errors import LogRefused
    from serving.security.access_log.send import send_head

    with office(home) as at:
        if not at.settings.sinks:
            raise LogRefused(
                "service.toml names no place to send heads to. Name one under [[access_log.send]]."
            )
        if failed := send_head(at.database, at.settings.sinks):
            raise LogRefused(
                f"The head did not arrive at {len(failed)} of {len(at.settings.sinks)} places ({', '.join(failed)}). Look at each, and try again."
            )
    say(f"The head arrived at {len(at.settings.sinks)} places.")


@app.command("note-head")
def note_head(why: Why, written_down: WrittenDown = None, home: Home = None) -> None:
    """Make a lost head file anew, once the log agrees with every head that was kept elsewhere."""
    from serving.security.access import Action, Role
    from serving.security.access_log.repair import new_head_file
    from serving.security.access_log.verify import read_written_down

    with office(home) as at:
        heads = [read_written_down(each) for each in written_down or ()]
        person = at.person(Role.ADMINISTRATOR)
        head = new_head_file(at.log, heads, person.name, person.role, Action.REPAIR_LOG, why)
    say(
        f"The head file names row {head[0]}, and a row of the log says that it was made anew."
        + (
            ""
            if heads
            else " No head that was kept elsewhere was compared: whether rows had been cut off is not known."
        )
    )


@app.command("new-key")
def new_key(why: Why, home: Home = None) -> None:
    """Make a new key where the log's key is lost for good: no seal vouches for purges before that."""
    from serving.security.access import Action, Role
    from serving.security.access_log.repair import replace_key

    with office(home) as at:
        person = at.person(Role.ADMINISTRATOR)
        replace_key(at.log, person.name, person.role, Action.REPAIR_LOG, why)
    say(
        "The log has a new key, and a row of the log says so. Purges before that row carry no seal that can be checked."
    )
