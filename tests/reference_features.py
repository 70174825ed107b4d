"""The oracle, continued: every feature of one pupil at one as-of date, in plain Python.

Each function gives a family's features by name; None is missing. A look-back that starts before the records
do, or before a code existed, is missing for everybody.
"""

from datetime import date, timedelta

from tests.reference import CODES, Row, World, single

REASONS = {
    "disruption": "DB LD CB", "physical": "PP PA", "verbal": "VP VA", "drugs": "DA DR AR SR VR", "weapons": "OW BW",
    "damage": "DM TH", "bullying": "BU TB RA LG DS MB AB", "sexual": "SM SB", "online": "MT MP", "other_reason": "PH OS OT",
}  # fmt: skip
OPEN_KINDS = (
    "cin", "cpp", "cla", "plac", "early_help", "young_carer", "s19_medical", "ap_placement", "off_site_direction",
    "managed_move", "part_time_timetable", "mhst", "youth_justice", "custody",
)  # fmt: skip
PAST_KINDS = {
    "social_worker": ("cin", "cpp", "cla"),
    "early_help": ("early_help",),
    "alternative": ("ap_placement", "off_site_direction", "managed_move"),
    "custody": ("custody",),
}
PHASES = {"primary": 1, "middle": 2, "secondary": 3, "all_through": 4, "special": 5}


def matrix_row(world: World, pupil: int) -> Row | None:
    """The pupil's row of the matrix, cohort columns and features; None where not in the cohort."""
    row = world.cohort_row(pupil)
    if row is None:
        return None
    made = attendance(world, pupil) | suspensions(world, pupil) | sen(world, pupil)
    made |= context(world, pupil, row) | school(world, row)
    if world.tables.get("internal_suspensions"):
        made |= internal_suspensions(world, pupil)
    if world.tables.get("attainment"):
        made |= attainment(world, pupil)
    return row | {name: single(value) for name, value in made.items()}


def divided(part, of):
    return part / of if part is not None and of else None


def less(now, before):
    return None if now is None or before is None else now - before


def first_day(world: World, table: str, own: str) -> date | None:
    """The first day that any known row of a table is dated."""
    return min((row[own] for row in world.known(table, world.tables[table])), default=None)


# -- attendance -----------------------------------------------------------------------------------


def sessions(world: World, pupil: int) -> list[Row]:
    """Every known session that counts: its day, code, and what the code stands for."""
    counted = []
    for row in world.counted(world.rows_of("attendance", pupil)):
        for code in (row["am"], row["pm"]):
            if code == "N" and row["date"] >= world.as_of - timedelta(days=7):
                continue
            counted.append({"date": row["date"], "code": code, "possible": CODES[code]["counts_as_possible"] == "1",
                            "absent": CODES[code]["counts_as_absent"] == "1",
                            "unauthorised": CODES[code]["statistical_class"] == "unauthorised_absence"})  # fmt: skip
    return counted


def attendance(world: World, pupil: int) -> Row:
    every = sessions(world, pupil)
    first = first_day(world, "attendance", "date")

    def of(length, back=0):
        """Sessions of a look-back; None where the registers do not reach so far."""
        if not world.reaches(length + back, first):
            return None
        return [mark for mark in every if world.in_look_back(mark["date"], length, back)]

    def share(test, length, back=0):
        marks = of(length, back)
        return (
            None if marks is None else divided(sum(map(test, marks)), sum(mark["possible"] for mark in marks))
        )

    def total(codes, length):
        """Sessions with one of the codes; None where no session was possible."""
        marks = of(length)
        if marks is None or not any(mark["possible"] for mark in marks):
            return None
        return sum(mark["code"] in codes for mark in marks)

    def missed(mark):
        return mark["absent"]

    made = {f"share_missed_{length}": share(missed, length) for length in (20, 60, 190)}
    for length in (20, 60, 190):
        made[f"share_unauthorised_{length}"] = share(lambda mark: mark["unauthorised"], length)
        made[f"share_illness_{length}"] = share(lambda mark: mark["code"] == "I", length)
    for length in (20, 60):
        made[f"share_late_{length}"] = share(lambda mark: mark["code"] in "LU", length)
    for length in (60, 190):
        made[f"num_sessions_marked_suspended_{length}"] = total("E", length)
    made["num_sessions_alternative_60"] = total("KB", 60)
    began = world.days_before(60)
    is_new = began is not None and began < date(2024, 8, 19)
    made["num_sessions_part_time_60"] = None if is_new else total(("C2",), 60)
    for length in (20, 60):
        made[f"change_share_missed_{length}"] = less(
            share(missed, length), share(missed, length, back=length)
        )
        if not world.reaches(2 * length, first):
            made[f"change_share_missed_{length}"] = None
    made["change_share_missed_60_year"] = less(share(missed, 60), share(missed, 60, back=190))
    made |= absence_spells(world, every, of(60))
    days = [world.today - world.number(mark["date"]) for mark in of(190) or [] if mark["absent"]]
    made["days_since_absent"] = min(days, default=None)
    for name, bar in (("persistently", 0.1), ("severely", 0.5)):
        missed_190 = made["share_missed_190"]
        made[f"is_{name}_absent_190"] = None if missed_190 is None else int(missed_190 >= bar)
    return made


