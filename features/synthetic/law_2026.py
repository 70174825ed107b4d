"""What changed in 2026, in made-up records: there with the switch `law_2026`, which also lets the records run to 2026/27.

Dates and codes are those of `features/contract/breaks.csv`; how many children and schools each change touches no published
figure settles, so each share is an assumption with a name (`assumptions.py`). Everything here draws from streams of its own, so
that without the switch the same bytes are written as before.
"""

from datetime import date

import numpy as np
from scipy.special import ndtri

from features.contract.breaks import first_day
from features.synthetic import assumptions as assume
from features.synthetic.calendar import SchoolYear
from features.synthetic.incidents import REASON_CODES
from features.synthetic.maker import Maker, delayed
from features.synthetic.schools import PHASES
from features.synthetic.services import INVOLVEMENT
from features.synthetic.streams import choose, stream

LAST_YEAR_STARTS = 2026
EXTRACTED_ON = (2027, 8, 31)
GO_LIVE = date(*assume.FAMILY_HELP_ON)
MOVES_ON = np.datetime64(date(*assume.MOVES_INSIDE_ON))
EXPANDED_ON = np.datetime64(first_day("free_school_meals"))
VINTAGE_ON = np.datetime64(first_day("idaci_vintage"))
GUIDANCE_ON = np.datetime64(first_day("exclusions_guidance"))
CODES_ON = np.datetime64("2026-09-01")  # the first census of the data set of May 2026 is not confirmed: check
BRITISH = {
    "ABRI": ("AIND", "APKN", "ABAN", "AOTH"),
    "BBRI": ("BAFR", "BCRB", "BOTH"),
}
SPLITS = {"DB": ("DB", "LD", "CB"), "DA": ("DR", "AR", "SR", "VR"), "OW": ("OW", "BW"), "BU": ("BU", "TB")}
SCORED = ("reading", "maths", "gps")
WITHOUT_ASSESSMENTS = (2020, 2021)
LAST_KEY_STAGE_1 = 2023  # statutory until then


def toml_lines() -> list[str]:
    """What the authority says of its own day of Family Help."""
    return ["", "[[breaks]]", 'name = "family_help"', f"first_day = {GO_LIVE}", ""]


def some_schools(maker: Maker, purpose: str, share: float, phases: tuple[str, ...] = ()) -> np.ndarray:
    """Schools of which something holds, the same in every year; bool, one each."""
    rows = maker.schools.rows
    chosen = stream(maker.seed, f"law {purpose}").random(len(rows)) < share
    return chosen & (np.isin(np.array(PHASES)[rows["phase"]], phases) if phases else True)


def moved_schools(maker: Maker) -> np.ndarray:
    """Schools that move sanctions inside from January 2026."""
    return some_schools(maker, "moves", assume.SHARE_MOVES_INSIDE, ("secondary", "all_through"))


def recorded_from(maker: Maker) -> np.ndarray:
    """The day from which each school records internal suspensions: some from the first year, others only later."""
    rng = stream(maker.seed, "law recorded")
    late = rng.random(len(maker.schools.rows)) < assume.SHARE_RECORDS_INSIDE_LATE
    first = np.datetime64(f"{maker.first_recorded}-09-01")
    return np.where(late, np.datetime64(date(*assume.RECORDS_INSIDE_LATE_FROM)), first)


