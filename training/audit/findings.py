"""What follows from an audit: each finding with who answers for it, until when, and what would stop the list.

What blocks is the model's own (`OF_THE_MODEL`): estimates that are off within a group, estimates shown to tell less there, children who
could not be assessed, stale records. A gap that lies in need has one finding for the whole table and blocks nothing; a raw gap of a list
without estimates cannot be laid to anything and blocks nothing either. The reasons: docs/decisions/need-blocks-nothing.md.
"""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from models.reviewing import BLOCKS, OPEN
from models.said import of_so_many
from training.audit.estimable import FEWEST
from training.audit.gaps import CHANCE
from training.audit.parts import PARTS
from training.audit.scored import CROSS

MATTERS, NOTED = "matters", "noted"  # severity, beside BLOCKS
DAYS_TO_ACT = {BLOCKS: 30, MATTERS: 60, NOTED: 120}
OWNERS = {
    "model": "data science lead",
    "records": "data quality lead",
    "sanctions": "head of inclusion",
    "review": "fairness reviewer",
    "places": "head of inclusion",
}
OF_THE_MODEL = ("calibration", "ranking", "not_assessed", "stale_records")  # kinds that are no need
BLOCKING_LOSS = (
    0.05  # of a group's children with the outcome, missed by a part of the gap that is the model's own
)
BLOCKING_UNDERESTIMATE = 1.25  # outcomes seen for each one that everyone's calibration expects
SMALL_RATIO = 1.05  # estimates off by less than this are noted
NOT_ASSESSED_SHARE = 0.05  # of a group's children with the outcome, beyond everyone's; blocks at twice it
STALE_DAYS = 14  # calendar days beyond everyone's; blocks at twice it
MISSING_SHARE = 0.1  # of facts, beyond everyone's
CANNOT_LAY = "Whether it is need or the list's own fault cannot be said without estimates to judge it by."
AS_GOOD_AS_NONE = 0.005  # of those with the outcome: no number of a hundred
LENGTH_RATIO, CLEAR_PROXY = 1.1, 0.8
MOST_NAMED = 8  # groups by name in one sentence
OF_WHOM = {
    "recall": "with the outcome",
    "false_omission_rate": "without a place",
    "false_positive_rate": "without the outcome",
}
WHAT = {
    "recall": "had a place",
    "false_omission_rate": "had the outcome",
    "false_positive_rate": "had a place",
}
Facts = Mapping[str, Any]


def findings(facts: Facts) -> list[dict[str, Any]]:
    """Findings of an audit, the gravest first.

    Returns
    -------
    list of dict
        id, kind, attribute, group, severity (blocks, matters, noted), sentence, owner (a role until a
        person is named), due, stop_threshold, state.
    """
    made = [each for look in LOOKS for each in look(facts)]
    order = (BLOCKS, MATTERS, NOTED)
    made.sort(key=lambda each: order.index(each["severity"]))
    on = date.fromisoformat(facts["audited_on"])
    return [
        {
            "id": f"F{number:03}",
            **each,
            "due": str(on + timedelta(days=DAYS_TO_ACT[each["severity"]])),
            "state": OPEN,
        }
        for number, each in enumerate(made, 1)
    ]


def finding(
    kind: str, severity: str, sentence: str, owner: str, stop: str, row: Facts | None = None
) -> dict[str, Any]:
    where = {"attribute": row["attribute"], "group": row["group"]} if row else {"attribute": "", "group": ""}
    return {
        "kind": kind,
        **where,
        "severity": severity,
        "sentence": sentence,
        "owner": OWNERS[owner],
        "stop_threshold": stop,
    }


def is_parted(row: Facts, rate: str) -> bool:
    """The gap of a row's rate is taken apart, so that it can be laid to something."""
    return rate in row.get("parts", {}).get("rates", {})


def part_of(row: Facts, name: str, rate: str = "recall") -> Facts:
    """One part of a row's gap; without an estimate where there is none."""
    nothing: Facts = {"estimate": None, "low": None, "high": None}
    found: Facts = row.get("parts", {}).get("rates", {}).get(rate, {}).get(name, nothing)
    return found


