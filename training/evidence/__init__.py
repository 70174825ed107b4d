"""The evidence of a model: each file answers one question about the test cohort, in plain JSON values."""