def answer_inside(
    maker: Maker,
    year: SchoolYear,
    pupils: np.ndarray,
    roll: np.ndarray,
    events: np.ndarray,
    place: np.ndarray,
) -> np.ndarray:
    """Write the internal suspensions of a year; bool of `events`: those that stay suspensions.

    Beside each suspension stand internal ones in ordinary times; at a school that has moved, most of its short suspensions are
    answered inside from that day on.
    """
    rng = stream(maker.seed, "law inside", year.start)
    school, day = roll["school"][place], year.days[events["day"]]
    is_short = (events["category"] == 0) & (events["sessions"] <= assume.SHORT_SESSIONS)
    is_moved = is_short & moved_schools(maker)[school] & (day >= MOVES_ON)
    is_moved &= rng.random(len(events)) < assume.SHARE_ANSWERED_INSIDE
    num = np.where(events["category"] == 0, rng.poisson(assume.INSIDE_PER_SUSPENSION, len(events)), 0)
    beside = np.repeat(np.arange(len(events)), num)
    spell = roll[place[beside]]
    first, last = np.maximum(spell["first"], 0), np.minimum(spell["last"], len(year.days) - 1)
    drawn = first + (rng.random(len(beside)) * (last - first + 1)).astype(int)
    at = np.concatenate([beside, np.flatnonzero(is_moved)])
    days = np.concatenate([year.days[np.clip(drawn, 0, len(year.days) - 1)], day[is_moved]])
    sessions = np.concatenate([rng.integers(1, 5, len(beside)), events["sessions"][is_moved]])
    told = days >= recorded_from(maker)[school[at]]
    at, days, sessions = at[told], days[told], sessions[told]
    recorded = delayed(rng, days, 2.0, 0.04, 30)
    order = np.lexsort((pupils["upn"][events["pupil"][at]], days))
    order = order[recorded[order] <= maker.extracted_on]
    maker.file("internal_suspensions").write({
        "upn": pupils["upn"][events["pupil"][at]][order], "urn": maker.schools.urn(school[at], year.start)[order],
        "start_date": days[order], "sessions": np.maximum(sessions[order], 1).astype("i4"),
        "reason_1": REASON_CODES[events["reason_1"][at]][order], "recorded_on": recorded[order],
    })  # fmt: skip
    return ~is_moved


def write_attainment(maker: Maker, year: SchoolYear, pupils: np.ndarray, levels: np.ndarray) -> None:
    """Results of the assessments of a year: better where no need was found, less good where engagement was low."""
    taken = year.start + 1
    if taken in WITHOUT_ASSESSMENTS:
        return
    rng = stream(maker.seed, "law attainment", year.start)
    rank = np.clip(pupils["sen_rank"].astype(float), 0.001, 0.999)
    skill = 0.6 * ndtri(rank) - 0.3 * levels + 0.7 * rng.standard_normal(len(pupils))
    stages = [(0, "eyfs", ("gld",)), (1, "phonics", ("phonics",)), (6, "ks2", SCORED)]
    stages += [(2, "ks1", SCORED[:2])] if taken <= LAST_KEY_STAGE_1 else []
    for nc, stage, subjects in stages:
        at = np.flatnonzero(pupils["nc"] == nc)
        for subject in subjects:
            own = skill[at] + 0.5 * rng.standard_normal(len(at))
            score = np.clip(np.rint(103.5 + 7 * own), 80, 120).astype(int).astype("U9")
            met = np.where(own > assume.BELOW_EXPECTED, "met", "not met")
            result = np.where(
                rng.random(len(at)) < assume.SHARE_ABSENT, "absent", score if stage == "ks2" else met
            )
            recorded = np.full(len(at), np.datetime64(f"{taken}-07-31")) + rng.integers(20, 60, len(at))
            told = recorded <= maker.extracted_on
            maker.file("attainment").write({
                "upn": pupils["upn"][at][told], "stage": np.full(told.sum(), stage), "subject": np.full(told.sum(), subject),
                "year": np.full(told.sum(), taken, "i4"), "result": result[told], "recorded_on": recorded[told],
            })  # fmt: skip


