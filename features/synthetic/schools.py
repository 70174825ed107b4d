"""The authority's schools: sizes, districts, who attends them, and how hard their response is."""

from dataclasses import dataclass

import numpy as np

from features.synthetic import assumptions as assume
from features.synthetic.figures import ETHNICITIES, share
from features.synthetic.streams import normal_scores, stream

PHASES = ("primary", "secondary", "special", "all_through", "pru", "ap")
MAJOR_GROUPS = ("Asian", "Black", "Mixed", "Other", "White", "Unclassified")
STEMS = (
    "Ashdown", "Quarry Lane", "Ivybridge", "Willowbrook", "Hawthorn", "Beechwood", "Millstream", "Yewtree",
    "Larkfield", "Oakhurst", "Fernleigh", "Brookside", "Stonebridge", "Greenacre", "Foxhollow", "Rookery",
    "Heathfield", "Limetree", "Maplewell", "Swanpool", "Thornbury Road", "Orchard Way", "Chapel Hill",
    "Meadowbank", "Kestrel", "Robin Hood Lane", "Silverdale", "Tanyard", "Weavers", "Cooper Street",
    "St Zoë’s", "St Aidan’s", "St Hilda’s", "St Cuthbert’s", "Holy Trinity", "All Saints", "St Bede’s",
    "Al-Noor", "Jubilee", "Victoria Road",
)  # fmt: skip
KINDS = (
    "",
    " Park",
    " Green",
    " Vale",
    " Manor",
    " Bridge",
    " Grange",
    " Heath",
    " Croft",
    " Mount",
    " Meadow",
    " Court",
    " Rise",
    " Common",
    " Lodge",
    " Wood",
    " Mill",
    " Gate",
    " Farm",
    " Hall",
)
SUFFIX = {
    "primary": "Primary School", "secondary": "School", "special": "Special School",
    "all_through": "All-through School", "pru": "Pupil Referral Unit", "ap": "Alternative Provision",
}  # fmt: skip

SCHOOL = np.dtype([
    ("urn", "i4"), ("next_urn", "i4"), ("converts", "i4"), ("phase", "i1"), ("is_academy", "?"),
    ("district", "i1"), ("estab", "i4"), ("low", "i1"), ("places", "f4"), ("has_nursery", "?"),
    ("has_sixth_form", "?"), ("fsm", "f4"), ("severity", "f4"), ("permanence", "f4"), ("notifies", "f4"),
    ("takes_study_leave", "?"), ("late_from", "i4"),
])  # fmt: skip


@dataclass(frozen=True)
class Schools:
    """The schools, a row each.

    Attributes
    ----------
    rows : (S,) structured array
        `places` is per year group; `fsm` a shift in log-odds; `severity` and `permanence` factors on the
        rates of suspension and of permanent exclusion; `converts` the September of becoming an academy,
        or 0; `late_from` the school days before the end on which registers stop, or 0.
    ethnicity : (S, 20) array
        Cumulative shares of the ethnic groups of `figures.ETHNICITIES`.
    names : list of str
    """

    rows: np.ndarray
    ethnicity: np.ndarray
    names: list[str]

    def of_phase(self, *phases: str) -> np.ndarray:
        """Row numbers of the schools of the phases."""
        return np.flatnonzero(np.isin(self.rows["phase"], [PHASES.index(phase) for phase in phases]))

    def urn(self, school: np.ndarray, start: int) -> np.ndarray:
        """The URN that each school has in the academic year that begins in September of `start`."""
        rows = self.rows[school]
        return np.where((rows["converts"] > 0) & (start >= rows["converts"]), rows["next_urn"], rows["urn"])


