"""Growing a model again that is not there: the message names the releases that are."""

import re

import pytest

from models.errors import ModelRefused
from models.release import RELEASE_FILE
from training.release.rebuild import refuse_no_model


def test_the_releases_that_exist_are_named(tmp_path):
    for name in ("release-1", "release-2"):
        (tmp_path / name).mkdir()
        (tmp_path / name / RELEASE_FILE).write_text("{}")
    (tmp_path / "notes").mkdir()
    with pytest.raises(
        ModelRefused, match=re.escape(f"The releases in {tmp_path} are release-1, release-2.")
    ) as refused:
        refuse_no_model(tmp_path / "release-3")
    assert "notes" not in str(refused.value)
    refuse_no_model(tmp_path / "release-2")


@pytest.mark.parametrize("folder", ["nothing", "nothing/release-1"])
def test_where_there_is_none_that_is_said(tmp_path, folder):
    with pytest.raises(ModelRefused, match="There is no release in"):
        refuse_no_model(tmp_path / folder)