def absence_spells(world: World, every: list[Row], marks: list[Row] | None) -> Row:
    """Whole days missed, on school days in a row, inside the last 60; a spell under way before did not begin inside."""
    if marks is None or not any(mark["possible"] for mark in marks):
        return {"days_longest_absence_60": None, "num_absence_spells_60": None}

    def is_missed(number):
        day = world.school_days[number]
        that_day = [mark for mark in every if mark["date"] == day and mark["possible"]]
        return bool(that_day) and all(mark["absent"] for mark in that_day)

    longest = spells = run = 0
    was_missed = is_missed(world.today - 61)
    for number in range(world.today - 60, world.today):
        missed = is_missed(number)
        spells += missed and not was_missed
        run = run + 1 if missed else 0
        longest = max(longest, run)
        was_missed = missed
    return {"days_longest_absence_60": longest, "num_absence_spells_60": spells}


# -- suspensions ----------------------------------------------------------------------------------


def suspensions(world: World, pupil: int) -> Row:
    events = world.events(world.rows_of("suspensions", pupil))
    suspended = [row for row in events if row["category"] == "SUSP"]
    lunchtimes = [row for row in events if row["category"] == "LNCH"]
    first = first_day(world, "suspensions", "start_date")

    def of(rows, length, back=0):
        return [row for row in rows if world.in_look_back(row["start_date"], length, back)]

    made: Row = {}
    for length in (20, 60, 190, 380):
        made[f"num_suspensions_{length}"] = len(of(suspended, length))
    for length in (60, 190, 380):
        made[f"num_sessions_suspended_{length}"] = sum(row["sessions"] for row in of(suspended, length))
    for length in (60, 190):
        made[f"num_lunchtime_suspensions_{length}"] = len(of(lunchtimes, length))
    numbers = [world.number(row["start_date"]) for row in of(suspended, 380)]
    made["days_since_suspension_380"] = world.today - max(numbers) if numbers else None
    made["num_sessions_longest_suspension_190"] = max(
        (row["sessions"] for row in of(suspended, 190)), default=0
    )
    made["change_num_suspensions_120"] = len(of(suspended, 60)) - len(of(suspended, 60, back=60))
    for group, codes in REASONS.items():
        with_reason = [
            row for row in events if row["category"] != "LNCH" and set(row["reasons"]) & set(codes.split())
        ]
        made[f"num_{group}_190"] = len(of(with_reason, 190))
    made["num_permanent_exclusions_380"] = len(of([row for row in events if row["category"] == "PERM"], 380))
    for name in made:
        if not world.reaches(int(name.rsplit("_", 1)[1]), first):
            made[name] = None
    made["days_since_suspension"] = made.pop("days_since_suspension_380")
    made["change_num_suspensions_60"] = made.pop("change_num_suspensions_120")
    year, half, _, _ = world.half_term_of(world.as_of)
    starts = [(other, name, day) for other, name, day, _ in world.half_terms if other == year]
    term = min(day for _, name, day in starts if name[:6] == half[:6])
    for days, start in ((15, term), (45, min(day for _, _, day in starts))):
        since = [row for row in events if row["start_date"] >= start]
        halves = {"SUSP": lambda row: row["sessions"], "LNCH": lambda row: 1, "PERM": lambda row: 0}
        made[f"num_sessions_towards_{days}_days"] = sum(halves[row["category"]](row) for row in since)
    return made


