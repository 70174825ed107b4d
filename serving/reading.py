"""What lists are made from: plain frames of one as-of date, so that any of them can be made up."""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from features.records.authority import Authority


@dataclass(frozen=True)
class Reading:
    """The frames of one as-of date.

    Attributes
    ----------
    authority : Authority
        Names, places, signposts, and the day of the extract.
    schools : pandas.DataFrame
        `Records.schools`.
    matrix : pandas.DataFrame
        The cohort: pupil, as_of, urn, district, nc_year, not_assessed_reason; one row a pupil.
    states : pandas.DataFrame
        From `serving.placing.states_of_everyone`; one row a pupil of the matrix.
    facts : pandas.DataFrame
        pupil, family, kind, dated_on, sentence; at least of those listed or who could go either way.
    statuses : pandas.DataFrame
        pupil, status, since; at least of those who are named.
    contributions : pandas.DataFrame
        pupil, family, contribution, is_sign_stable.
    weeks : pandas.DataFrame
        From `features.weeks.weeks`; of those with a card.
    names : pandas.DataFrame or None
        pupil, upn, forename, surname; None where pages carry pseudonyms.
    bands : pandas.DataFrame or None
        From `serving.prepared.bands.banded`, of those who were assessed; None where only pages are made.
    """

    authority: Authority
    schools: pd.DataFrame
    matrix: pd.DataFrame
    states: pd.DataFrame
    facts: pd.DataFrame
    statuses: pd.DataFrame
    contributions: pd.DataFrame
    weeks: pd.DataFrame
    names: pd.DataFrame | None = None
    bands: pd.DataFrame | None = None

    def breaches(self, as_of: date) -> list[str]:
        """Where the frames do not agree with each other or with the date; one sentence a breach."""
        matrix, states = self.matrix, self.states
        found = []
        if (wrong := int((matrix["as_of"] != as_of).sum())) > 0:
            found.append(
                f"{wrong} rows of the matrix are of another date than {as_of}. Make the matrix for that one date."
            )
        if (twice := int(matrix["pupil"].duplicated().sum())) > 0:
            found.append(
                f"{twice} rows of the matrix repeat a pupil. A pupil on two rolls belongs to the main school (M) alone."
            )
        if len(states) != len(matrix) or set(states["pupil"]) != set(matrix["pupil"]):
            found.append(
                f"There are states for {len(states)} pupils and {len(matrix)} rows on roll. Give every pupil one state."
            )
        if (strangers := set(matrix["urn"]) - set(self.schools["urn"])) != set():
            found.append(
                f"{len(strangers)} schools of the matrix are not in the schools table. Import the extract again."
            )
        return found
