"""What a family can ask about one pupil: everything held, in one export; and its going, with proof.

::

    identity.py    who is asked about, in every form in which a file could hold them
    found.py       rows and mentions of one pupil in files, whatever the file
    held.py        everything held: the database, the log's viewers, and files, as one record
    page.py        the same, to be read by people
    removed.py     a pupil's rows taken out of files
    searched.py    a byte search of what is left
    erase.py       erasure in order, and the record of it, which names nobody
"""
