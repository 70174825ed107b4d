"""A made-up authority, calibrated to published figures, with the truth kept beside it."""

from features.synthetic.authority import write_authority
from features.synthetic.calibration import calibration, calibration_table
from features.synthetic.switches import parse_bias
from features.synthetic.truth_files import truth_folder

__all__ = ["calibration", "calibration_table", "parse_bias", "truth_folder", "write_authority"]
