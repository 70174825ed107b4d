"""Lists for meetings, the dates that the service answers from, and figures for managers."""

from pathlib import Path
from typing import Annotated

import typer

from pathways.options import Day, Identities, Out, Releases, ServiceHome, Store
from serving.terminal import say, steps, writes

app = typer.Typer()


@app.command("list")
@writes
def list_(
    store: Store,
    model: Annotated[Path, typer.Option(help="A candidate's or a release's folder.")],
    out: Out,
    as_of: Day = None,
    identities: Identities = None,
    school: Annotated[int | None, typer.Option(help="Only the school of this URN.")] = None,
    district: Annotated[str | None, typer.Option(help="Only this district and its schools.")] = None,
    previous: Annotated[Path | None, typer.Option(help="Folder of the lists of the meeting before.")] = None,
    service: ServiceHome = None,
    releases: Releases = Path("releases"),
) -> None:
    """Write each school's and district's list for one as-of date."""
    from features.records.identities import names_for
    from features.records.store import open_store
    from serving.from_store import lists_of, standing_warnings
    from serving.into_records import with_service
    from serving.wording import WARNINGS

    records = open_store(store) if service is None else with_service(open_store(store), service)
    names = names_for(identities) if identities else None
    with steps("lists") as told:
        day = as_of.date() if as_of else None
        made = lists_of(records, model, out, day, names, previous, school, district, told, releases)
    states = ", ".join(f"{len(who):,} {state.replace('_', ' ')}" for state, who in made["states"].items())
    say(f"As of {made['as_of']}: {states}, {made['not_listed']:,} not listed; {made['on_roll']:,} on roll.")
    for warning in standing_warnings(model):
        say(WARNINGS[warning])
    say(f"Open {out / 'index.html'}. A list prompts a screening; people decide.")
    say(
        "These files are outside the access log: keep them as safe as the records. What a meeting takes from the service is in it."
    )


@app.command()
@writes
def prepare(
    store: Store,
    model: Annotated[Path, typer.Option(help="A release's folder, or a candidate's to look at.")],
    out: Annotated[Path, typer.Option(help="Folder of prepared dates: `prepared` in the service's home.")],
    as_of: Day = None,
    service: ServiceHome = None,
    releases: Releases = Path("releases"),
) -> None:
    """Prepare an as-of date for the service to answer from."""
    from features.records.store import open_store
    from serving.into_records import with_service
    from serving.prepared.make import prepare as make
    from training.audit.attributes import groups_told

    records = open_store(store) if service is None else with_service(open_store(store), service)
    with steps("prepare") as told:
        folder = make(
            records,
            model,
            out,
            as_of.date() if as_of else None,
            told,
            releases,
            lambda on: groups_told(records, on),
        )
    say(f"Prepared: {folder}. The service answers from it at once.")


@app.command()
def figures(
    store: Store,
    by: Annotated[
        str, typer.Option(help="ethnicity, ethnicity_major, fsm_eligible, sex or sen_provision.")
    ] = "ethnicity_major",
    since: Day = None,
    until: Day = None,
    home: Annotated[Path | None, typer.Option(envvar="PATHWAYS_HOME", help="The service's folder.")] = None,
) -> None:
    """What managers see of screenings, by group: counts as they may leave, never a child."""
    from features.records.store import open_store
    from serving.commands.keeping import say_figures
    from serving.from_store import latest_half_term
    from training.audit.attributes import names_of_groups

    records = open_store(store)
    groups = names_of_groups(records, latest_half_term(records), by)
    say_figures(home, groups, by, since.date() if since else None, until.date() if until else None)
