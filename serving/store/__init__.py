"""What people tell the service, and who may see what: the database under it.

Rooms, in the order a record travels::

    tables.py      every table and column; migrations/ brings a database to them
    database.py    open and upgrade in one call; reading and writing
    caseloads.py   who is on which roll, and in which status caseload: what scopes are checked against
    accounts.py    users, scopes, tokens
    said.py        what a screening says, and the rules on it;  latest.py  as it stands
    screenings.py  what a meeting considered, its own view and its outcome; edits append
    reviews.py     reviews due, and held
    referrals.py   a child raised without any list
    wrong_facts.py a fact said to be wrong, and the answer of the data's owner
    requests.py    what families ask under data protection law; objections in force
    support.py     what screenings led to, as the contract's support table
    figures.py     what managers see: counts, never a child
    into_records.py objections and screenings laid beside the records, for lists
    retention.py   how long each class of record is kept;  purging.py  how it goes
"""