# -- internal suspensions ---------------------------------------------------------------------------


def internal_suspensions(world: World, pupil: int) -> Row:
    table = "internal_suspensions"
    first = first_day(world, table, "start_date")
    since: dict = {}
    for row in world.known(table, world.tables[table]):
        school, day = (
            world.school_now(row["urn"]),
            min(row["start_date"], world.half_term_of(row["start_date"])[2]),
        )
        since[school] = min(day, since.get(school, day))
    spells = [
        row for row in world.known("roll", world.rows_of("roll", pupil)) if row["enrolment_status"] in "CM"
    ]

    def is_recorded(length):
        """Had every school of the look-back begun to record, while the pupil was there?"""
        start = world.days_before(length)
        if start is None or not world.reaches(length, first):
            return False
        for spell in spells:
            begun = since.get(world.school_now(spell["urn"]))
            left = spell["leaving_date"]
            if left is not None and left < start:
                continue
            if begun is None or (begun > start and begun > spell["entry_date"]):
                return False
        return True

    latest: dict = {}
    for row in world.known(table, world.rows_of(table, pupil)):
        rank = (-row["known_on"].toordinal(), -(row["sessions"] or 0))
        key = (row["urn"], row["start_date"])
        if key not in latest or rank < latest[key][0]:
            latest[key] = (rank, row)
    events = [row for _, row in latest.values()]

    def of(length, back=0):
        return [row for row in events if world.in_look_back(row["start_date"], length, back)]

    made: Row = {}
    for length in (20, 60, 190):
        made[f"num_internal_suspensions_{length}"] = len(of(length)) if is_recorded(length) else None
    for length in (60, 190):
        total = sum(row["sessions"] or 0 for row in of(length))
        made[f"num_sessions_internal_{length}"] = total if is_recorded(length) else None
    numbers = [world.today - world.number(row["start_date"]) for row in of(190)]
    made["days_since_internal_suspension"] = min(numbers, default=None) if is_recorded(190) else None
    rising = len(of(60)) - len(of(60, back=60))
    made["change_num_internal_suspensions_60"] = rising if is_recorded(120) else None
    return made


# -- attainment -----------------------------------------------------------------------------------


def attainment(world: World, pupil: int) -> Row:
    told: dict = {}
    for row in world.known("attainment", world.rows_of("attainment", pupil)):
        subject = (row["subject"] or "").strip().lower()
        key = (row["stage"], subject, row["year"])
        rank = (-row["known_on"].toordinal(), row["result"])
        if key not in told or rank < told[key][0]:
            told[key] = (rank, row["result"])
    last: dict = {}
    for (stage, subject, _year), (_, result) in sorted(told.items()):
        if result != "absent":
            last[stage, subject] = result  # a later year takes the place of an earlier one
    met: dict = {stage: [] for stage in ("eyfs", "phonics", "ks1", "ks2")}
    gaps: dict = {stage: [] for stage in met}
    for (stage, _), result in last.items():
        if result in ("met", "not_met"):
            met[stage].append(result == "met")
        elif stage == "phonics" and int(result) <= 40:
            met[stage].append(int(result) >= 32)
        else:
            met[stage].append(int(result) >= 100)
            gaps[stage].append(int(result) - 100)
    made = {f"is_{stage}_met": int(all(met[stage])) if met[stage] else None for stage in ("eyfs", "phonics")}
    for stage in ("ks1", "ks2"):
        made[f"share_{stage}_met"] = divided(sum(met[stage]), len(met[stage]))
        made[f"{stage}_score_from_expected"] = divided(sum(gaps[stage]), len(gaps[stage]))
    return made


# -- special educational needs --------------------------------------------------------------------


