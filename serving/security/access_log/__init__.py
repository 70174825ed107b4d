"""The access log, in the order in which a row goes through it.

write.py    one process's log: entries are queued and written together, on disk before an answer leaves
chain.py    a row: its fields, its hash, the hash before it, and tokens in place of pupils
verify.py   the check from the first row to the last
"""
