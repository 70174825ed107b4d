"""From an extract to a record store, and to a feature matrix; and made-up authorities."""

import os
from pathlib import Path
from typing import Annotated

import typer

from pathways.options import Days, Extract, Identities, Limit, Report
from serving.terminal import reading, say, say_import, steps, writes

app = typer.Typer()


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
