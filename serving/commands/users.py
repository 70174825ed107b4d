"""`pathways users`: who may sign in, and about whom they may ask."""

from datetime import timedelta
from typing import Annotated

import typer

from serving.commands.office import Home, office
from serving.terminal import say, say_table

app = typer.Typer(no_args_is_help=True, help="Who may sign in, and about whom they may ask.")


@app.command("list")
def list_users(home: Home = None) -> None:
    """Open accounts."""
    from serving.security import accounts
    from serving.security.access import Action, Role

    with office(home) as at, at.database.reading() as session:
        at.note(at.person(Role.ADMINISTRATOR), Action.MANAGE_USERS, "list of users")
        rows = [
            (each.name, each.role.value, ", ".join(map(str, sorted(each.schools))), ", ".join(sorted(each.districts)), ", ".join(sorted(each.statuses)))
            for each in accounts.users(session)
        ]  # fmt: skip
    say_table(("name", "role", "schools", "districts", "statuses"), rows)


@app.command("add")
def add_user(
    name: str,
    role: Annotated[
        str,
        typer.Option(
            help="officer, data_scientist, reviewer, information_governance, administrator or manager."
        ),
    ],
    school: Annotated[list[int] | None, typer.Option(help="URN; may be repeated.")] = None,
    district: Annotated[list[str] | None, typer.Option(help="May be repeated.")] = None,
    status: Annotated[
        list[str] | None, typer.Option(help="A caseload, as looked_after; may be repeated.")
    ] = None,
    subject: Annotated[
        str | None,
        typer.Option(
            help="'ISSUER SUBJECT' at the authority's provider; without it a one-time token is printed."
        ),
    ] = None,
    home: Home = None,
) -> None:
    """Add somebody who may sign in."""
    from serving.errors import RecordsRefused
    from serving.security import accounts
    from serving.security.access import Action, Role

    if role not in list(Role):
        raise RecordsRefused(f"Invalid role {role!r}. Allowed values are {', '.join(Role)}.")
    with office(home) as at:
        at.note(at.person(Role.ADMINISTRATOR), Action.MANAGE_USERS, f"user {name} added")
        with at.database.writing() as session:
            accounts.add_user(session, name, Role(role), school or (), district or (), status or (), subject)
            token = None if subject else accounts.one_time_token(session, name)
    say(
        f"{name} was added."
        + (
            f" To sign in once, within 24 hours: {token}"
            if token
            else " They sign in with the authority's provider."
        )
    )


@app.command("token")
def token_for(name: str, hours: Annotated[int, typer.Option(min=1, max=168)] = 24, home: Home = None) -> None:
    """Print a one-time token for somebody who lost theirs; the lost one, and any sign-in, ends."""
    from serving.security import accounts
    from serving.security.access import Action, Role

    with office(home) as at:
        at.note(
            at.person(Role.ADMINISTRATOR),
            Action.MANAGE_USERS,
            f"one-time token for {name}; those before ended",
        )
        with at.database.writing() as session:
            token = accounts.replace_tokens(session, name, timedelta(hours=hours))
    say(f"Every code and sign-in that {name} had is ended. To sign in once, within {hours} hours: {token}")


@app.command("close")
def close_user(name: str, home: Home = None) -> None:
    """Close an account and end its sign-ins; its name stays on what it wrote."""
    from serving.security import accounts
    from serving.security.access import Action, Role

    with office(home) as at:
        at.note(at.person(Role.ADMINISTRATOR), Action.MANAGE_USERS, f"user {name} closed")
        with at.database.writing() as session:
            accounts.close_user(session, name)
    say(f"{name} can no longer sign in.")
