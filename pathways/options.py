"""Arguments and options that several commands share."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

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
