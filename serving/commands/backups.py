"""`pathways backup` and `pathways restore`: the service's home, while it runs, and into a new one."""

from pathlib import Path
from typing import Annotated

import typer

from serving.commands.office import Home, office
from serving.terminal import say

app = typer.Typer()


@app.command()
def backup(
    out: Annotated[Path, typer.Argument(help="A folder that is not there yet, best on another disk.")],
    home: Home = None,
) -> None:
    """Copy database, settings, log key and head, identities and prepared dates, while the service runs."""
    from serving.backups.make import NOT_IN_IT, back_up
    from serving.security.access import Action, Role

    with office(home) as at:
        at.note(at.person(Role.ADMINISTRATOR), Action.BACK_UP, "backup of the home")
        made = back_up(at.settings, at.database, at.log.key(), out)
    say(f"{out} holds {sum(made.rows.values()):,} rows of {len(made.rows)} tables, as of {made.made_at}.")
    for sentence in NOT_IN_IT:
        say(f"Not in it: {sentence}")
    say(
        "It holds names and the keys to pseudonyms: keep it as the home itself. Try it: pathways restore, into a new folder."
    )


@app.command()
def restore(
    backup: Annotated[Path, typer.Argument(help="A folder that `pathways backup` made.")],
    home: Annotated[Path, typer.Argument(help="The new home; it must not be there yet.")],
    erased: Annotated[
        Path | None,
        typer.Option(help="The list of erasures as it stood last: erased.list of the home that was lost."),
    ] = None,
    is_lost: Annotated[
        bool,
        typer.Option(
            "--list-lost", help="There is no later list: whoever was erased since the backup comes back."
        ),
    ] = False,
) -> None:
    """Make a home from a backup, and erase from it again whoever was erased since."""
    from serving.backups.restore import restore as put_back
    from serving.errors import BackupRefused

    if erased is None and not is_lost:
        raise BackupRefused(
            "Whoever was erased since the backup would come back. Give the list of erasures of the home that was lost: --erased "
            "HOME/erased.list. Where it is lost too: --list-lost, and erase again by hand whom later requests name."
        )
    done = put_back(backup, home, erased)
    say(f"{done.num_erased} erased since are erased from {home} too.")
    if done.held_in:
        raise BackupRefused(
            *(
                f"Somebody erased since is still found in {each}. Do not start the service before it is gone."
                for each in done.held_in
            )
        )
    say(f"Check the log, then start: pathways verify-log --home {home}; pathways serve --home {home}")
