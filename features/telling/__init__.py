"""Dated facts in plain words, a file a family of records; `features/facts.py` is the door.

Facts say what records hold and what schools and services did. They blame nobody, and what goes well is told
beside what does not.
"""