def loses(part: Facts, by: float) -> bool:
    """At least `by` fewer are found by this part, told from none."""
    return (
        part["estimate"] is not None
        and part["high"] is not None
        and part["estimate"] <= -by
        and part["high"] < 0
    )


def of_hundred(part: Facts) -> str:
    """A part of a gap in recall as a sentence, with its range; "" where it has none."""
    if part["estimate"] is None or part["low"] is None or abs(part["estimate"]) < AS_GOOD_AS_NONE:
        return ""
    more = part["estimate"] <= 0
    ends = sorted(round((-100 if more else 100) * part[end]) + 0.0 for end in ("low", "high"))
    return (
        f" Put right, of every 100 with the outcome about {of_so_many(abs(part['estimate']))} {'more' if more else 'fewer'} would have "
        f"had a place ({ends[0]:.0f} to {ends[1]:.0f})."
    )


def not_attributable(facts: Facts) -> list[dict[str, Any]]:
    """Raw gaps where nothing says what they are made of: they block nothing by themselves."""
    made = []
    for row in facts["groups"]:
        for rate, look in (
            ("recall", missed), ("false_omission_rate", need_unmet), ("false_positive_rate", listed_without_need)
        ):  # fmt: skip
            gap = row["gaps"].get(rate, {})
            if gap.get("is_gap") and not is_parted(row, rate):
                made += look(row, gap)
    return made


def missed(row: Facts, gap: Facts) -> list[dict[str, Any]]:
    """A group missed more often than everyone, or found more often."""
    by = gap["difference"]["estimate"]
    words = "fewer" if by < 0 else "more"
    sentence = (
        f"{row['label']}: of every 100 with the outcome, {of_so_many(abs(by))} {words} had a place than of everyone "
        f"({row['events']:,} with the outcome). {CANNOT_LAY}"
    )
    stop = "Stop where estimates show that the list itself, and not need, makes the gap."
    kind, severity = ("missed_more", MATTERS) if by < 0 else ("missed_less", NOTED)
    return [finding(kind, severity, sentence, "model", stop, row)]


def need_unmet(row: Facts, gap: Facts) -> list[dict[str, Any]]:
    """A group whose unlisted have the outcome more often than everyone's."""
    if gap["difference"]["estimate"] <= 0:
        return []
    rate = row["metrics"]["false_omission_rate"]["estimate"]
    sentence = (
        f"{row['label']}: of every 1,000 without a place, {of_so_many(rate, 1000)} had the outcome, "
        f"{of_so_many(gap['difference']['estimate'], 1000)} more than of everyone. {CANNOT_LAY}"
    )
    return [finding("need_unmet", NOTED, sentence, "model", "Stop where it comes with a gap in recall.", row)]


def listed_without_need(row: Facts, gap: Facts) -> list[dict[str, Any]]:
    """A group listed without need more often than everyone."""
    if gap["difference"]["estimate"] <= 0:
        return []
    rate = row["metrics"]["false_positive_rate"]["estimate"]
    sentence = (
        f"{row['label']}: of every 1,000 without the outcome, {of_so_many(rate, 1000)} had a place, "
        f"{of_so_many(gap['difference']['estimate'], 1000)} more than of everyone. {CANNOT_LAY}"
    )
    stop = "Stop where a place is used for anything but an offer of help."
    severity = MATTERS if (gap["ratio"]["estimate"] or 0) >= 1.25 else NOTED
    return [finding("listed_without_need", severity, sentence, "model", stop, row)]


