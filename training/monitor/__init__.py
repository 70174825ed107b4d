"""Watching a model in use: records, estimates and lists beside the same half-term of earlier years."""
