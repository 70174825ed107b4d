"""What a family can ask about one pupil: everything held, in one export; and its going, with proof.

::

    identity.py    who is asked about, in every form in which a file could hold them
    found.py       rows and mentions of one pupil in files, whatever the file
    held.py        everything held: the database, the log's viewers, and files, as one record
    page.py        the same, to be read by people
    removed.py     a pupil's rows taken out of files
    searched.py    a byte search of what is left
    from_home.py   a pupil taken out of one home, live or a backup's
    from_backups.py  and out of the backups that the service lists
    erase.py       who may carry an erasure out, its order, and the record of it, which names nobody
"""
