"""From a record store and a model to what lists are made from, for one as-of date."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from features.as_of import SHORT_FALL, AsOf
from features.calendar import Calendar, academic_year
from features.errors import AuthorityRefused
from features.facts import facts
from features.matrix import feature_matrix
from features.records.store import Records
from features.status import statuses
from features.weeks import weeks
from models.facts.evidence import SeenBands
from models.places import NOT_ASSESSED, NOT_LISTED
from models.reasons import reasons
from models.release import is_release
from models.risk_model import RiskModel
from models.standing import SHADOW, load_for_lists, state_of
from serving.errors import ListsRefused
from serving.lists.printed import JSON_FILE, breaches_of, write_lists
from serving.placing import states_of_everyone
from serving.prepared.bands import banded
from serving.reading import Reading

EVIDENCE = "evidence.json"
RELEASES = Path("releases")  # where the commands keep them, unless told otherwise
Tell = Callable[[str], None]


def read_for_lists(
    records: Records,
    model: RiskModel,
    as_of: date,
    names: pd.DataFrame | None = None,
    tell: Tell = lambda step: None,
    seen: SeenBands | None = None,
) -> Reading:
    """Estimate, place and explain the cohort of one as-of date.

    Parameters
    ----------
    names : pandas.DataFrame or None
        From the identities (`names_for`), indexed by pupil; None leaves pseudonyms.
    tell : callable of str
        Told each step as it begins.
    seen : SeenBands or None
        Of the model's evidence; None where it has none, or no bands are wanted.

    Raises
    ------
    AuthorityRefused
        `authority.toml` has no terms for the academic year of the date.
    ModelRefused
        The model reads features that this authority's records do not make.
    """
    calendar = calendar_for(records, as_of)
    moment = AsOf(as_of, calendar)
    tell("features")
    matrix = pd.concat([table.to_pandas() for table in feature_matrix(records, [as_of])])
    tell("estimates")
    estimate, refits = estimates(model, matrix)
    states = states_of_everyone(
        matrix, estimate, refits, model.facts.base_rates, records.schools, records.authority
    )
    named = with_a_card(matrix, states)
    tell("facts of those named")
    told = facts(records, moment, sorted(named))
    drawn = weeks(records, moment, sorted(named))
    known = statuses(records, moment, sorted(named))
    tell("reasons")
    scored = np.array(sorted(named & set(matrix["pupil"][matrix["is_assessed"]])), dtype=np.int64)
    moved = reasons(model, matrix, scored)
    held = None if names is None else names.reset_index()
    is_assessed = matrix["is_assessed"].to_numpy(bool)
    bands = banded(matrix["pupil"].to_numpy()[is_assessed], estimate[is_assessed], refits[is_assessed], seen)
    return Reading(records.authority, records.schools, matrix, states, told, known, moved, drawn, held, bands)


def calendar_for(records: Records, as_of: date) -> Calendar:
    """The authority's calendar, if it holds the academic year of the date."""
    year = academic_year(as_of)
    if year not in records.authority.terms:
        raise AuthorityRefused(
            f'authority.toml has no terms for {year}, the year of {as_of}. Add [terms."{year}"] and import again, or give a date in '
            f"{', '.join(records.authority.terms)}."
        )
    return Calendar.of(records.authority)


def with_a_card(matrix: pd.DataFrame, states: pd.DataFrame) -> set[int]:
    """Pupils about whom a list says more than a name: everyone in a state, and those in alternative provision.

    Others who are not assessed (a year group after Easter, a school whose registers stopped) are not looked into.
    """
    is_out = (
        states[["school_state", "district_state"]].isin([NOT_LISTED, NOT_ASSESSED]).all(axis=1).to_numpy()
    )
    elsewhere = (matrix["not_assessed_reason"] == "alternative_provision").to_numpy()
    return set(matrix["pupil"][~is_out | elsewhere])


def estimates(model: RiskModel, matrix: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Estimates and the refits' estimates, shapes (n,) and (n, R); 0 for whoever is not assessed.

    A pupil whose family objects, or who is not assessed for another reason, is never scored.
    """
    is_assessed = matrix["is_assessed"].to_numpy(bool)
    estimate = np.zeros(len(matrix))
    refits = np.zeros((len(matrix), len(model.refits)), dtype=np.float32)
    scored = matrix[is_assessed]
    if len(scored):
        estimate[is_assessed] = model.estimate(scored)
        refits[is_assessed] = model.spread(scored)
    return estimate, refits


def warnings_for(records: Records, model: RiskModel, as_of: date) -> list[str]:
    """Keys of `wording.WARNINGS` that hold for a list of a date."""
    found = []
    if calendar_for(records, as_of).distance_from_trained(as_of) > SHORT_FALL:
        found.append("far_from_trained")
    if as_of <= max(model.facts.trained_on):
        found.append("looks_back")
    return found


def standing_warnings(model_folder: Path) -> list[str]:
    """Keys of `wording.WARNINGS` for a model that no second person has let go live."""
    if not is_release(model_folder):
        return ["candidate"]
    return ["shadow"] if state_of(model_folder) == SHADOW else []


def lists_of(
    records: Records,
    model_folder: Path,
    out: Path,
    as_of: date | None = None,
    names: pd.DataFrame | None = None,
    previous: Path | None = None,
    urn: int | None = None,
    district: str | None = None,
    tell: Tell = lambda step: None,
    releases: Path = RELEASES,
) -> dict[str, Any]:
    """Write the lists of one as-of date from a store and a model's folder.

    Parameters
    ----------
    as_of : date or None
        None takes the last end of a half-term before the extract.
    previous : Path or None
        Folder of an earlier run's lists, to say what changed.
    releases : Path
        Where a model that was withdrawn is known, and that no list is made for a while.

    Returns
    -------
    dict
        What `lists.json` holds.

    Raises
    ------
    ListsRefused
        As `write_lists`, before anything is computed where nothing needs to be; or `previous` holds no lists.
    """
    as_of = as_of or latest_half_term(records)
    model = load_for_lists(model_folder, as_of, releases)
    earlier = read_json(previous / JSON_FILE) if previous else None
    breaches = breaches_of(out, as_of, records.schools, model.facts, earlier, urn, district)
    if previous and earlier is None:
        breaches.append(
            f"{previous} holds no {JSON_FILE}. Name the folder that `pathways list` wrote for the meeting before."
        )
    if breaches:  # before the minutes that features take
        raise ListsRefused(*breaches)
    reading = read_for_lists(records, model, as_of, names, tell)
    tell("writing")
    return write_lists(
        out,
        as_of,
        reading,
        model.facts,
        f"{model_folder.name} {model.folder_hash[:12]}",
        read_json(model_folder / EVIDENCE),
        earlier,
        [*warnings_for(records, model, as_of), *standing_warnings(model_folder)],
        urn,
        district,
    )


def latest_half_term(records: Records) -> date:
    """The last end of a half-term on or before the day of the extract."""
    return Calendar.of(records.authority).last_as_of(records.authority.authority.extracted_on)


def read_json(path: Path) -> dict[str, Any] | None:
    """What a file of JSON holds; None where there is no such file."""
    return json.loads(path.read_text()) if path.exists() else None