def need(facts: Facts) -> list[dict[str, Any]]:
    """One finding for all gaps that lie in need, however many: it is answered by places and support."""
    held = []
    for row in facts["groups"]:
        for rate in ("recall", "false_omission_rate", "false_positive_rate"):
            gap = row["gaps"].get(rate, {})
            if (
                gap.get("is_gap")
                and is_parted(row, rate)
                and not is_models_own(row)
                and part_of(row, "need", rate)["estimate"] is not None
                and largest_part(row, rate) == "need"
            ):
                held.append((row, rate))
    if not held:
        return []
    groups = list(dict.fromkeys((row["attribute"], row["group"]) for row, _ in held))
    single = [(row, rate) for row, rate in held if not row["is_crossing"]] or held
    row, rate = max(
        single, key=lambda each: (each[1] == "recall", abs(part_of(each[0], "need", each[1])["estimate"]))
    )
    gap, part = row["parts"]["rates"][rate]["gap"], part_of(row, "need", rate)["estimate"]
    example = (
        f" The largest: {row['label']}: of every 1,000 {OF_WHOM[rate]}, {more_or_fewer(gap)} {WHAT[rate]} than of everyone; by need alone it "
        f"would be {more_or_fewer(part)}."
    )
    labels = list(dict.fromkeys(row["label"] for row, _ in single))[:MOST_NAMED]
    names = ", ".join(labels) + (" and others" if len(groups) > len(labels) else "")
    sentence = (
        f"{len(groups)} group{' differs' if len(groups) == 1 else 's differ'} from everyone mostly in need ({names}): a list made of well-calibrated "
        f"chances would have the same gaps.{example} No change to the estimates answers it; places and support where need is greater do."
    )
    stop = "Stop where places are taken from the groups of greater need on the strength of such gaps."
    return [finding("need", NOTED, sentence, "places", stop)]


def more_or_fewer(value: float) -> str:
    """A difference of shares, of a thousand."""
    return f"{of_so_many(abs(value), 1000)} {'fewer' if value < 0 else 'more'}"


def is_models_own(row: Facts) -> bool:
    """Something of the model is named in this group, so that its gap is not to be read as need."""
    flags: Facts = {"is_named": False} | row["parts"]["ranking"] | row["parts"]["calibration"]
    return any(
        flags[name] for name in ("is_named", "is_too_low", "is_too_high", "is_too_steep", "is_too_flat")
    )


def largest_part(row: Facts, rate: str) -> str:
    """The part that does most to make the gap what it is."""
    parts = {name: part_of(row, name, rate)["estimate"] or 0.0 for name in PARTS}
    gap = row["parts"]["rates"][rate]["gap"] or 0.0
    towards = {name: value * (1 if gap >= 0 else -1) for name, value in parts.items()}
    return max(towards, key=lambda name: towards[name])


def named_once(rows: list[tuple[Facts, str]]) -> list[tuple[Facts, str]]:
    """Rows with a mark each, without crossings of which one side is there with the same mark."""
    singles = [(row["attribute"], row["group"], mark) for row, mark in rows if not row["is_crossing"]]

    def is_told(row: Facts, mark: str) -> bool:
        return any(
            mark == its and is_side(attribute, row["attribute"]) and is_side(group, row["group"])
            for attribute, group, its in singles
        )

    return [(row, mark) for row, mark in rows if not row["is_crossing"] or not is_told(row, mark)]


def is_side(name: str, crossing: str) -> bool:
    """A crossing's name begins or ends with a single one, as `crossed` joins them."""
    return any(
        crossing.startswith(each + CROSS) or crossing.endswith(CROSS + each) for each in (name, f"“{name}”")
    )


def calibration(facts: Facts) -> list[dict[str, Any]]:
    """Groups whose estimates are off beside everyone's: too low, too high, or too sure or too unsure of themselves."""
    marks = ("is_too_low", "is_too_high", "is_too_steep", "is_too_flat")
    rows = [
        (row, mark)
        for row in facts["groups"]
        for mark in marks
        if row.get("parts", {}).get("calibration", {}).get(mark)
    ]
    held: dict[tuple[str, str], tuple[Facts, list[str]]] = {}
    for row, mark in named_once(rows):
        held.setdefault((row["attribute"], row["group"]), (row, []))[1].append(mark)
    return [calibrated(facts, row, found) for row, found in held.values()]


