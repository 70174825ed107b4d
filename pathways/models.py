"""For data scientists and reviewers: train, audit, compare, watch and document a model."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pathways.options import Day, Identities, Out, Store, TrackingUri
from serving.terminal import say, say_audit, steps, writes

if TYPE_CHECKING:
    from models.facts.evidence import Evidence

app = typer.Typer()


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
