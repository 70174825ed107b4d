"""Whom an audit looks at: every attribute declared once, with its name in words and where its groups are read.

Training makes groups from these, serving names them. Who adds an attribute adds a record here: tables, charts, findings,
the first page, the published copy and comparisons follow (docs/how-to/extend.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class FromRecords:
    """Groups made of what the records of a pupil held on the day of the list.

    Attributes
    ----------
    when : tuple of (column, least value, group)
        Columns of the feature matrix; the first that reaches its value says the group. A sensitive column is in the matrix only
        where authority.toml names the condition relied on: where no column is there, nor is the attribute.
    otherwise : str
        The group of all others; `not known` where every column is missing.
    """

    when: tuple[tuple[str, float, str], ...]
    otherwise: str


@dataclass(frozen=True)
class AuditAttribute:
    """One way of parting a cohort.

    Attributes
    ----------
    name : str
        As in `audit.json`.
    title : str
        As a heading.
    groups : mapping of str to str
        Group to its name in words, in the order of the table; each has a row even with nobody in it. Empty where a code
        set or the records themselves say which there are.
    later : mapping of str to str
        Groups that a break in the records brought (`breaks.csv`): a row only where somebody is in them.
    column : str
        Of `features.groups`, where it is not the name itself.
    records : FromRecords or None
        Where no column of `features.groups` tells it.
    codes : mapping of str to str
        Group of every value of the column, where it is another than the value.
    of_framework : bool
        Named by the framework among the groups it watches: told before others where figures cannot tell.
    """

    name: str
    title: str
    groups: Mapping[str, str] = field(default_factory=dict)
    later: Mapping[str, str] = field(default_factory=dict)
    column: str = ""
    records: FromRecords | None = None
    codes: Mapping[str, str] = field(default_factory=dict)
    of_framework: bool = False


YES, NO = "yes", "no"
NOT_KNOWN = "not known"  # a group of its own, so that nobody leaves a table
CATEGORY_NOT_TOLD = "category_not_told"  # as `features.groups` has it
PRIMARY = {year: "primary" for year in ("R", "1", "2", "3", "4", "5", "6")}
SECONDARY = {year: "secondary" for year in ("7", "8", "9", "10", "11")}
AUDIT_ATTRIBUTES = (
    AuditAttribute("ethnicity", "Ethnic group", of_framework=True),
    AuditAttribute("ethnicity_major", "Ethnic group, broad"),
    AuditAttribute(
        "fsm_eligible", "Free school meals",
        {YES: "Eligible for free school meals", NO: "Not eligible for free school meals"},
        later={
            "expanded": "Eligible for free school meals since September 2026 (expanded)",
            "other_category": "Eligible for free school meals in another category",
            CATEGORY_NOT_TOLD: "Eligible for free school meals, category not told: cannot compare with earlier years",
        },
        of_framework=True,
    ),
    AuditAttribute("sex", "Sex", {"F": "Girls", "M": "Boys"}),
    AuditAttribute(
        "sen_provision", "Special educational needs",
        {"N": "No special educational need", "K": "SEN support", "E": "EHC plan"}, of_framework=True,
    ),
    AuditAttribute("phase", "Phase of school"),
    AuditAttribute("district", "District"),
    AuditAttribute(
        "care", "Care experience",
        {"looked_after": "Looked after", "previously": "Previously looked after", NO: "No care experience on record"},
        records=FromRecords((("is_cla_open", 1, "looked_after"), ("is_plac_open", 1, "previously")), NO), of_framework=True,
    ),
    AuditAttribute(
        "excluded_before", "Earlier permanent exclusion",
        {YES: "Permanently excluded in the last two years", NO: "Not permanently excluded in the last two years"},
        records=FromRecords((("num_permanent_exclusions_380", 1, YES),), NO), of_framework=True,
    ),
    AuditAttribute(
        "custody", "Custody", {YES: "In custody in the last two years", NO: "Not in custody in the last two years"},
        records=FromRecords((("is_custody_open", 1, YES), ("has_had_custody_380", 1, YES)), NO), of_framework=True,
    ),
    AuditAttribute(
        "health_absence", "Absence for health",
        {YES: "Taught elsewhere for health, or ill for a tenth of sessions", NO: "Less absence for health"},
        records=FromRecords((("is_s19_medical_open", 1, YES), ("share_illness_190", 0.1, YES)), NO), of_framework=True,
    ),
    AuditAttribute(
        "young_carer", "Young carers", {YES: "Young carers on record", NO: "Not on record as young carers"},
        records=FromRecords((("is_young_carer_open", 1, YES),), NO), of_framework=True,
    ),
    AuditAttribute(
        "birth_term", "Term of birth",
        {"summer": "Summer-born (May to August)", "spring": "Born January to April", "autumn": "Born September to December"},
        of_framework=True,
    ),
    AuditAttribute(
        "school_age", "Primary or secondary age", {"primary": "Reception to Year 6", "secondary": "Year 7 to Year 11"},
        column="nc_year", codes=PRIMARY | SECONDARY, of_framework=True,
    ),
)  # fmt: skip
BY_NAME = {each.name: each for each in AUDIT_ATTRIBUTES}
