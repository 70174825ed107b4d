"""Prepared as-of dates: what the service answers from, written once and read many times."""