def sen(world: World, pupil: int) -> Row:
    censuses = world.censuses(pupil)
    order = {"N": 0, "K": 1, "E": 2}
    now = order[censuses[-1]["sen_provision"]] if censuses else None
    needs = {"semh": ("SEMH", "BESD"), "slcn": ("SLCN",), "asd": ("ASD",), "mld": ("MLD",), "spld": ("SPLD",)}
    made = {"sen_provision": now}
    for need, codes in needs.items():
        last = censuses[-1] if censuses else None
        made[f"is_{need}"] = (
            None if last is None else int(last["sen_need_1"] in codes or last["sen_need_2"] in codes)
        )
    if world.reaches(380, first_day(world, "census", "census_date")):
        was = [(order[row["sen_provision"]], row["census_date"]) for row in censuses]
        numbers = [world.number(on) for provision, on in was if provision != now]
        made["days_since_sen_differed"] = world.today - max(numbers) if numbers else None
        made["is_sen_stepped_up"] = int(any(provision < now for provision, _ in was))
        made["is_sen_stepped_down"] = int(any(provision > now for provision, _ in was))
    else:
        made |= dict.fromkeys(("days_since_sen_differed", "is_sen_stepped_up", "is_sen_stepped_down"))
    spells = world.known("involvements", world.rows_of("involvements", pupil))
    made["is_ehc_assessment_open"] = int(
        any(row["kind"] == "ehc_assessment" and row["is_open"] for row in spells)
    )
    plans = [row["start_date"] for row in spells if row["kind"] == "ehcp" and row["is_open"]]
    made["is_ehcp_open"] = int(bool(plans))
    plans = [world.number(day) for day in plans if world.in_look_back(day, 380)]
    is_reached = world.reaches(380, first_day(world, "involvements", "start_date"))
    made["days_since_ehcp_started"] = world.today - max(plans) if plans and is_reached else None
    return made


# -- context --------------------------------------------------------------------------------------


def context(world: World, pupil: int, row: Row) -> Row:
    year = None if row["nc_year"] == -1 else row["nc_year"]
    born = world.birth_date(pupil)
    spells = world.known("roll", world.rows_of("roll", pupil))
    made = {
        "year_group": year,
        "num_months_young_in_year": None if born is None else (born.month - 9) % 12,
        "is_transition_year": None if year is None else int(year in (0, 6, 7)),
        "is_dual_registered": int(
            any(spell["is_open"] and spell["enrolment_status"] == "S" for spell in spells)
        ),
        "num_days_in_window": max((world.window_end(row["nc_year"], 365) - world.as_of).days + 1, 0),
        "days_since_joining_school": since_joining(world, spells, row["cluster"]),
        "num_in_year_moves_380": in_year_moves(world, spells),
    }
    involved = world.known("involvements", world.rows_of("involvements", pupil))
    for kind in OPEN_KINDS:
        made[f"is_{kind}_open"] = int(any(spell["kind"] == kind and spell["is_open"] for spell in involved))
    first = first_day(world, "involvements", "start_date")
    for group, kinds in PAST_KINDS.items():
        ended = [
            spell
            for spell in involved
            if spell["kind"] in kinds and not spell["is_open"] and world.in_look_back(spell["end_date"], 380)
        ]
        made[f"has_had_{group}_380"] = int(bool(ended)) if world.reaches(380, first) else None
    services = ("cin", "cpp", "cla", "early_help", "mhst")
    begun = [
        spell
        for spell in involved
        if spell["kind"] in services and world.in_look_back(spell["start_date"], 190)
    ]
    made["num_involvements_begun_190"] = len(begun) if world.reaches(190, first) else None
    off = [
        name
        for name in made
        for source in ("youth_justice", "custody")
        if source in name and source not in world.basis
    ]
    return {name: value for name, value in made.items() if name not in off}


