"""Tests of one group stay on one worker: what they share, an authority or a service, is made once."""

import pytest


@pytest.mark.xdist_group("workers")
def test_a_group_of_tests_is_one(request: pytest.FixtureRequest) -> None:
    if not request.config.getoption("loadgroup", False):
        pytest.skip("tests are not shared out in groups here")
    assert request.node.nodeid.endswith("@workers")
