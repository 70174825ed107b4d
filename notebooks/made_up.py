"""The small made-up authority that every notebook asks: made once, then read from where it was put.

Nothing in it is about real children. It is far too small to judge a model by: the notebooks show how to
read figures, not what they are.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from features.records.importing import import_extract
from features.records.store import Records, open_store
from features.synthetic import write_authority
from models.reviewing import keep_with_model
from models.risk_model import RiskModel, load_model
from training.audit.of_cohort import about_model, audit_cohort
from training.candidate import EVIDENCE_FILE
from training.from_store import frames_of, settings_for
from training.run import train

PLACE = "PATHWAYS_NOTEBOOKS"  # where it is kept; notebooks/work where this is not set
PUPILS, YEARS, SEED = 1_200, 4, 4


@dataclass(frozen=True)
class MadeUp:
    """A made-up authority on disk.

    Attributes
    ----------
    folder : Path
        Holds extract, store, identities and model.
    """

    folder: Path

    @property
    def extract(self) -> Path:
        return self.folder / "extract"

    @property
    def model_folder(self) -> Path:
        return self.folder / "model"

    def records(self) -> Records:
        return open_store(self.folder / "store")

    def model(self) -> RiskModel:
        return load_model(self.model_folder)

    def report(self) -> dict[str, Any]:
        """What import read, kept, repaired and rejected."""
        return read(self.folder / "store" / "report.json")

    def evidence(self) -> dict[str, Any]:
        return read(self.model_folder / EVIDENCE_FILE)

    def audit(self) -> dict[str, Any]:
        return read(self.model_folder / "audit.json")


def made_up() -> MadeUp:
    """The authority, made where it is not there yet: about a minute on one core, and no time after that."""
    place = Path(os.environ.get(PLACE) or Path(__file__).parent / "work")
    made = MadeUp(place)
    if not (made.folder / "store").exists():
        write_authority(made.extract, pupils=PUPILS, years=YEARS, seed=SEED)
        import_extract(made.extract, made.folder / "store", made.folder / "identities")
    if not (made.model_folder / "audit.json").exists():
        records = made.records()
        settings = settings_for(records, trials=1, refits=5, draws=200, with_transport=False)
        frames = frames_of(records, settings)
        candidate = train(frames, settings, made.model_folder, place / "looks.jsonl")
        audit = audit_cohort(candidate.judged, frames, records, about_model(made.model_folder))
        keep_with_model(made.model_folder, audit)
    return made


def read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text())
    return found
