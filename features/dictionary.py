"""The feature dictionary: what is declared of every feature, in words, for people who never read code."""

from collections.abc import Sequence

from features.feature import Feature
from features.views import VIEWS

EXAMPLES = {"number": "3", "percent": "23 %", "points": "15 points", "provision": "SEN support"}
DIRECTIONS = {
    1: "more of it can only raise the estimate",
    -1: "more of it can only lower the estimate",
    0: "left open",
}
OPENING = """# Feature dictionary

Made from the declarations: nothing here is written twice. A look-back is in school days and ends the day
before the as-of date; a row counts only if its own date and the day it became known are both before that
date. Where an authority's records do not reach as far back as a feature needs, it is missing for everybody,
whatever stands under "empty". Figures in an example sentence are made up. Ethnicity, sex and free school
meals are never features.
"""


def entries(features: Sequence[Feature]) -> list[dict[str, str]]:
    """One dict of text a feature, in declared order, with the same keys: rows for a CSV or JSON file."""
    return [
        {
            "name": feature.name,
            "family": feature.family,
            "counts": " ".join((VIEWS[feature.view].rows.__doc__ or "").split()),
            "look_back": f"{feature.window} school days" if feature.window else "as the rows counted say",
            "reach": f"{feature.reach} school days of records"
            if feature.reach
            else "no certain number of days",
            "unit": feature.unit,
            "empty": feature.empty,
            "direction": DIRECTIONS[feature.direction],
            "sensitivity": f"off unless authority.toml names a lawful basis for {feature.sensitivity}"
            if feature.sensitivity
            else "",
            "example": feature.sentence.format(**EXAMPLES),
            "source": feature.source,
            "available_from": feature.available_from.isoformat() if feature.available_from else "",
        }
        for feature in features
    ]


def dictionary(features: Sequence[Feature]) -> str:
    """The dictionary as Markdown: a heading a family, a table a feature, in declared order.

    A line that says nothing (no sensitivity, no first day) is left out.
    """
    written = [OPENING]
    family = ""
    for entry in entries(features):
        if entry["family"] != family:
            family = entry["family"]
            written.append(f"\n## {family}\n")
        written.append(f"\n### {entry['name']}\n\n{entry['example']}\n\n| | |\n|---|---|\n")
        written.extend(
            f"| {key.replace('_', ' ')} | {_cell(value)} |\n"
            for key, value in entry.items()
            if value and key not in ("name", "family", "example")
        )
    return "".join(written)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
