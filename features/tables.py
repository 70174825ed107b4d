"""The records contract: what a row of each table is, its columns, and what is known to be wrong with it.

A constraint here both describes and checks: `records/check.py` reads these declarations, and the
data sheet shown to an authority is printed from them. A table read back from a record store has the
columns of `Table.stored`: the pupil's keyed pseudonym in place of the UPN, and the day a row became
known (`known_on`) in place of `recorded_on`.
"""

from features.involvements import BY_CODE
from features.table import Column, Table

NC_YEARS = ("N1", "N2", "R", *(str(year) for year in range(1, 15)), "X")
SCHOOL_STATUSES = ("C", "M")  # current single registration, and the main one of a dual registration
ELSEWHERE = ("F", "O", "G", "P")  # registrations that put nobody on a school's own roll
PHASES = {
    "nursery": "Nursery", "primary": "Primary", "middle": "Middle", "secondary": "Secondary", "all_through": "All-through",
    "special": "Special", "ap": "Alternative provision", "pru": "Pupil referral unit",
}  # fmt: skip
YEARS_OF_PHASE = {
    "primary": range(-2, 7),
    "nursery": range(-2, 1),
    "secondary": range(7, 15),
}  # others teach any


def is_outside_phase(year: int, phase: str) -> bool:
    """Does a school of a phase teach no such year group (Reception 0, nursery below)?"""
    return phase in YEARS_OF_PHASE and year not in YEARS_OF_PHASE[phase]


UPN = Column("upn", "upn", is_required=True)
URN = Column("urn", "urn", is_required=True)
RECORDED_ON = Column("recorded_on", "date")
END_RECORDED_ON = Column("end_recorded_on", "date")
SEX = ("F", "M")

SCHOOLS = Table(
    "schools",
    "a school, academy or provision of the authority",
    (
        URN,
        Column("laestab", "text"),
        Column("name", "text", is_required=True),
        Column("phase", "code", is_required=True, allowed=tuple(PHASES)),
        Column("type", "code", is_required=True, allowed=("maintained", "academy", "free", "independent")),
        Column("district", "text", is_required=True),
        Column("sharing_panel", "text"),
        Column("opened_on", "date"),
        Column("closed_on", "date"),
        Column("predecessor_urn", "urn"),
    ),
    key=("urn",),
    defects="A school that becomes an academy has a new URN: its history follows predecessor_urn.",
)

ROLL = Table(
    "roll",
    "a spell on a school's admission register",
    (
        UPN,
        URN,
        Column("enrolment_status", "code", is_required=True, allowed=(*SCHOOL_STATUSES, "S", *ELSEWHERE)),
        Column("entry_date", "date", is_required=True),
        Column("leaving_date", "date", must_exist=True),
        Column(
            "leaving_reason",
            "code",
            allowed=(
                "moved",
                "transferred_phase",
                "end_of_schooling",
                "ehe",
                "permanently_excluded",
                "managed_move",
                "custody",
                "deceased",
                "unknown",
            ),  # fmt: skip
        ),
        RECORDED_ON,
        END_RECORDED_ON,
        Column("birth_date", "date"),
        Column("sex", "code", allowed=SEX),
        Column("nc_year", "code", allowed=NC_YEARS),
        Column("former_upn", "upn"),
    ),
    date="entry_date",
    lag_days=5,
    end="leaving_date",
    key=("upn", "urn", "entry_date"),
    defects="Leavers are often recorded late; until then a spell reads as open. nc_year is at entry.",
)

CENSUS = Table(
    "census",
    "a pupil in a termly School Census",
    (
        Column("census_date", "date", is_required=True),
        URN,
        UPN,
        Column("birth_date", "date", is_required=True),
        Column("sex", "code", is_required=True, allowed=SEX),
        Column("ethnicity", "code", is_required=True, codes="ethnicity"),
        Column("fsm_eligible", "boolean", is_required=True),
        Column("sen_provision", "code", is_required=True, codes="sen_provision"),
        Column("sen_need_1", "code", codes="sen_need"),
        Column("sen_need_2", "code", codes="sen_need"),
        Column("nc_year", "code", is_required=True, allowed=NC_YEARS),
        Column("idaci_decile", "integer", low=1, high=10),
        RECORDED_ON,
        Column("fsm_category", "code", allowed=("TFSM", "EFSM", "OFSM"), is_late=True),
        Column("idaci_vintage", "integer", low=2004, high=2100, is_late=True),
    ),
    date="census_date",
    lag_days=35,
    key=("upn", "census_date", "urn"),
    defects="SEN is often first recorded after trouble starts; an EHC plan lags the council's own record. From the autumn census of "
    "2026 fsm_eligible does not mean what it meant: fsm_category tells targeted (TFSM) from expanded (EFSM).",
)

