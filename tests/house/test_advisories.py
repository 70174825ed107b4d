"""What an advisory comes to: answered, open, or nobody to ask."""

import re

from tests.house.advisories import SECURITY, judge

FLAW = {"id": "PYSEC-2099-1", "aliases": ["CVE-2099-1"], "fix_versions": ["2.0"]}
FOUND = {
    "dependencies": [
        {"name": "a", "version": "1.0", "vulns": [FLAW]},
        {"name": "b", "skip_reason": "not found"},
    ]
}


def test_an_open_advisory_fails_and_says_what_to_do():
    code, said = judge(FOUND, "")
    assert code == 1 and any("PYSEC-2099-1" in line for line in said) and "uv lock" in said[-1]


def test_one_that_is_answered_by_any_of_its_numbers_passes():
    assert judge(FOUND, "CVE-2099-1 is not reached")[0] == 0


def test_where_nobody_could_be_asked_that_is_said():
    code, said = judge({"dependencies": [FOUND["dependencies"][1]]}, "")
    assert code == 0 and said[0].startswith("0 of 1") and "nothing is known" in said[1]


def test_every_advisory_of_the_governance_facts_is_answered():
    text = SECURITY.read_text(encoding="utf-8")
    known = ("CVE-2025-27520", "CVE-2025-32375", "CVE-2024-2912", "CVE-2025-54381", "CVE-2026-27905", "CVE-2026-33744",
             "CVE-2026-44345", "CVE-2024-9056", "CVE-2026-2614", "CVE-2026-0545", "5610", "5641")  # fmt: skip
    assert not [number for number in known if number not in text]
    assert not re.search(r"\b(unhackable|fully secure|compliant)\b", text)
