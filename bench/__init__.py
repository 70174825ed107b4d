"""Speed, as ratios within one run; no test is timed."""
