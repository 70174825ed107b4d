"""Places of every school's meeting and every district's meeting, by the rule of `models.places`."""

import numpy as np
import pandas as pd

from features.records.authority import Authority
from models.places import PlacesGiven, floors, give_places, standing


def school_places(schools: pd.DataFrame, authority: Authority) -> dict[int, int]:
    """URN to how many children the school's meeting can look at, by the school's phase."""
    of_phase = authority.meeting.places_per_school
    return {
        int(urn): of_phase.get(phase, 0) for urn, phase in zip(schools["urn"], schools["phase"], strict=True)
    }


def states_of_everyone(
    matrix: pd.DataFrame,
    estimate: np.ndarray,
    refits: np.ndarray,
    base_rates: dict[str, float],
    schools: pd.DataFrame,
    authority: Authority,
) -> pd.DataFrame:
    """The state of every pupil on the school's list and on the district's.

    Parameters
    ----------
    matrix : pandas.DataFrame
        The cohort at one as-of date; n rows.
    estimate : numpy.ndarray, shape (n,)
    refits : numpy.ndarray, shape (n, R)
        From `RiskModel.spread`.
    base_rates : dict
        Phase to the outcome's rate in the training dates.
    schools : pandas.DataFrame
        `Records.schools`.
    authority : Authority
        For the places of each meeting.

    Returns
    -------
    pandas.DataFrame
        pupil, school_state, is_near_school_line, district_state, is_near_district_line; n rows, in
        the order of the matrix. States are those of `models.places`.
    """
    out_of_running = standing(
        matrix["is_assessed"].to_numpy(),
        matrix["is_exclusion_in_progress"].to_numpy(),
        matrix["is_supported"].to_numpy(),
    )
    floor = floors(matrix["phase"].to_numpy(), base_rates)

    def give(of_pupil: pd.Series, places: dict) -> PlacesGiven:
        units, unit = np.unique(of_pupil.to_numpy(), return_inverse=True)
        places_of_unit = np.array([places[name] for name in units.tolist()], dtype=np.int64)
        return give_places(
            estimate, refits, unit, places_of_unit, floor, out_of_running, matrix["pupil"].to_numpy()
        )

    at_school = give(matrix["urn"], school_places(schools, authority))
    in_district = give(
        matrix["district"], dict.fromkeys(matrix["district"], authority.meeting.places_per_district)
    )
    return pd.DataFrame(
        {
            "pupil": matrix["pupil"].to_numpy(),
            "school_state": at_school.state,
            "is_near_school_line": at_school.is_near_line,
            "district_state": in_district.state,
            "is_near_district_line": in_district.is_near_line,
        }
    )
