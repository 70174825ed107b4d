"""Inclusive Pathways early warning: from an authority's records to lists that prompt a screening.

A score only prompts a human-led screening; it never decides one. Each command calls one function of a
room and says in plain words what came of it. This is the only file that sees all four rooms.
"""

import os
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from serving.commands import app as service_commands
from serving.terminal import reading, run_and_end, say, say_audit, say_import, steps, writes

if TYPE_CHECKING:
    from models.facts.evidence import Evidence
    from training.study import Study

# A thread that waits must sleep: where something else runs too, LightGBM's would spin against it.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

# A room is imported where it is used: a check should not wait for LightGBM and MLflow to load.
app = typer.Typer(
    add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__.splitlines()[0]
)
app.add_typer(service_commands)
evidence_app = typer.Typer(
    no_args_is_help=True, help="Evidence pooled over authorities, without a pupil leaving any."
)
app.add_typer(evidence_app, name="evidence")
DEMO_MARK = ".made-by-pathways-demo"

Extract = Annotated[Path, typer.Argument(help="Folder with the tables and authority.toml.")]
Store = Annotated[Path, typer.Argument(help="A record store, made by `pathways import`.")]
Out = Annotated[Path, typer.Option(help="A folder that is not there yet.")]
Identities = Annotated[Path | None, typer.Option(help="Folder of the key, the UPN map and names.")]
ServiceHome = Annotated[
    Path | None,
    typer.Option(envvar="PATHWAYS_HOME", help="The service's folder: objections and screenings there count."),
]
Limit = Annotated[
    float,
    typer.Option("--reject-limit", min=0, max=1, help="Share of a table's rows above which import stops."),
]
Report = Annotated[Path | None, typer.Option(help="Write the report to this file as JSON.")]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="YYYY-MM-DD.")]
Days = Annotated[
    list[datetime] | None, typer.Option(formats=["%Y-%m-%d"], help="YYYY-MM-DD; may be repeated.")
]

Releases = Annotated[Path, typer.Option(help="Folder of releases and where each stands.")]
By = Annotated[str, typer.Option(help="Name of whoever does this.")]
Reason = Annotated[str, typer.Option(help="Why, in words.")]
TrackingUri = Annotated[
    str | None,
    typer.Option(help="MLflow's; by default MLFLOW_TRACKING_URI, or a SQLite file beside OUT."),
]
Registry = Annotated[
    str | None, typer.Option("--tracking-uri", help="MLflow's, where its registry's aliases are to follow.")
]


def study(store: str | Path, **choices: Any) -> "Study":
    """Open a record store for a data scientist: matrix, outcomes, dictionary, splits, and a judge of any estimator.

    Parameters
    ----------
    store : str or Path
        What `pathways import` made.
    **choices
        Of `training.settings.Settings`: outcome, window_days, seed, draws.

    Examples
    --------
    >>> import pathways
    >>> study = pathways.study("demo/result/store")
    >>> X, y = study.training()
    >>> study.judge(HistGradientBoostingClassifier().fit(X, y))
    """
    from training.study import open_study

    return open_study(store, **choices)


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
    sanction_frequency: Annotated[
        list[str] | None, typer.Option(help="GROUP=FACTOR: as often, and no longer.")
    ] = None,
    school_severity: float | None = None,
    place_only: bool = False,
    noise_only: bool = False,
    late_feed: int = 0,
    leak: bool = False,
    law_2026: Annotated[
        bool,
        typer.Option(
            "--law-2026", help="Records to 2026/27, with what changed in 2026 and both optional tables."
        ),
    ] = False,
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
            sanction_frequency=parse_bias(sanction_frequency or [], "--sanction-frequency"),
            school_severity=school_severity,
            place_only=place_only,
            noise_only=noise_only,
            late_feed=late_feed,
            leak=leak,
            law_2026=law_2026,
            progress=told,
        )
    say(f"A made-up authority is in {out}. Next: pathways run {out} --out RESULT")


