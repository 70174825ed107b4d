"""The attendance codes that a made-up register uses, as small numbers."""

import numpy as np

from features.contract.breaks import first_day

CODES = np.array([
    "/", "\\", "L", "I", "M", "C", "J1", "T", "G", "O", "U", "N", "R", "S", "E", "B", "K", "D", "C2", "V", "W", "P",
    "X", "Y", "Y2", "Y3", "#", "J", "Q", "C1",
])  # fmt: skip
CODE = {str(code): number for number, code in enumerate(CODES)}
NEW_CODES = np.datetime64(
    first_day("attendance_codes")
)  # SI 2024/208: C1, C2, J1, K, Q and Y1 to Y7 come in; J and Y go
BEFORE = {
    "C1": "C",
    "C2": "C",
    "J1": "J",
    "K": "B",
    "Y2": "Y",
    "Y3": "Y",
    "Q": "C",
}  # what they were until then


def as_of_their_time(marks: np.ndarray, day: np.datetime64) -> np.ndarray:
    """Marks of a year that ends by `day`, in the codes that were in force then."""
    if day >= NEW_CODES:
        return marks
    codes = np.arange(len(CODES), dtype=marks.dtype)
    for new, old in BEFORE.items():
        codes[CODE[new]] = CODE[old]
    return codes[marks]
