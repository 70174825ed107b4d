"""What an authority says of itself: its schools, and `authority.toml`."""

import numpy as np
import pyarrow as pa

from features.synthetic import assumptions as assume
from features.synthetic import law_2026
from features.synthetic.calendar import HALF_TERMS, SchoolYear
from features.synthetic.maker import Maker, write_csv
from features.synthetic.pupils import NO_DAY
from features.synthetic.schools import PHASES


def write_schools(maker: Maker) -> None:
    rows, names = maker.schools.rows, np.array(maker.schools.names)
    converts = rows["converts"] > 0
    estab = np.array([f"{assume.LA_NUMBER}{number:04d}" for number in rows["estab"]])
    district = np.array(assume.DISTRICTS)[rows["district"]]
    panel = np.where(np.isin(rows["phase"], [1, 3, 4, 5]), np.char.add(district, " panel"), "")
    kind = np.where(rows["is_academy"], "academy", "maintained")
    closed = np.where(
        converts, np.array([f"{year or 1970}-08-31" for year in rows["converts"]], "M8[D]"), NO_DAY
    )
    opened = closed[converts] + 1
    base = {
        "urn": rows["urn"],
        "laestab": estab,
        "name": names,
        "phase": np.array(PHASES)[rows["phase"]],
        "type": kind,
        "district": district,
        "sharing_panel": panel,
    }
    columns = {name: np.concatenate([values, values[converts]]) for name, values in base.items()}
    columns["urn"][len(rows) :] = rows["next_urn"][converts]
    columns["type"][len(rows) :] = "academy"
    blank = np.full(len(rows), NO_DAY)
    columns["opened_on"] = np.concatenate([blank, opened])
    columns["closed_on"] = np.concatenate([closed, np.full(converts.sum(), NO_DAY)])
    before = np.concatenate([np.zeros(len(rows), "i4"), rows["urn"][converts]])
    order = np.argsort(columns["urn"])
    columns = {name: values[order] for name, values in columns.items()}
    columns["predecessor_urn"] = pa.array(before[order], mask=before[order] == 0)
    write_csv(maker.out / "schools.csv", columns)


def authority_toml(maker: Maker, years: list[SchoolYear]) -> str:
    """`authority.toml` of the records that a maker makes."""
    lines = [
        "[authority]",
        'name = "Made-up City"',
        f"la_number = {assume.LA_NUMBER}",
        f"extracted_on = {maker.extracted_on}",
        "is_made_up = true",
        "",
    ]
    for year in years:
        lines.append(f'[terms."{year.label}"]')
        lines += [
            f"{name} = [{first}, {last}]"
            for name, (first, last) in zip(HALF_TERMS, year.half_terms, strict=True)
        ]
        lines.append("")
    lines.append("[closures]")
    lines += [f'"{year.label}" = [{", ".join(map(str, year.closures))}]' for year in years]
    lines += [
        "", "[lawful_basis]", 'youth_justice = "made-up condition, for a made-up authority"', "", "[meeting]", 'every = "half_term"',
        "places_per_school = { nursery = 0, primary = 5, middle = 5, secondary = 10, all_through = 10, special = 5, ap = 0, pru = 0 }",
        "places_per_district = 60", "", "[signposts]", 'attendance = "Attendance Support Team"', "",
    ]  # fmt: skip
    lines += law_2026.toml_lines() if maker.switches.law_2026 else []
    return "\n".join(lines)