def calibrated(facts: Facts, row: Facts, marks: list[str]) -> dict[str, Any]:
    """The finding of one group's calibration."""
    told, part = row["parts"]["calibration"], part_of(row, "calibration")
    beside, slope = told["beside_everyone"], told["slope"]
    says = []
    if "is_too_low" in marks or "is_too_high" in marks:
        own = row["metrics"]["observed_over_expected"]
        seen = (
            f"{own['estimate']:.2f} outcomes were seen for each one estimated ({own['low']:.2f} to {own['high']:.2f}), "
            if own["low"] is not None
            else ""
        )
        way = "low" if "is_too_low" in marks else "high"
        says.append(
            f"the estimates are too {way} for this group: {seen}{beside:.2f} times what holds for everyone"
        )
    if "is_too_steep" in marks or "is_too_flat" in marks:
        way = "too sure: they vary more" if "is_too_steep" in marks else "too unsure: they vary less"
        says.append(f"the estimates are {way} than outcomes do (slope {slope:.2f} where everyone's is 1)")
    displaced = "" if "is_too_high" not in marks and "is_too_steep" not in marks else takes_from(facts, row)
    blocks = (
        ("is_too_low" in marks and beside >= BLOCKING_UNDERESTIMATE)
        or loses(part, BLOCKING_LOSS)
        or displaced
    )
    small = (
        marks[0] in ("is_too_low", "is_too_high")
        and len(marks) == 1
        and 1 / SMALL_RATIO < beside < SMALL_RATIO
    )
    severity = BLOCKS if blocks else NOTED if small else MATTERS
    sentence = f"{row['label']}: {'; '.join(says)}.{of_hundred(part)}{displaced}"
    stop = (
        f"Stop where the estimates miss a share of outcomes ({BLOCKING_UNDERESTIMATE:.2f} times everyone's or more), or where recalibrating "
        f"would find {100 * BLOCKING_LOSS:.0f} more of every 100, told from chance."
    )
    return finding("calibration", severity, sentence, "model", stop, row)


def takes_from(facts: Facts, row: Facts) -> str:
    """Whose places such estimates take, where that is as much as would block; "" where nobody's."""
    for other in facts["groups"]:
        same = other["attribute"] == row["attribute"] and other["group"] != row["group"]
        if same and loses(part_of(other, "calibration"), BLOCKING_LOSS):
            fewer = -100 * part_of(other, "calibration")["estimate"]
            return f" They take places from others: {other['label']} lose {fewer:.0f} of every 100 with the outcome by it."
    return ""


def ranking(facts: Facts) -> list[dict[str, Any]]:
    """Groups within which the estimates tell less: the model's own where something shows it, else a question."""
    rows = [
        (row, "ranking" if told["is_named"] else "tells_less")
        for row in facts["groups"]
        if (told := row.get("parts", {}).get("ranking", {})).get("is_named") or told.get("is_less")
    ]
    return [told_less(row, kind) for row, kind in named_once(rows)]


def told_less(row: Facts, kind: str) -> dict[str, Any]:
    """The finding of one group within which the estimates tell less."""
    told, part = row["parts"]["ranking"], part_of(row, "ranking")
    sentence = (
        f"{row['label']}: the estimates tell less within this group. They put one with the outcome above one without it "
        f"{100 * told['auc']:.0f} times of 100, where {100 * told['auc_expected']:.0f} go with estimates as telling as elsewhere at this need."
    )
    if kind == "ranking":
        severity = BLOCKS if loses(part, BLOCKING_LOSS) else MATTERS
        stop = f"Stop where estimates as telling as elsewhere would find {100 * BLOCKING_LOSS:.0f} more of every 100, told from chance."
        return finding(kind, severity, f"{sentence} {told['evidence']}{of_hundred(part)}", "model", stop, row)
    most = part.get("at_most")
    size = (
        f" If it is the records, up to {of_so_many(abs(most))} of every 100 with the outcome are missed by it."
        if most
        else ""
    )
    question = (
        " Whether its records hold less, or its need differs less, the list and its outcomes cannot say."
    )
    stop = "Stop where records of this group are found to be missing, stale or never kept."
    return finding(kind, NOTED, sentence + question + size, "records", stop, row)


