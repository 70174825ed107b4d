"""What the pages of somebody signed in say, whatever they are about; what a field is called stands with its record."""

from collections.abc import Mapping

ELSEWHERE: Mapping[str, str] = {
    "officer": "The children whom you may see are under Caseloads.",
    "information_governance": "What families ask is under Requests. An erasure that was granted is carried out from a terminal of the "
    "service’s machine, with pathways rights erase.",
    "reviewer": "The audit, the evidence and the findings are under The live release.",
    "administrator": "Who may sign in is under Accounts; what is running, and whether the access log holds, under The service.",
}  # for whoever reads no lists: where their work is, by role
FREQUENCY_FIRST = "Say what you considered and your own view first. Then the frequency can be opened."
FREQUENCY_READY = "Your view is recorded. You can open the frequency now. You need not."
STALE = (
    "{author} wrote on this while you were writing. Nothing of either is lost: what stands now is shown first, and what you wrote "
    "is still in the form. Put the two together, then record."
)
EMPTIED = "It held something, and would now hold nothing. Nothing was changed. If that is meant, tick the box above the button."
RECORDED = "Recorded."
PASSED_ON_LATER = "Recorded. This child is on no roll of yours, so information governance passes the referral on. It is not shown here meanwhile."
NOBODY_FOUND = "Nobody was found whom you may see."
MORE_FOUND = "{count} more were found. Write more of the name."
ANYBODY = "Anyone can raise any child. No list is needed."
NOT_LAST_WORD = "Every change is kept beside what stood before. Nothing is written over."