def joinings(world: World, spells: list[Row], statuses: str) -> list[Row]:
    """The spells that begin a stay at a school: not those after a gap no longer than a summer holiday."""
    found = []
    for spell in spells:
        earlier = [
            world.as_of if other["leaving_date"] is None else other["leaving_date"]
            for other in spells
            if world.school_now(other["urn"]) == world.school_now(spell["urn"])
            and other["enrolment_status"] in statuses
            and (other["entry_date"], other["urn"]) < (spell["entry_date"], spell["urn"])
        ]
        goes_on = earlier and (world.turned_academy(spell) or (spell["entry_date"] - max(earlier)).days <= 60)
        if spell["enrolment_status"] in statuses and not goes_on:
            found.append(spell)
    return found


def since_joining(world: World, spells: list[Row], school_now: int) -> int | None:
    """School days since the present stay began."""
    joined = max(
        spell["entry_date"]
        for spell in joinings(world, spells, "CMS")
        if world.school_now(spell["urn"]) == school_now
    )
    return world.today - world.number(joined) if world.in_look_back(joined, 380) else None


def in_year_moves(world: World, spells: list[Row]) -> int | None:
    """Stays begun after the tenth school day of a year and before its end, in two school years."""
    if not world.reaches(380, first_day(world, "roll", "entry_date")):
        return None
    moves = 0
    for spell in joinings(world, spells, "CM"):
        if not world.turned_academy(spell):
            moves += any(
                tenth < spell["entry_date"] <= last for tenth, last in world.years
            ) and world.in_look_back(spell["entry_date"], 380)
    return moves


# -- school ---------------------------------------------------------------------------------------


def school(world: World, row: Row) -> Row:
    """How the pupil's school answered its pupils in the school year before last, beside its peers."""
    phase = PHASES.get(row["phase"])
    names = ("school_suspension_rate", "school_permanent_exclusion_rate", "school_absence_rate", "school_num_pupils", "school_suspension_rate_to_peers")  # fmt: skip
    if not world.reaches(380, first_day(world, "attendance", "date")):
        return dict.fromkeys(names) | {"school_phase": phase}
    every = schools_last_year(world)
    own = every.get(row["cluster"])
    if own is None:
        return dict.fromkeys(names) | {"school_phase": phase}
    alike = [other for other in every.values() if other["phase"] == own["phase"]]
    mean = sum(other["pupils"] for other in alike) / len(alike)
    peers = [other for other in alike if (other["pupils"] >= mean) == (own["pupils"] >= mean)]
    rate = divided(own["suspensions"], own["pupils"])
    peer_rate = divided(sum(other["suspensions"] for other in peers), sum(other["pupils"] for other in peers))
    values = (rate, divided(own["permanent"], own["pupils"]), divided(own["absent"], own["possible"]), own["pupils"], divided(rate, peer_rate))  # fmt: skip
    return dict(zip(names, values, strict=True)) | {"school_phase": phase}


def schools_last_year(world: World) -> dict[int, Row]:
    """By school as it is today: events, marks and size of the school year before last; none where it has none."""
    if "last_year" in world.__dict__:
        return world.__dict__["last_year"]
    end = world.days_before(190)
    found: dict = {}

    def add(urn, **counts):
        now = world.school_now(urn)
        nothing = dict.fromkeys(("suspensions", "permanent", "absent", "possible", "pupils"), 0)
        own = found.setdefault(now, nothing | {"phase": world.schools[now]["phase"]})
        for name, number in counts.items():
            own[name] += number

    for event in world.events(world.tables["suspensions"]):
        if world.in_look_back(event["start_date"], 190, back=190):
            add(event["urn"], suspensions=event["category"] == "SUSP", permanent=event["category"] == "PERM")
    for mark in world.counted(world.tables["attendance"]):
        if world.in_look_back(mark["date"], 190, back=190):
            for code in (mark["am"], mark["pm"]):
                add(
                    mark["urn"],
                    possible=int(CODES[code]["counts_as_possible"]),
                    absent=int(CODES[code]["counts_as_absent"]),
                )
    there = {
        (world.school_now(spell["urn"]), spell["pupil"])
        for spell in world.known("roll", world.tables["roll"])
        if spell["enrolment_status"] in "CM"
        and spell["entry_date"] < end
        and (spell["leaving_date"] is None or spell["leaving_date"] >= end)
    }
    for urn, _ in there:
        add(urn, pupils=1)
    world.__dict__["last_year"] = found
    return found
