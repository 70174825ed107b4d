"""`mlflow run` from a clean clone, as a data scientist types it: both ways to an environment, and every entry point.

It takes minutes, and is run with the promises.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from features.records.importing import import_extract
from features.synthetic import write_authority
from models.manifest import verify_manifest

TOP = Path(__file__).parents[2]
UV = os.environ.get("UV") or shutil.which("uv") or str(TOP / ".tools" / "bin" / "uv")
pytestmark = [
    pytest.mark.promise,
    pytest.mark.xdist_group("mlflow run"),  # their records are made once
    pytest.mark.filterwarnings("ignore"),  # MLflow's own: other people's deprecations
]


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with what git holds of this one, as it is now, and nothing else."""
    folder = tmp_path_factory.mktemp("mlflow-run") / "clone"
    asked = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    held = subprocess.run(asked, cwd=TOP, capture_output=True, text=True, check=True).stdout.split("\0")
    for name in filter(None, held):
        if (TOP / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(TOP / name, folder / name)
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "-c", "user.name=T", "-c", "user.email=t@example.org", "commit", "-qm", "As it is now")
    return folder


@pytest.fixture(scope="module")
def extract(clone: Path) -> Path:
    """A small made-up authority's, beside the clone."""
    folder = clone.parent / "extract"
    write_authority(folder, pupils=400, years=4, seed=4, truth_dates=[])
    return folder


@pytest.fixture(scope="module")
def store(extract: Path) -> str:
    """Its record store, as the clone calls it."""
    import_extract(extract, extract.with_name("store"), extract.with_name("identities"))
    return "../store"


@pytest.fixture(scope="module")
def trained(clone: Path, extract: Path) -> Path:
    """What `main` makes, in the environment that is there, with no place named for anything."""
    said = run(clone, "local", "main", extract="../extract", trials="1", refits="2")
    assert "The candidate is in result/model" in said
    return clone / "result"


def git(folder: Path, *words: str) -> str:
    return subprocess.run(
        ["git", *words], cwd=folder, capture_output=True, text=True, check=True
    ).stdout.strip()


def run(clone: Path, manager: str, entry: str, **given: str) -> str:
    """Type it in the clone; what it said."""
    command = [sys.executable, "-m", "mlflow", "run", ".", "--env-manager", manager, "-e", entry]
    for name, value in given.items():
        command += ["-P", f"{name}={value}"]
    paths = (str(Path(sys.executable).parent), str(Path(UV).parent), os.environ["PATH"])
    told = {
        "PATH": os.pathsep.join(paths),
        "MLFLOW_ENV_ROOT": str(clone.parent / "environments"),
        "PYTHONPATH": "",
    }
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("MLFLOW_", "PATHWAYS_"))
    }
    done = subprocess.run(command, cwd=clone, env=kept | told, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return done.stdout


def test_main_goes_from_an_extract_to_a_candidate_and_git_sees_no_record(clone: Path, trained: Path) -> None:
    verify_manifest(trained / "model")
    assert (trained / "model-audit" / "audit.html").is_file()
    # What the clean clone was is what the evidence names: records beside the code are no change to it.
    evidence = json.loads((trained / "model" / "evidence.json").read_text())
    assert evidence["data"]["commit"] == git(clone, "rev-parse", "HEAD")
    assert git(clone, "status", "--porcelain") == ""


@pytest.mark.parametrize(
    ("entry", "given", "made"),
    [
        ("train", {"store": "result/store", "trials": "1", "refits": "2"}, "candidate/evidence.json"),
        ("tune", {"store": "result/store", "trials": "2"}, "search/recipe.json"),
        ("audit", {"store": "result/store", "model": "result/model"}, "audit/audit.html"),
        ("monitor", {"store": "result/store", "model": "result/model"}, "monitor/monitor.html"),
    ],
)
def test_every_step_works_in_the_environment_that_is_there(
    clone: Path, trained: Path, entry: str, given: dict[str, str], made: str
) -> None:
    run(clone, "local", entry, **given)
    assert (trained / made).is_file()
    assert git(clone, "status", "--porcelain") == ""


@pytest.mark.parametrize("manager", ["local", "uv"])
def test_a_step_works_in_either_environment(clone: Path, store: str, manager: str) -> None:
    if manager == "uv" and not Path(UV).is_file():
        pytest.skip("uv is not here: make setup fetches it")
    out = f"result/{manager}/matrix.parquet"
    run(clone, manager, "features", store=store, as_of="2024-07-19", out=out)
    assert (clone / out).is_file()
    assert git(clone, "status", "--porcelain") == ""
    if manager == "uv":  # made from the lock file, and whole
        [environment] = (clone.parent / "environments").iterdir()
        assert (environment / "uv.lock").read_bytes() == (TOP / "uv.lock").read_bytes()
        assert list((environment / "lib").glob("*/site-packages/lightgbm"))