def not_assessed(facts: Facts) -> list[dict[str, Any]]:
    """Groups of whose children with the outcome more could not be assessed."""
    rows = [
        row
        for row in facts["groups"]
        if (row.get("parts", {}).get("not_assessed") or {}).get("p") is not None
    ]
    named = [
        (row, "not_assessed")
        for row in rows
        if row["parts"]["not_assessed"]["num_pupils"] >= FEWEST
        and beyond_assessed(row) >= NOT_ASSESSED_SHARE
        and row["parts"]["not_assessed"]["p"] < CHANCE / len(rows)
    ]
    made = []
    for row, kind in named_once(named):
        counts, beyond = row["parts"]["not_assessed"], beyond_assessed(row)
        sentence = (
            f"{row['label']}: {counts['num_pupils']:,} of {counts['of']:,} with the outcome could not be assessed, {100 * beyond:.0f} of "
            "100 more than of everyone. No estimate can find them."
        )
        severity = BLOCKS if beyond >= 2 * NOT_ASSESSED_SHARE else MATTERS
        stop = (
            f"Stop where {200 * NOT_ASSESSED_SHARE:.0f} of 100 more than of everyone could not be assessed."
        )
        made.append(finding(kind, severity, sentence, "records", stop, row))
    return made


def beyond_assessed(row: Facts) -> float:
    """Share of a group's children with the outcome who could not be assessed, less everyone's."""
    counts = row["parts"]["not_assessed"]
    return round(float(counts["num_pupils"] / counts["of"] - counts["share_everyone"]), 9)


def stale_records(facts: Facts) -> list[dict[str, Any]]:
    """Groups whose records are older, or hold less, than everyone's."""
    made = []
    rows = facts.get("coverage") or []
    for row in rows:
        same = [each for each in rows if each["attribute"] == row["attribute"]]
        if row["n"] < FEWEST or len(same) < 2:
            continue
        behind = beyond_everyone(row, same, "days_behind")
        if behind is not None and behind >= STALE_DAYS:
            sentence = (
                f"{row['label']}: the last marks of their schools are {row['days_behind']:.0f} days old on the day of a list, "
                f"{behind:.0f} more than of everyone. Estimates there are of an earlier child."
            )
            severity = BLOCKS if behind >= 2 * STALE_DAYS else MATTERS
            stop = f"Stop where they are {2 * STALE_DAYS} days older than everyone's."
            made.append(finding("stale_records", severity, sentence, "records", stop, row))
        missing = beyond_everyone(row, same, "share_missing")
        if missing is not None and missing >= MISSING_SHARE:
            sentence = f"{row['label']}: {100 * row['share_missing']:.0f} of 100 facts are missing, {100 * missing:.0f} more than of everyone."
            stop = "Stop where the estimates tell less within the same group."
            made.append(finding("missing_records", NOTED, sentence, "records", stop, row))
    return made


def beyond_everyone(row: Facts, same: list[Facts], name: str) -> float | None:
    """How far a group's mean lies above everyone's, over the groups of its attribute in which it is known."""
    known = [each for each in same if each[name] is not None]
    if row[name] is None or not known:
        return None
    mean = sum(each["n"] * each[name] for each in known) / sum(each["n"] for each in known)
    return round(float(row[name] - mean), 9)


def list_departs(facts: Facts) -> list[dict[str, Any]]:
    """Groups that lose places where a list was not made by the estimates' own order."""
    return [
        finding(
            "list", MATTERS,
            f"{row['label']}: the list does not follow the estimates' order, and this group loses by it.{of_hundred(part_of(row, 'list'))}",
            "review", "Stop where nobody can say by what rule places were given.", row,
        )
        for row in facts["groups"]
        if loses(part_of(row, "list"), BLOCKING_LOSS)
    ]  # fmt: skip


def untold(facts: Facts) -> list[dict[str, Any]]:
    """One finding for the groups of each attribute whose recall cannot be told."""
    made = []
    for name in dict.fromkeys(row["attribute"] for row in facts["groups"]):
        rows = [
            row
            for row in facts["groups"]
            if row["attribute"] == name and row["n"] and not row.get("is_broken")
        ]  # a break is said once, above the figures, and is nobody's to put right
        silent = [row for row in rows if row["metrics"]["recall"]["status"] == "cannot_tell"]
        if not silent:
            continue
        years = [row["metrics"]["recall"]["years_needed"] for row in silent]
        soon = sorted(each for each in years if each)
        wait = ""
        if soon:
            span = f"{soon[0]}" if soon[0] == soon[-1] else f"{soon[0]} to {soon[-1]}"
            wait = f" {len(soon)} could be told after {span} years of lists."
        sentence = f"recall cannot be told for {len(silent)} of {len(rows)} groups that anybody is in.{wait}"
        made.append(
            finding(
                "cannot_tell",
                NOTED,
                sentence,
                "review",
                "Stop where anybody of such a group, or who speaks for them, reports being overlooked.",
            )
            | {"attribute": name}
        )
    return made


