"""So many of a hundred: few is never said as none."""

import pytest

from models.said import of_so_many


@pytest.mark.parametrize(
    ("share", "many", "says"),
    [
        (0, 100, "none"), (1e-9, 100, "fewer than 1"), (0.0049, 100, "fewer than 1"), (0.005, 100, "fewer than 1"),
        (0.0051, 100, "1"), (0.12, 100, "12"), (0.995, 100, "more than 99"), (0.994, 100, "99"), (0.9951, 100, "more than 99"), (1, 100, "all"),
        (0.0004, 1000, "fewer than 1"), (0.9999, 1000, "more than 999"), (1.0, 1000, "all"),
    ],
)  # fmt: skip
def test_few_is_not_none(share, many, says):
    assert of_so_many(share, many) == says