@app.command()
@writes
def features(
    store: Annotated[Path | None, typer.Argument(help="A record store.")] = None,
    out: Annotated[Path | None, typer.Argument(help="A Parquet file.")] = None,
    as_of: Days = None,
    dictionary: Annotated[
        bool, typer.Option("--dictionary", help="Print the feature dictionary instead.")
    ] = False,
) -> None:
    """Make the feature matrix of some as-of dates; MLflow is told where the environment names it."""
    from features.dictionary import dictionary as written
    from features.matrix import FEATURES, feature_matrix, write_matrix
    from features.records.store import open_store

    if dictionary:
        print(written(FEATURES))
        return
    if store is None or out is None or not as_of:
        raise typer.BadParameter("give STORE, OUT and at least one --as-of; or only --dictionary")
    with steps("features") as told:
        days, records = [day.date() for day in as_of], open_store(store)
        write_matrix(out, feature_matrix(records, days, progress=lambda what, *_: told(what)))
        if {"MLFLOW_RUN_ID", "MLFLOW_TRACKING_URI"} & os.environ.keys():  # it takes seconds to load
            from training.track_features import track_features

            track_features(records.data_hash, days, out)
    say(f"The matrix is in {out}.")


@app.command()
@writes
def train(
    store: Store,
    out: Out,
    tracking_uri: TrackingUri = None,
    outcome: str = "serious_exclusion",
    window: int = 365,
    trials: int = 6,
    recipe: Annotated[Path | None, typer.Option(help="What tune found, in place of --trials.")] = None,
    refits: int = 25,
    seed: int = 1,
    truth: Annotated[Path | None, typer.Option(help="Of a made-up authority; needs --identities.")] = None,
    identities: Identities = None,
) -> None:
    """Train on the past, judge on what came after, and write a candidate with its evidence and audit."""
    from features.files import all_or_none, write_whole
    from features.records.identities import names_for
    from features.records.store import open_store
    from models.reviewing import audit_of
    from serving.reports import evidence_page
    from training.audit.write import refuse_in_the_way
    from training.from_store import settings_for, train_store
    from training.truth import read_truth
    from training.tune import read_recipe

    audited = out.with_name(f"{out.name}-audit")
    refuse_in_the_way(audited)
    if truth and not identities:
        raise typer.BadParameter("--truth names pupils by their UPNs: give --identities too")
    records = open_store(store)
    chosen = read_recipe(recipe, records.data_hash, outcome, window) if recipe else {}
    settings = settings_for(
        records, outcome=outcome, window_days=window, trials=1 if chosen else trials, refits=refits, seed=seed, booster=chosen
    )  # fmt: skip
    known = read_truth(truth, names_for(identities)) if truth and identities else None
    page = out.with_name(f"{out.name}-evidence.html")
    with all_or_none(out, page, audited):
        with steps("training") as told:
            candidate = train_store(records, settings, out, known, tracking_uri, told, pages_for_mlflow)
        write_whole(page, evidence_page(candidate.evidence))
        facts = audit_of(out)
        write_audited(audited, facts)
    for line in candidate.evidence.first_lines:
        say(line)
    say_audit(facts, audited)
    say(f"The candidate is in {out}; open {page}. Next: pathways list {store} --model {out} --out LISTS")


def pages_for_mlflow(evidence: "Evidence", facts: dict[str, Any]) -> dict[str, str]:
    """The pages that analysts read beside a run: the evidence, and the audit as it may leave."""
    from serving.published_audit import published_audit
    from serving.reports import evidence_page
    from training.audit.publish import publish

    return {"evidence.html": evidence_page(evidence), "audit_published.html": published_audit(publish(facts))}


@app.command()
def tune(
    store: Store,
    out: Annotated[Path, typer.Option(help="Folder of the search; one begun there is taken up again.")],
    trials: Annotated[int | None, typer.Option(help="Stop at so many in all.")] = None,
    minutes: Annotated[float | None, typer.Option(help="Stop after so long.")] = None,
    outcome: str = "serious_exclusion",
    window: int = 365,
    seed: int = 1,
    tracking_uri: TrackingUri = None,
) -> None:
    """Search for a recipe inside the training dates; train --recipe uses what it finds."""
    from features.records.store import open_store
    from training.from_store import settings_for, tuning_panel
    from training.track_tune import track_search
    from training.tune import RECIPE_FILE, Budget, about_search
    from training.tune import tune as search

    budget, records = Budget(trials, minutes), open_store(store)
    settings = settings_for(records, outcome=outcome, window_days=window, seed=seed)
    with steps("search") as told:
        panel, features = tuning_panel(records, settings, told)
        about = about_search(features, settings, records.data_hash)
        # Only once the search has begun: a folder that is refused is not told of.
        tracked = cache(lambda: track_search(out, about, tracking_uri))
        found = search(
            panel, features, settings, records.data_hash, out, budget, lambda trials: tracked().told(trials), told
        )  # fmt: skip
        tracked().done(found)
    say(
        f"{found['num_complete']} recipes were tried whole and {found['num_pruned']} given up early. Log loss on schools left out: "
        f"{found['log_loss']:.6f}, the default recipe's {found['default_log_loss']:.6f}."
    )
    say(f"Next: pathways train {store} --out MODEL --recipe {out / RECIPE_FILE}")


