"""The access log, in the order in which a row goes through it.

write.py    one process's log: entries are queued and written together, on disk before an answer leaves
chain.py    a row: its fields, its hash, the hash before it, and tokens in place of pupils
key.py      the key outside the database that seals purges and the head file
head.py     where the log ends, noted outside the database
send.py     the same, sent where whoever runs this machine cannot write
verify.py   the check from the first row to the last, against all of these
removal.py  what a purge says of itself;  purge.py  how it is proposed and carried out, by two people
repair.py   what is done where the key or the head file is lost
"""
