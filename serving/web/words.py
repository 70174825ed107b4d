"""What the meeting's pages call the choices of a screening, and what they say beside them.

The order of each is the order of the records' own lists; a test holds that none is left out.
"""

from collections.abc import Mapping

CONSIDERED: Mapping[str, str] = {
    "childs_voice": "What the child says",
    "family": "What the family says",
    "school_staff": "What school staff know",
    "trusted_adult": "An adult the child trusts",
    "other_services": "Other services",
    "school_records": "The school’s own records",
    "observation": "Seen at first hand",
    "list": "The list",
    "card": "The card",
}
NEEDS: Mapping[str, str] = {
    "attendance": "Attendance",
    "behaviour": "Behaviour",
    "communication_and_interaction": "Communication and interaction",
    "cognition_and_learning": "Cognition and learning",
    "family_and_home": "Family and home",
    "friendships": "Friendships",
    "physical_health": "Physical health",
    "poverty": "Poverty",
    "safety": "Safety",
    "sensory_and_physical": "Sensory and physical",
    "social_emotional_mental_health": "Social, emotional and mental health",
    "transition": "Moving on to another school or phase",
    "other": "Something else",
}
OUTCOMES: Mapping[str, str] = {
    "no_action": "No action",
    "universal_plus": "Universal plus",
    "targeted": "Targeted",
    "intensive": "Intensive",
    "refer": "Refer on",
    "need_information": "Need to know more",
}
ROUTES: Mapping[str, str] = {
    "school": "School",
    "family": "Family",
    "child": "The child",
    "health": "Health",
    "social_care": "Social care",
    "early_help": "Early help",
    "virtual_school": "Virtual School",
    "youth_justice": "Youth justice",
    "other": "Another way",
}
PROMPTS: Mapping[str, str] = {
    "listed": "Was on the list before the meeting.",
    "could_go_either_way": "Could go either way on the list before the meeting.",
    "already_supported": "Stood as already supported before the meeting.",
    "exclusion_in_progress": "Had an exclusion in progress before the meeting.",
    "not_assessed": "Was not assessed before the meeting.",
    "not_listed": "Was not listed before the meeting.",
    "no_list": "No list led to this.",
}
STATES: Mapping[str, str] = {
    "open": "Open: nothing is settled yet",
    "set_aside": "Set aside",
    "done": "Settled",
    "waiting": "Waits for a screening",
    "screened": "A screening began",
    "closed": "Closed without a screening",
    "reported": "Told",
    "sent": "Sent to whoever keeps the record",
    "corrected": "Put right where it came from",
    "stands": "It stands as it was",
}
FIELDS: Mapping[str, str] = {
    "considered": "What the meeting considered",
    "considered_words": "What that was",
    "view": "The meeting’s own view",
    "was_known": "Did the meeting already know about this child?",
    "outcome": "What the meeting settled on",
    "needs": "Needs found",
    "review_on": "Look again on",
    "words": "Anything else",
    "held_on": "Day of the review",
    "meeting_on": "Day of the meeting",
    "route": "How the child came to the meeting",
    "referred_by": "Who raises the child",
    "reasons": "Why",
    "school": "School",
    "family": "Which records",
    "fact": "What it says",
    "what_is_right": "What is right",
    "told_by": "Who says so",
    "state": "What came of it",
    "since": "From",
    "until": "To",
    "asked": "Name, UPN or code",
    "one_time": "One-time code",
}
HINTS: Mapping[str, str] = {
    "considered": "At least one thing beyond the list and the card.",
    "considered_words": "In your own words. What did you hear, and from whom?",
    "view": "Strengths first. What is going on for this child, and what would help?",
    "outcome": "People settle this. Nothing here suggests one.",
    "needs": "As many as apply.",
    "review_on": "The day the meeting will look again. Leave empty for none.",
    "words": "Who leads, what was agreed, or why you changed something.",
    "referred_by": "As: form tutor, mother, school nurse.",
    "told_by": "As: the child, mother, class teacher.",
    "asked": "Part of a name is enough. Only children you may see are found.",
}
ELSEWHERE: Mapping[str, str] = {
    "officer": "The children whom you may see are under Caseloads.",
    "information_governance": "What families ask is answered from a terminal of the service’s machine, with pathways rights, or at "
    "/v1/rights.",
    "administrator": "Accounts are kept from a terminal of the service’s machine, with pathways users.",
}  # for whoever reads no lists: where their work is, by role
FREQUENCY_FIRST = "Say what you considered and your own view first. Then the frequency can be opened."
FREQUENCY_READY = "Your view is recorded. You can open the frequency now. You need not."
STALE = (
    "{author} wrote on this while you were writing. Nothing of either is lost: what stands now is shown first, and what you wrote "
    "is still in the form. Put the two together, then record."
)
RECORDED = "Recorded."
NOBODY_FOUND = "Nobody was found whom you may see."
MORE_FOUND = "{count} more were found. Write more of the name."
ANYBODY = "Anyone can raise any child. No list is needed."
NOT_LAST_WORD = "Every change is kept beside what stood before. Nothing is written over."