@app.command()
@writes
def audit(model: Path, store: Path, out: Out, tracking_uri: TrackingUri = None) -> None:
    """Audit a candidate for who is missed and who is listed without need; keep the findings with it."""
    from features.records.store import open_store
    from models.reviewing import keep_with_model
    from training.audit.from_model import audit_model
    from training.audit.write import refuse_in_the_way

    refuse_in_the_way(out)
    with steps("audit") as told:
        facts = audit_model(model, open_store(store), progress=told)
        leaving = write_audited(out, facts)
        keep_with_model(model, facts)
        told("telling MLflow")
        from training.track_audit import track_audit

        track_audit(facts, out, leaving, tracking_uri)
    say_audit(facts, out)


def write_audited(out: Path, facts: dict[str, Any]) -> dict[str, str]:
    """Write an audit's folder, with the reviewer's page and one that may leave; return what may leave."""
    from models.facts.audit import Audit
    from serving.audit_beside import csv_tables
    from serving.audit_page import audit_page
    from serving.published_audit import published_audit
    from training.audit.publish import publish
    from training.audit.write import write_audit

    leaving = {"audit_published.html": published_audit(publish(facts))}
    write_audit(out, Audit.checked(facts), {"audit.html": audit_page(facts), **csv_tables(facts), **leaving})
    return leaving


@app.command("audit-file")
@writes
def audit_file_(
    scores: Annotated[Path, typer.Argument(help="CSV (any separator) or Parquet, one row a person.")],
    outcome: Annotated[str, typer.Option(help="Column of 0 and 1.")],
    group: Annotated[list[str], typer.Option(help="Column of groups; may be repeated.")],
    out: Out,
    estimate: Annotated[
        list[str] | None,
        typer.Option(help="Column of estimates; needs --places or --listed; may be repeated."),
    ] = None,
    places: Annotated[int | None, typer.Option(help="How many are listed.")] = None,
    listed: Annotated[
        list[str] | None, typer.Option(help="Column of 0 and 1, in place of --places; may be repeated.")
    ] = None,
    cross: Annotated[list[str] | None, typer.Option(help="Two group columns, as ethnicity,sex.")] = None,
    cluster: Annotated[str | None, typer.Option(help="Column of what goes together, a school.")] = None,
    weight: Annotated[str | None, typer.Option(help="Column of how many people each row stands for.")] = None,
    against: Annotated[
        list[str] | None,
        typer.Option(help="Also compare with this group, as GROUP or COLUMN=GROUP; may be repeated."),
    ] = None,
    tolerance: Annotated[
        float | None, typer.Option(help="Say which gaps are within so much of everyone's, as 0.05.")
    ] = None,
) -> None:
    """Audit anybody's scored list: a supplier's, another council's, a published benchmark."""
    from training.audit.from_file import audit_file
    from training.audit.write import refuse_in_the_way

    refuse_in_the_way(out)
    with steps("audit"):
        facts = audit_file(
            scores, outcome, group, estimate, places, listed, cross or (), cluster, weight=weight, against=against or (), tolerance=tolerance
        )  # fmt: skip
    write_audited(out, facts)
    say_audit(facts, out)


@app.command()
@writes
def compare(
    a: Annotated[Path, typer.Argument(help="The model that is: a candidate's or a release's folder.")],
    b: Annotated[Path, typer.Argument(help="The model that could take its place.")],
    out: Out,
    store: Annotated[
        Path | None, typer.Argument(help="A record store: then differences get a range.")
    ] = None,
) -> None:
    """Set two models beside each other: evidence, audits, and who would enter and leave the lists."""
    from features.records.store import open_store
    from serving.compare_page import compare_page
    from training.candidate import refuse_in_the_way
    from training.compare.compose import compare as beside
    from training.compare.compose import write_compare

    refuse_in_the_way(out)
    with steps("comparison") as told:
        facts, moved = beside(a, b, open_store(store) if store else None, progress=told)
    write_compare(out, facts, moved, {"compare.html": compare_page(facts)})
    for line in (*facts.first_lines, *facts.notes, *facts.headline):
        say(line)
    say(f"Open {out / 'compare.html'}")


