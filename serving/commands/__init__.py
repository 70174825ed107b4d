"""Commands for whoever runs the service, merged by the front door into its own.

What a command shows or changes about a pupil is in the access log first, as anything the service shows is; the
person is the account of the machine that ran it. A room is imported where it is used, as in the front door.
"""

import typer

from serving.commands import access_log, backups, keeping, rights, users

app = typer.Typer(no_args_is_help=True)
app.add_typer(users.app, name="users")
app.add_typer(rights.app, name="rights")
app.add_typer(access_log.app, name="access-log")
app.add_typer(keeping.app)
app.add_typer(backups.app)
