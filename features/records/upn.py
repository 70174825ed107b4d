"""The Unique Pupil Number: its form and its check letter."""

import re
from operator import mul
from typing import Literal

LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
VALUES = {str(digit): digit for digit in range(10)} | {letter: place for place, letter in enumerate(LETTERS)}
WEIGHTS = range(2, 14)
FORM = re.compile(rf"[{LETTERS}][0-9]{{11}}[0-9{LETTERS}]")


def check_letter(body: str) -> str:
    """The check letter of positions 2 to 13 of a UPN.

    The twelve as numbers, weighted 2 to 13 and summed, modulo 23, index the 23 letters. In a
    temporary UPN the final letter counts by its index in the same letters.

    Parameters
    ----------
    body : str
        Twelve characters: eleven digits, then a digit or a letter.

    References
    ----------
    Department for Education, "Unique Pupil Numbers (UPNs): a guide for schools and local authorities".
    """
    return LETTERS[sum(map(mul, WEIGHTS, map(VALUES.__getitem__, body))) % 23]


def upn_fault(upn: str) -> Literal["", "upn_form", "upn_check_letter"]:
    """The rule that a UPN breaks, "" for none. Expects no surrounding space and capital letters."""
    if not FORM.fullmatch(upn):
        return "upn_form"
    return "" if upn[0] == check_letter(upn[1:]) else "upn_check_letter"
