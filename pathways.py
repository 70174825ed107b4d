"""Inclusive Pathways early warning: from an authority's records to lists that prompt a screening.

A score only prompts a human-led screening; it never decides one. Each command calls one function of a
room and says in plain words what came of it. This is the only file that sees all four rooms.
"""

import os
import shutil
import traceback
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from serving.terminal import end, reading, say, say_audit, say_import, steps

# A thread that waits must sleep: where something else runs too, LightGBM's would spin against it.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

# A room is imported where it is used: a check should not wait for LightGBM and MLflow to load.
app = typer.Typer(
    add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__.splitlines()[0]
)
INTERRUPTED, UNEXPECTED = 130, 70
DEMO_MARK = ".made-by-pathways-demo"

Extract = Annotated[Path, typer.Argument(help="Folder with the tables and authority.toml.")]
Store = Annotated[Path, typer.Argument(help="A record store, made by `pathways import`.")]
Out = Annotated[Path, typer.Option(help="A folder that is not there yet.")]
Identities = Annotated[Path | None, typer.Option(help="Folder of the key, the UPN map and names.")]
Limit = Annotated[
    float,
    typer.Option("--reject-limit", min=0, max=1, help="Share of a table's rows above which import stops."),
]
Report = Annotated[Path | None, typer.Option(help="Write the report to this file as JSON.")]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="YYYY-MM-DD.")]
Days = Annotated[
    list[datetime] | None, typer.Option(formats=["%Y-%m-%d"], help="YYYY-MM-DD; may be repeated.")
]


@app.command("import")
def import_(
    extract: Extract, store: Path, identities: Identities = None, limit: Limit = 0.05, report: Report = None
) -> None:
    """Check an authority's extract and turn it into a record store of pseudonyms."""
    from features.records.importing import import_extract

    with reading() as told:
        found = import_extract(extract, store, identities, reject_limit=limit, progress=told)
    say_import(found, report)
    say(f"Records are in {store}. Next: pathways train {store} --out MODEL")


@app.command()
def check(
    extract: Extract,
    pages: Annotated[
        Path | None, typer.Option(help="Folder for a page per school of what to put right.")
    ] = None,
    limit: Limit = 0.05,
    report: Report = None,
) -> None:
    """Check an extract as import would, and store nothing."""
    from features.records.importing import check_extract

    with reading() as told:
        found = check_extract(extract, reject_limit=limit, pages=pages, progress=told)
    say_import(found, report)
    if pages:
        say(f"A page for each school is there: open {pages / 'index.html'}")


@app.command()
def synth(
    out: Path,
    pupils: int = 20_000,
    years: int = 5,
    seed: int = 1,
    truth: Days = None,
    sanction_bias: Annotated[list[str] | None, typer.Option(help="GROUP=FACTOR, as BCRB=1.5.")] = None,
    school_severity: float | None = None,
    place_only: bool = False,
    noise_only: bool = False,
    late_feed: int = 0,
    leak: bool = False,
    check: Annotated[
        bool, typer.Option("--check", help="Compare the extract at OUT with published figures.")
    ] = False,
) -> None:
    """Write a made-up authority's extract, with the truth kept beside it."""
    from features.synthetic import calibration_table, parse_bias, write_authority

    if check:
        print(calibration_table(out))
        return
    with steps("a made-up authority") as told:
        write_authority(
            out,
            pupils=pupils,
            years=years,
            seed=seed,
            truth_dates=[day.date() for day in truth] if truth else None,
            sanction_bias=parse_bias(sanction_bias or []),
            school_severity=school_severity,
            place_only=place_only,
            noise_only=noise_only,
            late_feed=late_feed,
            leak=leak,
            progress=told,
        )
    say(f"A made-up authority is in {out}. Next: pathways run {out} --out RESULT")


@app.command()
def features(
    store: Annotated[Path | None, typer.Argument(help="A record store.")] = None,
    out: Annotated[Path | None, typer.Argument(help="A Parquet file.")] = None,
    as_of: Days = None,
    dictionary: Annotated[
        bool, typer.Option("--dictionary", help="Print the feature dictionary instead.")
    ] = False,
) -> None:
    """Make the feature matrix of some as-of dates."""
    from features.dictionary import dictionary as written
    from features.matrix import FEATURES, feature_matrix, write_matrix
    from features.records.store import open_store

    if dictionary:
        print(written(FEATURES))
        return
    if store is None or out is None or not as_of:
        raise typer.BadParameter("give STORE, OUT and at least one --as-of; or only --dictionary")
    with steps("features") as told:
        days = [day.date() for day in as_of]
        write_matrix(out, feature_matrix(open_store(store), days, progress=lambda what, *_: told(what)))
    say(f"The matrix is in {out}.")