ATTENDANCE = Table(
    "attendance",
    "a pupil's two marks at one school on one school day",
    (
        UPN,
        URN,
        Column("date", "date", is_required=True),
        Column("am", "code", is_required=True, codes="attendance"),
        Column("pm", "code", is_required=True, codes="attendance"),
        RECORDED_ON,
    ),
    date="date",
    lag_days=7,
    key=("upn", "urn", "date"),
    defects="N marks settle within a week; a dual-registered pupil has two rows a day; codes changed on 19 August 2024.",
)

SUSPENSIONS = Table(
    "suspensions",
    "a suspension, lunchtime suspension or permanent exclusion",
    (
        UPN,
        URN,
        Column("category", "code", is_required=True, codes="exclusion_category"),
        Column("start_date", "date", is_required=True),
        Column("sessions", "integer", must_exist=True, low=1, high=100),
        Column("reason_1", "code", codes="exclusion_reason"),
        Column("reason_2", "code", codes="exclusion_reason"),
        Column("reason_3", "code", codes="exclusion_reason"),
        Column("outcome", "code", allowed=("upheld", "cancelled", "withdrawn", "reinstated", "quashed")),
        Column("outcome_on", "date"),
        RECORDED_ON,
    ),
    date="start_date",
    lag_days=3,
    defects="Live notifications hold all that were issued; two versions of one event are both kept.",
)

INVOLVEMENTS = Table(
    "involvements",
    "a spell with a service or plan",
    (
        Column("upn", "upn", must_exist=True),
        Column("kind", "code", is_required=True, allowed=tuple(BY_CODE)),
        Column("start_date", "date", is_required=True),
        Column("end_date", "date", must_exist=True),
        RECORDED_ON,
        END_RECORDED_ON,
    ),
    date="start_date",
    lag_days=7,
    end="end_date",
    defects="Social care rows may lack a UPN (`unlinked`); the council is the source of ehcp.",
)

INTERNAL_SUSPENSIONS = Table(
    "internal_suspensions",
    "an internal suspension or isolation of half a day or more",
    (
        UPN,
        URN,
        Column("start_date", "date", is_required=True),
        Column("sessions", "integer", must_exist=True, low=1, high=100),
        Column("reason_1", "code", codes="exclusion_reason"),
        RECORDED_ON,
    ),
    date="start_date",
    lag_days=3,
    is_optional=True,
    is_late=True,
    defects="Schools differ in what they record and since when: a school without a row has not recorded any, which is not none.",
)

STAGES = ("eyfs", "phonics", "ks1", "ks2")
ATTAINMENT = Table(
    "attainment",
    "a pupil's result in one subject of a statutory assessment",
    (
        UPN,
        Column("stage", "code", is_required=True, allowed=STAGES),
        Column("subject", "text"),
        Column("year", "school_year", is_required=True, low=2000, high=2099),
        Column("result", "result", is_required=True),
        RECORDED_ON,
    ),
    date="taken_by",
    lag_days=60,
    is_optional=True,
    is_late=True,
    defects="Assessments of 2020 and 2021 were not held. A child who came from elsewhere, or was absent, has none: that is not a low one.",
)

SUPPORT = Table(
    "support",
    "a spell of help given because of a screening",
    (
        UPN,
        Column(
            "kind", "code", is_required=True, allowed=("universal_plus", "targeted", "intensive", "other")
        ),
        Column("start_date", "date", is_required=True),
        Column("end_date", "date", must_exist=True),
        RECORDED_ON,
    ),
    date="start_date",
    lag_days=7,
    end="end_date",
    is_optional=True,
    defects="Never a feature: it tells evaluation who had been helped.",
)

WITHHELD = Table(
    "withheld",
    "a spell in which a pupil is not scored (objection) or never named (restricted)",
    (
        UPN,
        Column("reason", "code", must_exist=True, allowed=("objection", "restricted")),
        Column("from", "date", must_exist=True),
        Column("to", "date"),
    ),
    end="to",
    is_optional=True,
    defects="Fails closed: what cannot be read there protects the child more; a row of nobody stops the import.",
)

NAMES = Table(
    "names",
    "a pupil's name; kept with the identities, never in the record store",
    (UPN, Column("forename", "text"), Column("surname", "text")),
    key=("upn",),
    is_optional=True,
)

TABLES = {
    table.name: table
    for table in (
        SCHOOLS, ROLL, CENSUS, ATTENDANCE, SUSPENSIONS, INVOLVEMENTS, INTERNAL_SUSPENSIONS, ATTAINMENT, SUPPORT, WITHHELD, NAMES,
    )
}  # fmt: skip
