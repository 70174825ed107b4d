"""The Unique Pupil Number: its form and its check letter."""

import re
from operator import mul
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
VALUES = {str(digit): digit for digit in range(10)} | {letter: place for place, letter in enumerate(LETTERS)}
WEIGHTS = range(2, 14)
LENGTH = 13
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


def are_upns(texts: pa.StringArray) -> np.ndarray:
    """Which texts are UPNs as they stand, without a fault; bool, shape (texts,). No text may be null."""
    has_length = pc.equal(pc.binary_length(texts), LENGTH).to_numpy(zero_copy_only=False)
    letters = np.frombuffer("".join(texts.filter(pa.array(has_length)).to_pylist()).encode(), "uint8")
    letters = letters.reshape(-1, LENGTH) if has_length.any() else np.empty((0, LENGTH), "uint8")
    values = _VALUE[letters]
    is_form = (
        (values >= 0).all(axis=1) & _IS_LETTER[letters[:, 0]] & ~_IS_LETTER[letters[:, 1:-1]].any(axis=1)
    )
    is_checked = values[:, 1:] @ np.array(WEIGHTS) % len(LETTERS) == values[:, 0]
    found = has_length.copy()
    found[has_length] = is_form & is_checked
    return found


_VALUE = np.full(256, -1, "int64")
_VALUE[[ord(character) for character in VALUES]] = list(VALUES.values())
_IS_LETTER = np.isin(np.arange(256), [ord(letter) for letter in LETTERS])