@app.command()
def train(
    store: Store,
    out: Out,
    tracking_uri: Annotated[
        str | None, typer.Option(help="MLflow's; by default a SQLite file beside OUT.")
    ] = None,
    outcome: str = "serious_exclusion",
    window: int = 365,
    trials: int = 6,
    refits: int = 25,
    seed: int = 1,
    truth: Annotated[
        Path | None, typer.Option(help="Truth of a made-up authority; needs --identities.")
    ] = None,
    identities: Identities = None,
) -> None:
    """Train on the past, judge on what came after, and write a candidate with its evidence and audit."""
    from features.records.identities import names_for
    from features.records.store import open_store
    from serving.audit_page import audit_page
    from serving.reports import evidence_page
    from training.audit.review import audit_of
    from training.audit.write import refuse_in_the_way, write_audit
    from training.from_store import settings_for, train_store
    from training.truth import read_truth

    audited = out.with_name(f"{out.name}-audit")
    refuse_in_the_way(audited)
    records = open_store(store)
    settings = settings_for(
        records, outcome=outcome, window_days=window, trials=trials, refits=refits, seed=seed
    )
    known = read_truth(truth, names_for(identities)) if truth and identities else None
    with steps("training") as told:
        candidate = train_store(records, settings, out, known, tracking_uri, told)
    page = out.with_name(f"{out.name}-evidence.html")
    page.write_text(evidence_page(candidate.evidence), encoding="utf-8")
    facts = audit_of(out)
    write_audit(audited, facts, {"audit.html": audit_page(facts)})
    for line in candidate.evidence["first_lines"]:
        say(line)
    say_audit(facts, audited)
    say(f"The candidate is in {out}; open {page}. Next: pathways list {store} --model {out} --out LISTS")


@app.command()
def audit(model: Path, store: Path, out: Out) -> None:
    """Audit a candidate for who is missed and who is listed without need; keep the findings with it."""
    from features.records.store import open_store
    from serving.audit_page import audit_page
    from training.audit.from_model import audit_model
    from training.audit.review import keep_with_model
    from training.audit.write import refuse_in_the_way, write_audit

    refuse_in_the_way(out)
    with steps("audit") as told:
        facts = audit_model(model, open_store(store), progress=told)
    write_audit(out, facts, {"audit.html": audit_page(facts)})
    keep_with_model(model, facts)
    say_audit(facts, out)


@app.command("audit-file")
def audit_file_(
    scores: Annotated[Path, typer.Argument(help="CSV or Parquet, one row a person.")],
    outcome: Annotated[str, typer.Option(help="Column of 0 and 1.")],
    group: Annotated[list[str], typer.Option(help="Column of groups; may be repeated.")],
    out: Out,
    estimate: Annotated[str | None, typer.Option(help="Column of estimates; needs --places.")] = None,
    places: Annotated[int | None, typer.Option(help="How many are listed.")] = None,
    listed: Annotated[str | None, typer.Option(help="Column of 0 and 1, in place of an estimate.")] = None,
    cross: Annotated[list[str] | None, typer.Option(help="Two group columns, as ethnicity,sex.")] = None,
    cluster: Annotated[str | None, typer.Option(help="Column of what goes together, a school.")] = None,
) -> None:
    """Audit anybody's scored list: a supplier's, another council's, a published benchmark."""
    from serving.audit_page import audit_page
    from training.audit.from_file import audit_file
    from training.audit.write import refuse_in_the_way, write_audit

    refuse_in_the_way(out)
    with steps("audit"):
        facts = audit_file(scores, outcome, group, estimate, places, listed, cross or (), cluster)
    write_audit(out, facts, {"audit.html": audit_page(facts)})
    say_audit(facts, out)


@app.command()
def review(
    model: Path,
    reviewer: Annotated[str, typer.Option(help="Name of whoever read the audit; not who trained.")],
    decision: Annotated[str, typer.Option(help="sign or refuse")],
    reason: Annotated[str, typer.Option(help="What was looked at, and why this decision.")],
) -> None:
    """Sign a model's audit off, or refuse it, by name and in words."""
    from training.audit.review import review as enter

    entered = enter(model, reviewer, decision, reason)
    say(f"Entered: {entered['reviewer']}, {entered['decision']}, {entered['reviewed_on']}.")


@app.command()
def monitor(
    store: Store,
    model: Annotated[Path, typer.Option(help="A candidate's or a release's folder.")],
    out: Out,
    as_of: Day = None,
    tracking_uri: Annotated[
        str | None, typer.Option(help="MLflow's; by default a SQLite file beside OUT.")
    ] = None,
) -> None:
    """Hold records, estimates and lists beside the same half-term of earlier years, and say what left its limits."""
    from features.records.store import open_store
    from serving.monitor_page import monitor_page
    from training.monitor.run import monitor as watch
    from training.monitor.write import refuse_in_the_way, write_monitor

    refuse_in_the_way(out)
    with steps("monitor") as told:
        facts = watch(open_store(store), model, as_of.date() if as_of else None, told)
        write_monitor(out, facts, {"monitor.html": monitor_page(facts)})
        told("telling MLflow")
        from training.track import track_monitor

        track_monitor(facts, out, tracking_uri)
    for alarm in facts["alarms"]:
        say(alarm["sentence"])
    say(f"As of {facts['as_of']}: {len(facts['alarms'])} alarms. Open {out / 'monitor.html'}")


