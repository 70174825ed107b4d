"""The service's front: one table of endpoints, one gate before them, one document that tells of both.

Rooms, in the order a request travels::

    gate.py        what may come in: host, media type, size, JSON; how many at once; headers of every answer
    signed_in.py   who is asking
    endpoints.py   the one table: path, roles, what comes in and goes out
    answers.py     estimate, list and explain, from a prepared date
    meeting.py     screenings, referrals, facts said to be wrong
    governing.py   rights, profile, audit, card
    document.py    the OpenAPI document of all of it
    problems.py    what can go wrong, each with what to do
"""