@evidence_app.command("export")
@writes
def evidence_export(
    model: Annotated[Path, typer.Argument(help="A candidate's or a release's folder.")],
    out: Annotated[Path, typer.Argument(help="A JSON file that is not there yet, to give to whoever pools.")],
) -> None:
    """Write what this authority gives to pooled evidence: figures over all schools, no pupil, no school, no small count."""
    from features.files import write_whole
    from training.candidate import refuse_in_the_way
    from training.pooled.export import export

    refuse_in_the_way(out)
    facts = export(model)
    write_whole(out, facts.text())
    told = sum(each.status == "estimated" for each in facts.figures)
    say(f"{told} of {len(facts.figures)} figures can leave {facts.authority}. {facts.rule}")
    say(
        f"Read {out} before it goes. Next, with the files of others: pathways evidence pool {out} OTHER --out DIR"
    )


@evidence_app.command("pool")
@writes
def evidence_pool(
    exports: Annotated[
        list[Path], typer.Argument(help="Files that `pathways evidence export` wrote, one of each authority.")
    ],
    out: Out,
) -> None:
    """Pool the evidence of two authorities or more that trained by one recipe: gains, recall, groups, and how far they lie apart."""
    from serving.pooled_page import pooled_page
    from training.candidate import refuse_in_the_way
    from training.pooled.pool import pool, write_pooled

    refuse_in_the_way(out)
    facts = pool(exports)
    write_pooled(out, facts, {"pooled_evidence.html": pooled_page(facts)})
    for line in (*facts.first_lines, *facts.notes):
        say(line)
    say(
        f"Open {out / 'pooled_evidence.html'}. Next, in each authority that wants its gate to rest on it: pathways evidence rest-on MODEL {out}"
    )


@evidence_app.command("rest-on")
def evidence_rest_on(
    model: Annotated[Path, typer.Argument(help="A candidate's folder, one of those that were pooled.")],
    pooled: Annotated[Path, typer.Argument(help="Folder that `pathways evidence pool` wrote.")],
) -> None:
    """Let a candidate's gate rest on pooled evidence; its pages, card and release say so, and it is reviewed after."""
    from features.files import write_whole
    from models.facts.evidence import Evidence
    from models.facts.pooled import resting
    from models.reviewing import EVIDENCE_FILE
    from serving.reports import evidence_page
    from training.pooled.resting import rest_on

    facts = rest_on(model, pooled)
    evidence = Evidence.read(model / EVIDENCE_FILE)
    page = model.with_name(f"{model.name}-evidence.html")
    write_whole(page, evidence_page(resting(evidence, facts)))
    say(facts.line(evidence.authority))
    say("The gate is passed." if facts.gate.passed else "The gate is not passed.")
    for reason in facts.gate.reasons:
        say(f"- {reason}")
    say(f"Open {page}. A review from before this no longer counts: pathways review {model}")


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


@app.command()
def rebuild(
    model: Annotated[Path, typer.Argument(help="A candidate's or a release's folder, withdrawn ones too.")],
    store: Store,
    out: Annotated[Path | None, typer.Option(help="Also keep what was grown, in a new folder.")] = None,
) -> None:
    """Grow a model again from its recorded recipe and records; say whether it is the same, byte for byte."""
    from features.records.store import open_store
    from models.errors import ModelRefused
    from models.risk_model import load_model
    from training.candidate import refuse_in_the_way
    from training.release.rebuild import rebuild as grow
    from training.release.rebuild import refuse_no_model, save_sealed

    refuse_no_model(model)
    if out:
        refuse_in_the_way(out)
    with steps("rebuild") as told:
        again = grow(load_model(model), open_store(store), progress=told)
    if out:
        save_sealed(again.model, out)
    if again.differing:
        raise ModelRefused(
            f"{len(again.differing)} files differ from {model}, {again.num_equal} are equal: {', '.join(again.differing)}.",
            "Rebuild with the code, the libraries and the LightGBM wheel that trained it (release.json and evidence.json name them).",
        )
    say(f"Equal, byte for byte: all {again.num_equal} files of {model}.")


