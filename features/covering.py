"""Which marks count at some as-of dates, from the roll of a record store."""

import numpy as np
import pandas as pd

from features.as_of import AsOfDates
from features.known import clusters
from features.records.covering import EVER, Covering
from features.records.store import Records


def covering(records: Records, dates: AsOfDates, begins: np.datetime64) -> Covering:
    """The spells of a roll, of any enrolment status, those that were superseded too; days counted from `begins`."""
    roll = records.tables["roll"]
    names = ["pupil", "urn", "entry_date", "leaving_date", "known_on", "end_known_on"]
    names += ["known_until"] if "known_until" in roll.columns else []
    rows = roll.select(*names).to_pyarrow().to_pandas(date_as_object=False)
    if "known_until" not in rows:
        rows["known_until"] = np.datetime64("NaT", "D")
    days = {name: rows[name].to_numpy("datetime64[D]") for name in [*names[2:6], "known_until"]}
    moments = np.array(dates.days, "datetime64[D]")

    def after(day: np.ndarray) -> np.ndarray:
        """The first as-of date after each day, by index; their number where a day is blank."""
        return np.where(np.isnat(day), len(moments), np.searchsorted(moments, day, side="right"))

    leaving = days["leaving_date"]
    is_open = np.isnat(leaving)
    spells = pd.DataFrame(
        {
            "pupil": rows["pupil"],
            "urn": rows["urn"],
            "first": (days["entry_date"] - begins).astype("int64"),
            "last": np.where(is_open, EVER, (np.where(is_open, begins, leaving) - begins).astype("int64")),
            "since": after(np.maximum(days["entry_date"], days["known_on"])),
            "until": after(days["known_until"]),
            "over": after(np.maximum(leaving, days["end_known_on"])),
        }
    )
    now = clusters(records).to_pyarrow().to_pandas().sort_values("urn")
    urns = now["urn"].to_numpy("int64")
    school = np.searchsorted(urns, now["cluster"].to_numpy("int64"))
    return Covering.of(len(moments), urns, school, spells)
