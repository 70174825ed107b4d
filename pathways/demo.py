"""From an extract to lists in one go, a demonstration on made-up data, and the service itself."""

from pathlib import Path
from typing import Annotated

import typer

from pathways.lists import list_, prepare
from pathways.models import audit, train
from pathways.options import Day, Extract, Limit, Out
from pathways.records import import_, synth
from pathways.releases import release
from serving.terminal import say, writes

app = typer.Typer()
DEMO_MARK = ".made-by-pathways-demo"


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