@app.command()
def documents(
    model: Path,
    out: Out,
    authority: Annotated[
        Path | None, typer.Option(help="The store or extract whose authority.toml tells what people know.")
    ] = None,
) -> None:
    """Write the model card, the transparency record and a notice for families, from measured facts only."""
    import json

    from features.records.authority import read_authority
    from serving.documents import family_notice, model_card, transparency_page
    from serving.reports import evidence_page
    from training.documents.gather import gather
    from training.documents.record import transparency_record
    from training.documents.write import refuse_in_the_way, write_documents

    refuse_in_the_way(out)
    facts = gather(model, read_authority(authority) if authority else None)
    record = transparency_record(facts)
    pages = {
        "model_card.html": model_card(facts),
        "transparency_record.html": transparency_page(facts, record),
        "family_notice.html": family_notice(facts),
        "evidence.html": evidence_page(json.loads((model / "evidence.json").read_text())),
    }
    write_documents(out, facts, pages)
    still = sum(bool(row["to_complete"]) for row in record)
    say(f"The documents are in {out}; {still} of {len(record)} fields of the record still need a person.")


@app.command("list")
def list_(
    store: Store,
    model: Annotated[Path, typer.Option(help="A candidate's or a release's folder.")],
    out: Out,
    as_of: Day = None,
    identities: Identities = None,
    school: Annotated[int | None, typer.Option(help="Only the school of this URN.")] = None,
    district: Annotated[str | None, typer.Option(help="Only this district and its schools.")] = None,
    previous: Annotated[Path | None, typer.Option(help="Folder of the lists of the meeting before.")] = None,
) -> None:
    """Write each school's and district's list for one as-of date."""
    from features.records.identities import names_for
    from features.records.store import open_store
    from serving.from_store import lists_of

    names = names_for(identities) if identities else None
    with steps("lists") as told:
        day = as_of.date() if as_of else None
        made = lists_of(open_store(store), model, out, day, names, previous, school, district, told)
    states = ", ".join(f"{len(who):,} {state.replace('_', ' ')}" for state, who in made["states"].items())
    say(f"As of {made['as_of']}: {states}, {made['not_listed']:,} not listed; {made['on_roll']:,} on roll.")
    say(f"Open {out / 'index.html'}. A list prompts a screening; people decide.")


@app.command()
def run(extract: Extract, out: Out, as_of: Day = None, limit: Limit = 0.05, trials: int = 6) -> None:
    """From an extract to lists in one go: import, train, list. OUT/identities holds names: keep it safe."""
    store, identities, model = out / "store", out / "identities", out / "model"
    import_(extract, store, identities, limit)
    truth = extract.with_name(f"{extract.name}.truth")
    train(store, model, trials=trials, truth=truth if truth.is_dir() else None, identities=identities)
    list_(store, model, out / "lists", as_of, identities)


@app.command()
def demo(out: Annotated[Path, typer.Argument()] = Path("demo"), pupils: int = 20_000, seed: int = 1) -> None:
    """A made-up authority from extract to lists and evidence. Nothing in it is about real children."""
    from features.errors import StoreRefused

    if out.exists() and not (out / DEMO_MARK).exists():
        raise StoreRefused(
            f"{out} is there and was not made by the demo. Name another folder, or remove it first."
        )
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    (out / DEMO_MARK).touch()
    synth(out / "extract", pupils, seed=seed)
    run(out / "extract", out / "result", trials=2)


def main() -> None:
    """Run a command; what the user can put right ends in one clear message and its own exit code."""
    try:
        # Typer answers Ctrl-C with a return value where it is not left to end the process itself.
        if app(standalone_mode=False) == INTERRUPTED:
            raise KeyboardInterrupt
    except (typer.Abort, KeyboardInterrupt):
        end(INTERRUPTED, "Stopped. Nothing half-written is left.")
    except Exception as error:
        code = getattr(error, "exit_code", None)
        if code is not None:
            end(code, *getattr(error, "breaches", (str(error) or error.format_message(),)))
        # Never the error's own words: they can hold a pupil's values.
        where = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{type(error).__name__} in {Path(where.filename).name}, line {where.lineno}"
        end(UNEXPECTED, f"Something went wrong that should not have: {place}. Report that; send no records.")


if __name__ == "__main__":
    main()