def census_of_2026(
    maker: Maker, columns: dict[str, np.ndarray], pupil: np.ndarray, school: np.ndarray
) -> dict[str, np.ndarray]:
    """The census with what changed on its days: free school meals by category, new ethnicity codes by school, the new IDACI."""
    day = columns["census_date"]
    lot, other = (
        pupil["sen_rank"] * 7919 % 1,
        pupil["need_rank"] * 6007 % 1,
    )  # the same of a pupil in every census
    fsm, is_after = columns["fsm_eligible"], day >= EXPANDED_ON
    is_expanded = np.where(fsm, lot < assume.SHARE_PROTECTION_ENDS, lot < assume.SHARE_EXPANDED) & is_after
    eligible = fsm | is_expanded
    category = np.where(is_after & eligible, np.where(is_expanded, "EFSM", "TFSM"), "")
    category = np.where(some_schools(maker, "silent", assume.SHARE_WITHOUT_CATEGORY)[school], "", category)
    ethnicity = columns["ethnicity"].copy()
    uses = some_schools(maker, "ethnicity", assume.SHARE_NEW_ETHNICITY)[school] & (day >= CODES_ON)
    for code, origins in BRITISH.items():
        ethnicity[uses & np.isin(ethnicity, origins) & (other < assume.SHARE_BRITISH)] = code
    step = np.where(other < 1 / 4, -1, np.where(other > 3 / 4, 1, 0))
    idaci = np.where(
        day >= VINTAGE_ON, np.clip(columns["idaci_decile"] + step, 1, 10), columns["idaci_decile"]
    )
    return columns | {
        "fsm_eligible": eligible, "fsm_category": category, "ethnicity": ethnicity, "idaci_decile": idaci.astype(columns["idaci_decile"].dtype),
    }  # fmt: skip


def new_reasons(
    maker: Maker, year: SchoolYear, school: np.ndarray, day: np.ndarray, reason: np.ndarray
) -> np.ndarray:
    """Reasons as schools write them that use the codes of May 2026."""
    uses = some_schools(maker, "reasons", assume.SHARE_NEW_REASONS)[school] & (day >= CODES_ON)
    rng = stream(maker.seed, "law reasons", year.start)
    found = reason.copy()
    for code, parts in SPLITS.items():
        at = np.flatnonzero(uses & (reason == code))
        found[at] = np.array(parts)[choose(rng, np.ones(len(parts)), len(at))]
    return found


def as_family_help(rows: np.ndarray) -> np.ndarray:
    """Child in need and Early Help as they are recorded around the day of Family Help: ended on it, and begun anew."""
    on = np.datetime64(GO_LIVE)
    becomes = np.isin(rows["kind"], ("cin", "early_help"))
    rows = rows.copy()
    rows["kind"][becomes & (rows["start"] >= on)] = "family_help"
    goes_over = becomes & (rows["start"] < on) & (np.isnat(rows["end"]) | (rows["end"] > on))
    after = rows[goes_over].copy()
    after["kind"], after["start"], after["recorded"] = "family_help", on, np.maximum(after["recorded"], on)
    rows["end"][goes_over] = on
    rows["end_recorded"][goes_over] = on + 2
    return np.concatenate([rows, after])


def separations(maker: Maker, year: SchoolYear, pupils: np.ndarray) -> np.ndarray:
    """Safeguarding separations, which the guidance names from 26 July 2026: of a few children, for some weeks."""
    if year.days[-1] < GUIDANCE_ON:
        return np.zeros(0, INVOLVEMENT)
    rng = stream(maker.seed, "law separations", year.start)
    at = np.flatnonzero((rng.random(len(pupils)) < assume.SEPARATIONS) & (pupils["nc"] >= 0))
    rows = np.zeros(len(at), INVOLVEMENT)
    rows["pupil"], rows["kind"] = at, "safeguarding_separation"
    days = year.days[year.days >= GUIDANCE_ON]
    rows["start"] = days[rng.integers(0, len(days), len(at))]
    rows["recorded"] = rows["start"] + rng.integers(0, 10, len(at))
    rows["end"] = rows["start"] + rng.integers(7, 60, len(at))
    rows["end_recorded"] = rows["end"] + rng.integers(0, 20, len(at))
    return rows
