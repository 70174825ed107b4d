"""What may not come into a record store: NHS numbers, National Insurance numbers, names."""

import re
from collections.abc import Iterable

NAME_COLUMNS = re.compile(
    r"^(legal|preferred|chosen|former|pupil|child|student)?(first|last|middle|given|family|fore|sur|full|nick)?names?$"
    r"|surname|forename|firstname|lastname|middlename|givenname|familyname|fullname|knownas"
    r"|(pupil|child|student|preferred|chosen|legal)name"
)
NI_NUMBER = re.compile(r"[A-Z]{2}[0-9]{6}[A-D]")
NHS_NUMBER = re.compile(r"[0-9]{10}")
SPACES = str.maketrans("", "", " -")


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


def held(texts: Iterable[str], names: frozenset[str] = frozenset()) -> str:
    """What a column holds that may not come in; "" for nothing.

    Ten digits pass the check by chance once in eleven, so a column holds NHS numbers where more than
    half of its ten-digit values pass.

    Parameters
    ----------
    texts : iterable of str
        The column's distinct values.
    names : frozenset of str
        Forenames and surnames of `names`, in lower case.
    """
    num_ten_digits = num_nhs = num_words = num_names = 0
    for text in texts:
        packed = text.translate(SPACES).upper()
        if NI_NUMBER.fullmatch(packed):
            return "holds National Insurance numbers"
        if NHS_NUMBER.fullmatch(packed):
            num_ten_digits += 1
            num_nhs += has_nhs_check_digit(packed)
        if names and packed.isalpha():
            num_words += 1
            num_names += text.strip().casefold() in names
    if 2 * num_nhs > num_ten_digits:
        return "holds NHS numbers"
    if num_names > 4 and 2 * num_names > num_words:
        return "a name outside names"
    return ""
