"""What the pages of somebody signed in say, whatever they are about; what a field is called stands with its record."""

ELSEWHERE = "The children whom you may see are under Caseloads."
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
