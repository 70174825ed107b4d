"""What may not come into a record store: NHS numbers, National Insurance numbers, names."""

import re
from collections.abc import Iterable

from features.contract.law import COLLECTED, law

NAME_COLUMNS = re.compile(
    r"^(legal|preferred|chosen|former|pupil|child|student)?(first|last|middle|given|family|fore|sur|full|nick)?names?$"
    r"|surname|forename|firstname|lastname|middlename|givenname|familyname|fullname|knownas"
    r"|(pupil|child|student|preferred|chosen|legal)name"
)
NI_NUMBER = re.compile(r"[A-Z]{2}[0-9]{6}[A-D]")
NHS_NUMBER = re.compile(r"[0-9]{10}")
# The dated setting: the day on which this row's law comes into force stands in law.csv. Until somebody has entered it, and has
# written how such a number is read and kept, a child is known here by UPN alone.
IDENTIFIER = law("consistent_identifier")
NHS_REFUSED = (
    f"holds NHS numbers, which are refused: {IDENTIFIER.title} is {IDENTIFIER.days} (as of {COLLECTED}: check), and until it is in force "
    "a child is known by UPN alone"
)
SPACES = str.maketrans("", "", " -")
MARKS = str.maketrans("", "", ",.'’")  # between and in the parts of a name: "Quillfeather, Ottoline"


def is_name(column: str) -> bool:
    """Whether a column's own name says that it holds people's names."""
    return bool(NAME_COLUMNS.search(re.sub(r"[^a-z]", "", column.casefold())))


def has_nhs_check_digit(digits: str) -> bool:
    """Whether ten digits are an NHS number.

    The first nine weighted 10 down to 2 and summed; eleven less the remainder by eleven is the
    tenth, with eleven read as nought and ten as invalid (NHS Data Dictionary, "NHS NUMBER").
    """
    check = (
        11 - sum(weight * int(digit) for weight, digit in zip(range(10, 1, -1), digits, strict=False)) % 11
    )
    return check % 11 == int(digits[9]) and check != 10


class Held:
    """What one column holds that may not come in, found a part of it at a time.

    Ten digits pass the check by chance once in eleven, so a column holds NHS numbers where more than
    half of its ten-digit values pass; and names where more than four of its texts, and more than half, are one,
    or several as a full name is.

    Parameters
    ----------
    names : frozenset of str
        Forenames and surnames of `names`, in lower case.
    """

    def __init__(self, names: frozenset[str] = frozenset()) -> None:
        self.names = names
        self.num_ten_digits = self.num_nhs = self.num_words = self.num_names = 0
        self.has_ni_number = False

    def add(self, texts: Iterable[str]) -> None:
        """Look at some of the column's distinct values."""
        for text in texts:
            packed = text.translate(SPACES).upper()
            if NI_NUMBER.fullmatch(packed):
                self.has_ni_number = True
            if NHS_NUMBER.fullmatch(packed):
                self.num_ten_digits += 1
                self.num_nhs += has_nhs_check_digit(packed)
            if self.names and packed.translate(MARKS).isalpha():
                self.num_words += 1
                plain = text.strip().casefold()
                self.num_names += plain in self.names or self.names.issuperset(plain.translate(MARKS).split())

    @property
    def what(self) -> str:
        """What may not come in, in words; "" for nothing."""
        if self.has_ni_number:
            return "holds National Insurance numbers"
        if 2 * self.num_nhs > self.num_ten_digits:
            return NHS_REFUSED
        if self.num_names > 4 and 2 * self.num_names > self.num_words:
            return "a name outside names"
        return ""


def held(texts: Iterable[str], names: frozenset[str] = frozenset()) -> str:
    """What a column holds that may not come in, from its distinct values; "" for nothing."""
    column = Held(names)
    column.add(texts)
    return column.what