def numbers_of_schools(pupils: int) -> dict[str, int]:
    """How many schools of each phase an authority of that many pupils has (one city's mean sizes)."""
    places = {phase: pupils * size for phase, size in assume.PHASE_SHARES.items()}
    secondary = max(2, round(places["secondary"] / 880))
    through = int(secondary >= 8)
    return {
        "primary": max(3, round(places["primary"] / 395)), "secondary": secondary - through,
        "special": max(1, round(places["special"] / 160)), "all_through": through,
        "pru": max(1, round(pupils / 50_000)), "ap": max(int(pupils >= 10_000), round(pupils / 60_000)),
    }  # fmt: skip


def build_schools(
    seed: int,
    pupils: int,
    years: int,
    school_severity: float | None = None,
    late_feed: int = 0,
    last: int = assume.LAST_YEAR_STARTS,
) -> Schools:
    """Draw the schools of an authority of about `pupils` pupils.

    Parameters
    ----------
    school_severity : float or None
        The log-SD of schools' rates of suspension; None keeps the assumption of each phase.
    late_feed : int
        So many primary and secondary schools have registers that stop early.
    """
    rng = stream(seed, "schools")
    numbers = numbers_of_schools(pupils)
    phase = np.repeat(np.arange(len(PHASES)), [numbers[name] for name in PHASES])
    rows = np.zeros(len(phase), SCHOOL)
    rows["phase"] = phase
    districts = int(
        np.clip(min(numbers["primary"] // 12, numbers["secondary"] // 2), 2, len(assume.DISTRICTS))
    )
    urns = rng.choice(np.arange(100_001, 150_000), 2 * len(rows), replace=False)
    rows["urn"], rows["next_urn"] = np.sort(urns[: len(rows)]), urns[len(rows) :]
    for name in PHASES:
        at = np.flatnonzero(phase == PHASES.index(name))
        first = {
            "primary": 2000,
            "secondary": 4000,
            "special": 7000,
            "all_through": 6900,
            "pru": 1100,
            "ap": 1150,
        }
        rows["estab"][at] = first[name] + np.arange(len(at))
        rows["district"][at] = rng.permutation(np.arange(len(at)) % districts)
        rows["low"][at] = 7 if name in ("secondary", "pru", "ap") else 0
        rows["places"][at] = places(rng, name, len(at), pupils)
        rows["is_academy"][at] = rng.random(len(at)) < assume.SHARE_ACADEMY.get(name, 0.0)
        rows["fsm"][at] = assume.SD_SCHOOL_FSM * normal_scores(rng, len(at))
        severity(rng, rows, at, name, school_severity)
    rows["has_nursery"] = (phase == 0) & (rng.random(len(rows)) < assume.SHARE_NURSERY_CLASS)
    rows["has_sixth_form"] = np.isin(phase, (1, 3)) & (rng.random(len(rows)) < assume.SHARE_SIXTH_FORM)
    rows["takes_study_leave"] = rng.random(len(rows)) < assume.SHARE_STUDY_LEAVE
    under = rng.random(len(rows)) < assume.SHARE_SCHOOLS_UNDER_NOTIFYING
    rows["notifies"] = np.where(under & (phase < 4), 1 - assume.SHARE_NOT_NOTIFIED, 1.0)
    convert(rng, rows, years, last)
    late = rng.permutation(np.flatnonzero((phase < 2) & (rows["converts"] == 0)))[:late_feed]
    rows["late_from"][late] = rng.integers(*assume.LATE_FEED_DAYS, len(late))
    names = [f"{stem}{kind}" for kind in KINDS for stem in STEMS]
    order = rng.permutation(len(STEMS))
    stems = [
        names[number // len(STEMS) * len(STEMS) % len(names) + order[number % len(STEMS)]]
        for number in range(len(rows))
    ]
    titles = [f"{stem} {SUFFIX[PHASES[kind]]}" for stem, kind in zip(stems, phase, strict=True)]
    return Schools(rows, ethnic_shares(rng, rows, districts), titles)


def places(rng: np.random.Generator, phase: str, size: int, pupils: int) -> np.ndarray:
    """Places a year group: log-normal, and adding up to what the authority's pupils need."""
    if phase in ("pru", "ap"):
        return np.zeros(size)
    year_groups = {"primary": 7.25, "secondary": 5.6, "special": 14, "all_through": 5.6}[phase]
    total = pupils * assume.PHASE_SHARES.get(phase, assume.PHASE_SHARES["secondary"]) / year_groups
    spread = {"primary": 0.4, "secondary": 0.3, "special": 0.3, "all_through": 0.1}[phase]
    sizes = np.exp(spread * normal_scores(rng, size))
    numbers = numbers_of_schools(pupils)
    secondaries = numbers["secondary"] + numbers["all_through"]
    total *= {"secondary": numbers["secondary"], "all_through": numbers["all_through"]}.get(
        phase, secondaries
    ) / secondaries
    return total * sizes / sizes.sum()


def severity(
    rng: np.random.Generator, rows: np.ndarray, at: np.ndarray, phase: str, spread: float | None
) -> None:
    """Factors on the rates of suspension and of permanent exclusion, with mean one by place."""
    base = {"all_through": "secondary", "pru": "special", "ap": "special"}.get(phase, phase)
    spread = assume.SD_SEVERITY[base] if spread is None else spread
    own, other = normal_scores(rng, len(at)), normal_scores(rng, len(at))
    shared = assume.SEVERITY_WITH_FSM
    hardness = shared * rows["fsm"][at] / assume.SD_SCHOOL_FSM + np.sqrt(1 - shared**2) * own
    agree = assume.SEVERITY_AGREEMENT
    finality = agree * hardness + np.sqrt(1 - agree**2) * other
    weight = np.maximum(rows["places"][at], 1)
    for column, logs in (
        ("severity", spread * hardness),
        ("permanence", assume.SD_SEVERITY_PERMANENT * finality),
    ):
        factor = np.exp(logs)
        rows[column][at] = factor / np.average(factor, weights=weight) if len(at) else factor


def convert(rng: np.random.Generator, rows: np.ndarray, years: int, last: int) -> None:
    """Some maintained schools become academies in a September inside the records; one at least."""
    first = last - years + 2
    can = np.flatnonzero(~rows["is_academy"] & (rows["phase"] < 3))
    if years < 2 or not len(can):
        return
    number = max(1, round(assume.CONVERSIONS_PER_YEAR * len(rows) * (years - 1)))
    chosen = rng.choice(can, min(number, len(can)), replace=False)
    rows["converts"][chosen] = first + rng.integers(0, years - 1, len(chosen))


def ethnic_shares(rng: np.random.Generator, rows: np.ndarray, districts: int) -> np.ndarray:
    """Cumulative shares of ethnic groups by school: districts differ, schools of a district a little."""
    major = np.array([share("all", "ethnicity_major", group) for group in MAJOR_GROUPS])
    major /= major.sum()
    shift = assume.SD_DISTRICT_ETHNICITY * np.stack(
        [normal_scores(rng, districts) for _ in MAJOR_GROUPS], axis=1
    )
    shift = shift[rows["district"]] + assume.SD_SCHOOL_ETHNICITY * rng.standard_normal(
        (len(rows), len(MAJOR_GROUPS))
    )
    local = major * np.exp(shift)
    weight = np.maximum(rows["places"], 1)
    for _ in range(20):  # rake to the city's shares
        local /= local.sum(axis=1, keepdims=True)
        local *= major / np.average(local, axis=0, weights=weight)
    local /= local.sum(axis=1, keepdims=True)
    minor = np.zeros((len(MAJOR_GROUPS), len(ETHNICITIES)))
    for number, group in enumerate(MAJOR_GROUPS):
        for code, part in assume.MINOR_SHARES[group].items():
            minor[number, ETHNICITIES.index(code)] = part
    return np.cumsum(local @ minor, axis=1)
