"""What it takes to release a model, and to take it back."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from pathways.options import By, Day, Identities, Reason, Registry, Releases
from serving.terminal import say, steps

app = typer.Typer()


@app.command()
def review(
    model: Path,
    reviewer: Annotated[str, typer.Option(help="Name of whoever read the audit; not who trained.")],
    decision: Annotated[str, typer.Option(help="sign or refuse")],
    reason: Annotated[str, typer.Option(help="What was looked at, and why this decision.")],
) -> None:
    """Sign a model's audit off, or refuse it, by name and in words."""
    from models.reviewing import review as enter

    entered = enter(model, reviewer, decision, reason)
    say(f"Entered: {entered['reviewer']}, {entered['decision']}, {entered['reviewed_on']}.")


@app.command("close-finding")
def close_finding_(
    model: Path,
    finding: Annotated[str, typer.Argument(help="Its number in the audit, as F001.")],
    owner: Annotated[str, typer.Option(help="Name of whoever saw to it.")],
    done: Annotated[str, typer.Option(help="What was done, in words.")],
) -> None:
    """Close a finding of a model's audit with what was done; an open one that blocks or is overdue stops a release."""
    from models.reviewing import close_finding

    closed = close_finding(model, finding, owner, done)
    say(
        f"{closed['id']} is closed: {closed['owner']}, {closed['closed_on']}. Reviews before this no longer count."
    )


@app.command()
def release(
    model: Annotated[Path, typer.Argument(help="A candidate's folder, or a release's that moves.")],
    to: Annotated[str, typer.Option(help="shadow or live")],
    by: By,
    releases: Releases = Path("releases"),
    reason: Reason = "",
    store: Annotated[
        Path | None, typer.Option(help="Grow the model again from its store, with 100 refits.")
    ] = None,
    cards: Annotated[
        Path | None, typer.Option(help="Also put the card here, as models/cards of a checkout.")
    ] = None,
    tracking_uri: Registry = None,
) -> None:
    """Release a model that evidence, audit and a second person have earned; or say every reason why not."""
    from features.records.store import open_store
    from training.release.make import copy_card
    from training.release.make import release as make

    with steps("release") as told:
        made = make(model, to, releases, by, reason, open_store(store) if store else None, progress=told)
    if made.would_refuse:
        say("This is a demonstration. A release of real records would be refused:")
    for each in made.would_refuse:
        say(f"- {each}")
    if cards:
        say(f"Its card is {copy_card(made.release.folder, cards)}.")
    if tracking_uri:
        from training.registry import follow

        say(follow(releases, tracking_uri))
    shadow = " Its lists are kept, and shown to nobody in schools." if to == "shadow" else ""
    say(f"{made.release.name} is {to}{f', in place of {made.before}' if made.before else ''}.{shadow}")
    say(f"It is in {made.release.folder}. Next: pathways install {made.release.folder}")


@app.command()
def key(
    out: Annotated[
        Path, typer.Argument(help="Where the private key goes; the public one goes beside it, as OUT.pub.")
    ],
    name: Annotated[str, typer.Option(help="Name of whoever will sign with it, as it stands in reviews.")],
    password: Annotated[
        str,
        typer.Option(
            prompt=True, confirmation_prompt=True, hide_input=True, help="Asked for where it is not given."
        ),
    ],
) -> None:
    """Make a reviewer's keys, to sign releases with; the private one never leaves the reviewer."""
    from models.signature import make_key

    line = make_key(out, name, password.encode())
    say(f"The private key is in {out}: keep it, and give it to nobody.")
    say(
        f"Whoever runs the service puts this line into its file of reviewers' keys (reviewer_keys in service.toml): {line}"
    )


@app.command()
def sign(
    release: Annotated[Path, typer.Argument(help="A release's folder.")],
    key: Annotated[Path, typer.Option(help="The reviewer's private key.")],
    signer: Annotated[
        str, typer.Option("--reviewer", help="The reviewer's name, as it stands in the review.")
    ],
    password: Annotated[
        str, typer.Option(prompt=True, hide_input=True, help="Asked for where it is not given.")
    ],
) -> None:
    """Sign a release as its reviewer: without it no service scores with it, outside a demonstration."""
    from models.release import load_release
    from models.signature import sign as put

    loaded = load_release(release)
    signed = put(loaded, key, password.encode(), signer, datetime.now().date())
    say(f"{loaded.stamp} is signed by {signed.signer} with the key {signed.key}.")
    say(f"Next: pathways install {release}")


@app.command()
def install(release: Annotated[Path, typer.Argument(help="A release's folder.")]) -> None:
    """Put a release into the BentoML model store, for the service; print its tag."""
    from models.standing import refuse_withdrawn
    from serving.install import install as put

    refuse_withdrawn(release)
    say(put(release))


@app.command()
def withdraw(
    name: Annotated[str, typer.Argument(help="Name of a release, as release-3.")],
    by: By,
    reason: Reason,
    releases: Releases = Path("releases"),
    roll_back: Annotated[bool, typer.Option("--roll-back", help="Go back to the last good release.")] = False,
    lists: Annotated[
        list[Path] | None, typer.Option(help="Folder of lists that were shown; may be repeated.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="CSV of every pupil shown a list from it.")] = None,
    identities: Identities = None,
    tracking_uri: Registry = None,
) -> None:
    """Take a release out of use, for good; say whom its lists named."""
    from features.records.identities import names_for
    from models.release import stamp
    from serving.install import tag_for, uninstall
    from serving.shown import lists_under, named_in_folders, write_named
    from training.release.withdraw import withdraw as take

    if bool(lists) != bool(out):
        raise typer.BadParameter(
            "give --lists and --out together: where lists were kept, and the CSV to write"
        )
    paths, names = lists_under(lists or ()), names_for(identities) if identities else None
    done = take(name, releases, by, reason, roll_back)
    uninstall(tag_for(done.name, done.manifest_hash))
    say(f"{name} is withdrawn. What it takes to grow it again stays in {releases / name}.")
    if out:
        named = named_in_folders(paths, stamp(done.name, done.manifest_hash))
        write_named(out, named, names)
        pupils = len({each.pupil for each in named})
        say(
            f"{pupils:,} pupils were named by the lists of the runs looked at ({len(paths):,} in all): see {out}. Keep it as safe as the lists."
        )
    if tracking_uri:
        from training.registry import follow

        say(follow(releases, tracking_uri))
    say(
        f"Live now: {done.live}."
        if done.live
        else f"No list this half-term, until a release is live: {reason}"
    )


@app.command("no-list")
def no_list_(
    by: By,
    reason: Reason,
    until: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Last as-of date without a list.")],
    since: Day = None,
    releases: Releases = Path("releases"),
) -> None:
    """Say that no list is made for a while, and why: an honest answer too."""
    from training.release.withdraw import no_list

    event = no_list(releases, by, reason, until.date(), since.date() if since else None)
    say(f"No list is made of {event.since} to {event.until}: {event.reason}")
