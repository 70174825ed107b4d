"""What goes into the service and what comes out: small records, checked whole.

No record has a field that could hold a decision about a child made by a computer: what a meeting decided
is written by people, in a screening, and nothing computes it. A test reads the whole OpenAPI document to
hold this. A pupil is named by the pseudonym of the lists; names are joined only for whoever may see them.

records.py has what all share; lists.py estimates, lists and cards; needs.py caseloads and profiles;
meeting.py what a meeting writes; governing.py rights, sign-in, the release and its health.
"""
