"""`pathways rights`: what a family can ask about one pupil."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from serving.commands.office import Folders, Home, Office, office
from serving.terminal import say, say_table

if TYPE_CHECKING:
    from serving.rights.identity import Identity

app = typer.Typer(no_args_is_help=True, help="What a family can ask about one pupil.")
ASK = "-"
Pupil = Annotated[
    str,
    typer.Argument(help="A UPN, or a code as pages spell it; - asks for it, so that no shell remembers it."),
]
Words = Annotated[str, typer.Option(help="In words; never about another pupil.")]


@app.command("export")
def export(
    pupil: Pupil,
    out: Annotated[Path, typer.Option(help="A folder that is not there yet.")],
    words: Words = "asked for a copy",
    folder: Folders = None,
    home: Home = None,
) -> None:
    """Everything held on one pupil, as JSON and as a page to read."""
    from serving.errors import RecordsRefused
    from serving.http.fields import made_of
    from serving.rights import service as requests
    from serving.rights.held import everything_held
    from serving.rights.page import write_export
    from serving.rights.record import RightAsked
    from serving.security.access import Action, Role

    if out.exists():
        raise RecordsRefused(f"{out} is already there. Name a new folder.")
    with office(home) as at:
        who, places, person = _who(at, pupil), at.places(folder), at.person(Role.INFORMATION_GOVERNANCE)
        at.note(person, Action.USE_RIGHTS, "export", who)
        with at.database.writing() as session:
            made = requests.ask(
                session, person, made_of(RightAsked, pupil=who.pupil, kind="export", words=words)
            )
        held = everything_held(at.database, who, places)
        facts, page = write_export(out, held, at.settings.is_demonstration)
        with at.database.writing() as session:
            requests.answer_request(session, person, made.request, made.version, True, "exported")
    say(
        f"Open {page}; the same for machines is {facts}. Look through free text before you send it: it may speak of somebody else."
    )


@app.command("object")
def object_(pupil: Pupil, words: Words, home: Home = None) -> None:
    """Enter an objection: from now on no estimate is made or shown, while the controller decides."""
    _ask(
        "object",
        pupil,
        words,
        home,
        "No estimate is made or shown from now on; lists made with the service named leave the pupil out.",
    )


@app.command("erase")
def erase_(
    pupil: Pupil,
    words: Words = "asked for erasure",
    request: Annotated[
        int | None, typer.Option(help="The request that was granted; without it one is entered.")
    ] = None,
    record: Annotated[
        Path | None, typer.Option(help="Write what was done to this file as JSON; it names nobody.")
    ] = None,
    folder: Folders = None,
    home: Home = None,
) -> None:
    """Erase a pupil from everything, backups too, then search every byte for what is left; granted by one person, done by another."""
    from serving.backups.make import listed_backups
    from serving.errors import RecordsRefused
    from serving.rights.erase import erase, require_second
    from serving.rights.words import in_words, still_found
    from serving.security.access import Action

    if request is None:
        _ask(
            "erase",
            pupil,
            words,
            home,
            f"Nothing is erased yet. Once granted: pathways rights erase {ASK} --request NUMBER",
        )
        return
    with office(home) as at:
        who, places, erasures = _who(at, pupil), at.places(folder), at.erasures()
        person = at.whoever_has_a_code(Action.USE_RIGHTS)
        require_second(at.database, person, who, request, erasures)
        at.note(person, Action.USE_RIGHTS, f"erasure, request {request}", who)
        done = erase(at.database, person, who, places, request, erasures, listed_backups(at.settings.home))
    proof = done.proof(places)
    if record:
        record.write_text(proof.model_dump_json(indent=1) + "\n", encoding="utf-8")
    for sentence in in_words(proof):
        say(sentence)
    for sentence in proof.not_reached:
        say(f"Not reached: {sentence}")
    if not done.is_proven:
        raise RecordsRefused(*still_found(proof))


@app.command("rectify")
def rectify(
    pupil: Pupil,
    family: Annotated[str, typer.Option(help="attendance, suspensions, sen, context or school.")],
    fact: Annotated[str, typer.Option(help="What is wrong.")],
    right: Annotated[str, typer.Option(help="What is right.")],
    told_by: Annotated[str, typer.Option(help="Who says so, as: mother.")] = "family",
    home: Home = None,
) -> None:
    """Enter that a fact is wrong: it goes to the owner of the record, who puts it right where it came from."""
    from serving.corrections.record import FactWrongContent
    from serving.corrections.service import enter_wrong_fact
    from serving.http.fields import made_of
    from serving.rights import service as requests
    from serving.rights.record import RightAsked
    from serving.security.access import Action, Role
    from serving.security.rolls import last_school

    with office(home) as at:
        who, person = _who(at, pupil), at.person(Role.INFORMATION_GOVERNANCE)
        at.note(person, Action.USE_RIGHTS, "rectify", who)
        with at.database.writing() as session:
            asked = made_of(RightAsked, pupil=who.pupil, kind="rectify", words=fact)
            made = requests.ask(session, person, asked)
            content = made_of(
                FactWrongContent, family=family, fact=fact, what_is_right=right, told_by=told_by
            )
            enter_wrong_fact(session, person, who.pupil, last_school(session, who.pupil), content)
    say(
        f"Request {made.request} is entered and due on {made.due_on}. It goes to the owner of the {family} records; when they are put right, import again."
    )


@app.command("answer")
def answer(
    request: int,
    words: Words,
    granted: Annotated[bool, typer.Option("--granted/--declined", help="What the controller decided.")],
    home: Home = None,
) -> None:
    """Enter what the controller answered. A declined objection lets scoring go on from tomorrow."""
    from serving.rights import service as requests
    from serving.security.access import Action, Role

    with office(home) as at:
        person = at.person(Role.INFORMATION_GOVERNANCE)
        at.note(person, Action.USE_RIGHTS, f"answer to request {request}")
        with at.database.writing() as session:
            before = requests.read_request(session, person, request)
            done = requests.answer_request(session, person, request, before.version, granted, words)
    say(f"Request {done.request} ({done.kind}) is {done.state}.")


@app.command("list")
def list_requests(home: Home = None) -> None:
    """Requests that wait for an answer, the first due first."""
    from serving.rights import service as requests
    from serving.security.access import Action, Role

    with office(home) as at, at.database.reading() as session:
        person = at.person(Role.INFORMATION_GOVERNANCE)
        at.note(person, Action.USE_RIGHTS, "open requests")
        rows = [
            (str(each.request), each.kind, str(each.received_on), str(each.due_on))
            for each in requests.requests(session, person)
        ]
    say_table(("request", "kind", "received", "due"), rows)


def _who(at: Office, pupil: str) -> "Identity":
    from serving.rights.identity import find_pupil

    asked = typer.prompt("UPN or code", hide_input=True) if pupil == ASK else pupil
    return find_pupil(asked, at.identities)


def _ask(kind: str, pupil: str, words: str, home: Path | None, then: str) -> None:
    from serving.http.fields import made_of
    from serving.rights import service as requests
    from serving.rights.record import RightAsked
    from serving.security.access import Action, Role

    with office(home) as at:
        who, person = _who(at, pupil), at.person(Role.INFORMATION_GOVERNANCE)
        at.note(person, Action.USE_RIGHTS, kind, who)
        with at.database.writing() as session:
            made = requests.ask(session, person, made_of(RightAsked, pupil=who.pupil, kind=kind, words=words))
    say(f"Request {made.request} is entered and due on {made.due_on}. {then}")
    say(
        f"When the controller has decided: pathways rights answer {made.request} --granted (or --declined) --words WHY"
    )