@app.command()
@writes
def monitor(
    store: Store,
    model: Annotated[Path, typer.Option(help="A candidate's or a release's folder.")],
    out: Out,
    as_of: Day = None,
    tracking_uri: TrackingUri = None,
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
        from training.track_monitor import track_monitor

        track_monitor(facts, out, tracking_uri)
    for alarm in facts["alarms"]:
        say(alarm["sentence"])
    say(f"As of {facts.as_of}: {len(facts.alarms)} alarms. Open {out / 'monitor.html'}")


@app.command()
@writes
def documents(
    model: Path,
    out: Out,
    authority: Annotated[
        Path | None, typer.Option(help="The store or extract whose authority.toml tells what people know.")
    ] = None,
) -> None:
    """Write the model card, the transparency record, the law it rests on, and a notice for families, from measured facts only."""
    from features.records.authority import read_authority
    from models.facts.evidence import Evidence
    from models.facts.pooled import pooled_of, resting
    from serving.documents import data_protection, family_notice, model_card, transparency_page
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
        "data_protection.html": data_protection(facts),
        "evidence.html": evidence_page(resting(Evidence.read(model / "evidence.json"), pooled_of(model))),
    }
    write_documents(out, facts, pages)
    still = sum(bool(row["to_complete"]) for row in record)
    say(f"The documents are in {out}; {still} of {len(record)} fields of the record still need a person.")


@app.command()
def schema(
    name: Annotated[
        str, typer.Argument(help="audit, compare, evidence, evidence_export, monitor or pooled_evidence.")
    ],
) -> None:
    """Print the JSON Schema of a file that training writes."""
    import json

    from models.facts.schemas import RECORDS
    from models.facts.schemas import schema as made

    if name not in RECORDS:
        raise typer.BadParameter(f"Invalid name {name!r}. Allowed values are {', '.join(RECORDS)}.")
    print(json.dumps(made(name), indent=1))


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


@app.command()
def serve(
    home: Annotated[Path | None, typer.Option(envvar="PATHWAYS_HOME", help="The service's folder.")] = None,
    demo: Annotated[Path, typer.Option(help="What `make demo` made, to demonstrate on.")] = Path("demo"),
    host: str = "127.0.0.1",
    port: int = 3000,
) -> None:
    """Start the service; after `make demo`, a demonstration on made-up data."""
    from serving.starting import demonstration_accounts, start

    at = home or demo / "service"
    if home is None and (demo / DEMO_MARK).exists():
        demonstrate(demo, at)
        say("A demonstration: nothing in it is about real children. Each of these signs in once:")
        for name, token in demonstration_accounts(at).items():
            say(f"  {name}: {token}")
    say(f"Starting at http://{host}:{port} (Ctrl-C stops it).")
    start(at, host, port)


def demonstrate(demo: Path, home: Path) -> None:
    """Audit, review, release and prepare what the demo made; what is there already stays."""
    from models.reviewing import DEMONSTRATION, sign_demonstration
    from serving.prepared.read import prepared_dates
    from serving.starting import demonstration_release, set_up_demonstration

    result = demo / "result"
    store, model, releases = result / "store", result / "model", home / "releases"
    if not (home / "service.toml").exists():
        if not (model / "audit.json").exists():
            audit(model, store, result / "audit")
        for each in sign_demonstration(model):
            say(f"A release of real records would wait for its owner to close {each}")
        release(model, "live", "The demonstration", releases, DEMONSTRATION)
        set_up_demonstration(home, demonstration_release(releases), result)
    if not prepared_dates(home / "prepared"):
        prepare(store, demonstration_release(releases), home / "prepared")


@app.command()
@writes
def run(extract: Extract, out: Out, as_of: Day = None, limit: Limit = 0.05, trials: int = 6) -> None:
    """From an extract to lists in one go: import, train, list. OUT/identities holds names: keep it safe."""
    from features.records.disk import require_free

    store, identities, model = out / "store", out / "identities", out / "model"
    require_free(store, model, model.with_name(f"{model.name}-audit"), out / "lists", stays=identities)
    import_(extract, store, identities, limit)
    truth = extract.with_name(f"{extract.name}.truth")
    train(store, model, trials=trials, truth=truth if truth.is_dir() else None, identities=identities)
    list_(store, model, out / "lists", as_of, identities)


@app.command()
@writes
def demo(out: Annotated[Path, typer.Argument()] = Path("demo"), pupils: int = 20_000, seed: int = 1) -> None:
    """A made-up authority from extract to lists and evidence. Nothing in it is about real children."""
    from features.records.disk import emptied

    emptied(out, DEMO_MARK)
    synth(out / "extract", pupils, seed=seed)
    run(out / "extract", out / "result", trials=1)


def main() -> None:
    """Run a command; what the user can put right ends in one clear message and its own exit code."""
    run_and_end(app)


if __name__ == "__main__":
    main()
