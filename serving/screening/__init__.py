"""Screenings: one child before one meeting, what people wrote, and the reviews that follow.

::

    record.py   the only place that names a field
    rules.py    what holds between fields
    store.py    rows into records and back
    service.py  what routes, pages and commands call
    routes.py   under /v1;  pages.py  with a browser;  templates/
    support.py  what screenings led to, as the contract's support table
"""
