"""The day on which an outcome came about: for lead times of lists, never for a feature."""

import ibis
import ibis.expr.types as ir

from features.as_of import AsOf
from features.known import suspension_events
from features.outcome import SERIOUS_SESSIONS
from features.records.store import Records


def outcome_days(records: Records, outcome: str, opens: AsOf, known_by: AsOf) -> ir.Table:
    """When each pupil first met an outcome, counted from the day on which a window opens.

    Parameters
    ----------
    outcome : str
        serious_exclusion, permanent_exclusion, upheld_permanent or any_suspension; a hidden exit has no
        day of its own, and nobody is returned.
    opens : AsOf
        Sessions of suspension add up from here.
    known_by : AsOf
        Only what was known strictly before this day counts.

    Returns
    -------
    ibis Table
        pupil, event_on: one row a pupil who met it, in order of pupil.
    """
    events = suspension_events(records, known_by.alone)
    events = events.filter(~opens.is_before(events.start_date))
    is_susp, is_perm = events.category == "SUSP", events.category == "PERM"
    so_far = ibis.window(group_by="pupil", order_by="start_date", preceding=None, following=0)
    running = is_susp.ifelse(events.sessions, 0).sum().over(so_far)
    met = {
        "serious_exclusion": is_perm | (running >= SERIOUS_SESSIONS),
        "permanent_exclusion": is_perm,
        "upheld_permanent": is_perm & (events.outcome == "upheld"),
        "any_suspension": is_susp,
        "hidden_exit": ibis.literal(False),
    }[outcome]
    days = events.mutate(is_met=met).filter(lambda t: t.is_met)
    return days.group_by("pupil").agg(event_on=lambda t: t.start_date.min()).order_by("pupil")