def longer_sanctions(facts: Facts) -> list[dict[str, Any]]:
    """Groups answered more severely for the same recorded reason."""
    made = []
    for row in (facts["label_bias"] or {}).get("groups", []):
        for key, what in (
            ("length", "suspensions were longer"),
            ("permanent", "more exclusions were permanent"),
        ):
            if row[key]["is_gap"] and row[key]["estimate"] > 1:
                times = row[key]["estimate"]
                sentence = (
                    f"{row['label']}: with the same recorded reason, earlier suspensions and school, {what}: {times:.2f} times "
                    f"({row[key]['low']:.2f} to {row[key]['high']:.2f}) what others had, over {row['num_events']:,} suspensions and exclusions of "
                    f"{row['num_pupils']:,} pupils. Labels made of such sanctions carry the difference into the list."
                )
                severity = BLOCKS if times >= 1.5 else MATTERS if times >= LENGTH_RATIO else NOTED
                made.append(
                    finding(
                        f"severity_{key}",
                        severity,
                        sentence,
                        "sanctions",
                        f"Stop where it passes 1.5 times; now {times:.2f}.",
                        row,
                    )
                )
    return made


def sanctioned_often(facts: Facts) -> list[dict[str, Any]]:
    """Groups suspended more often than their other records lead one to expect: a reason to look, which never blocks."""
    told = (facts["label_bias"] or {}).get("frequency") or {}
    made = []
    for row in told.get("groups", []):
        if not row["is_gap"] or row["estimate"] <= 1:
            continue
        sentence = (
            f"{row['label']}: suspended {row['estimate']:.2f} times as often ({row['low']:.2f} to {row['high']:.2f}) as other records, and "
            f"others at the same schools, lead one to expect; need that is recorded in part only could make it {max(row['could_be_need'], 1):.2f}. "
            "A reason to look, not proof. Labels made of such sanctions carry the difference into the list."
        )
        stop = "Stop where schools, asked, can give no reason and the list goes on learning from these sanctions."
        made.append(finding("sanctioned_often", MATTERS, sentence, "sanctions", stop, row))
    return made


def unrecorded(facts: Facts) -> list[dict[str, Any]]:
    """Schools whose registers say suspended where no suspension is recorded."""
    codes = (facts["label_bias"] or {}).get("code_e")
    if not codes or not codes["num_schools"]:
        return []
    sentence = (
        f"{codes['num_schools']:,} school{' has' if codes['num_schools'] == 1 else 's have'} {codes['num_sessions']:,} sessions marked E (suspended) without a suspension on "
        "record: outcomes there are undercounted, and their children missed."
    )
    return [
        finding(
            "code_e",
            MATTERS,
            sentence,
            "records",
            "Stop where more than one session in five marked E has no record.",
        )
    ]


def told_by_features(facts: Facts) -> list[dict[str, Any]]:
    """Attributes that the features alone give away."""
    return [
        finding(
            "proxy", NOTED,
            f"{row['label']}: the features alone put a pupil of this group above another {100 * row['auc']:.0f} times of 100; what is never "
            "a feature is told by others.", "model", "Stop where it comes with a gap in recall for the same group.", row,
        )
        for row in (facts["proxies"] or {}).get("told", [])
        if row["auc"] is not None and row["auc"] >= CLEAR_PROXY
    ]  # fmt: skip


LOOKS: tuple[Callable[[Facts], list[dict[str, Any]]], ...] = (
    calibration, ranking, not_assessed, stale_records, list_departs, not_attributable, need, longer_sanctions, sanctioned_often,
    unrecorded, untold, told_by_features,
)  # fmt: skip
