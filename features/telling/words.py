"""Numbers, days and codes as a family would read them aloud."""

from collections.abc import Sequence
from datetime import date

from features.codes import code_set

NEEDS = {
    "ASD": "autism",
    "DS": "Down syndrome",
    "OTH": "another difficulty or disability",
    "NSA": "a type of need not yet assessed",
}


def day(value: date) -> str:
    """3 March 2025."""
    return f"{value.day} {value:%B %Y}"


def percent(part: int, of: int) -> str:
    """A share to the nearest whole per cent, halves up; what is not none or all never reads as 0 or 100 %."""
    whole = (200 * part + of) // (2 * of)
    if part and not whole:
        return "under 1 %"
    return "over 99 %" if part < of and whole == 100 else f"{whole} %"


def days_of(sessions: int) -> str:
    """Sessions (half days) as days: half a day, 1 day, 2.5 days."""
    if sessions == 1:
        return "half a day"
    return "1 day" if sessions == 2 else f"{sessions // 2}{'.5' if sessions % 2 else ''} days"


def times(number: int) -> str:
    return {1: "once", 2: "twice"}.get(number, f"{number} times")


def listing(words: Sequence[str]) -> str:
    """a, b and c."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def reasons(codes: Sequence[str]) -> list[str]:
    """DfE exclusion reasons in the words of the code set; blank and unknown codes are left out."""
    described = code_set("exclusion_reason").set_index("code").description
    return [_lower_first(described[code]) for code in codes if code in described.index]


def need(code: str) -> str:
    """A DfE SEN need, in the words of the code set or plainer ones."""
    described = code_set("sen_need").set_index("code").description
    return NEEDS.get(code) or _lower_first(described[code])


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]
