"""What people tell the service, and who may see what: the database under it.

Rooms, in the order a record travels::

    tables.py      every table and column; serving/database/migrations brings a database to them
    caseloads.py   who is on which roll, and in which status caseload: what scopes are checked against
    said.py        what a screening says, and the rules on it;  latest.py  as it stands
    screenings.py  what a meeting considered, its own view and its outcome; edits append
    reviews.py     reviews due, and held
    referrals.py   a child raised without any list
    wrong_facts.py a fact said to be wrong, and the answer of the data's owner
    requests.py    what families ask under data protection law; objections in force
    support.py     what screenings led to, as the contract's support table
    figures.py     what managers see: counts, never a child
    into_records.py objections and screenings laid beside the records, for lists
    purging.py     how a row goes whose time is over
"""
