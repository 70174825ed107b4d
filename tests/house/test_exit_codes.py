"""Every kind of refusal has an exit code of its own, and the page of exit codes says what each means."""

from docs.generated import UNNAMED, ends, exit_codes


def test_no_two_kinds_of_refusal_share_an_exit_code():
    assert [kinds for code, kinds in exit_codes().items() if code != UNNAMED and len(kinds) > 1] == []


def test_every_exit_code_is_said():
    rows = [row.strip("| ").split(" | ", 1) for row in "\n".join(ends()).splitlines()[2:] if row]
    assert all(len(row) == 2 and row[1].endswith(".") for row in rows)
    assert {int(code) for code, _ in rows} >= set(exit_codes()) - {UNNAMED}
