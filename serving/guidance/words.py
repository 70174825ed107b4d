"""Words that the pages use in a narrow sense, and what is known of how the pages can be used."""

WORDS = (
    ("As-of date", "The day that a list is of. What became known on that day or later is not in it."),
    (
        "Card",
        "What the records say of one child, with dates; what is missing; who could help; and room for the meeting’s own view.",
    ),
    (
        "Could go either way",
        "Came close to a place on the list: a model that had learned from slightly other records could have listed the child.",
    ),
    (
        "Estimate",
        "What a model makes of past records: how often children with such records had the outcome. It is no finding about a child.",
    ),
    (
        "Exclusion in progress",
        "A permanent exclusion was issued and is not settled yet. The child takes no place on the list.",
    ),
    (
        "Listed",
        "Among as many children as the meeting has time for, whose records look most like those of children who later lost time or a place at school.",
    ),
    (
        "Meeting",
        "A Team Around the School meeting: people of a school and of the authority’s services, who decide with the family.",
    ),
    ("New to the meeting", "The people at the meeting said that they had not had this child in mind before."),
    (
        "No help entered since a screening",
        "No meeting has entered help for the child. A plan, a social worker or a service that they have otherwise is not counted.",
    ),
    ("Not assessed", "No estimate was made, for a reason that is given. It says nothing about need."),
    ("Not listed", "Counted and not named. It does not mean safe."),
    ("Not shown", "A count that is held back, so that no child can be told from it."),
    (
        "Objection",
        "A family asked that no estimate is made. From that moment none is made or shown while the authority decides.",
    ),
    ("Of 100", "A share, said as people: of every 100, so many."),
    ("Referral", "A child raised by anybody, without any list."),
    ("Release", "A model that was audited, and that a second person signed for."),
    (
        "Screening",
        "What a meeting considered of one child, its own view, and what it settled on. People write all of it.",
    ),
    ("UPN", "A pupil’s number in the school system."),
)
TESTED = (
    "Every kind of page is checked by axe-core, in Chromium, with nothing of moderate weight or more left open.",
    "Every page works with the keyboard alone, without script, at 320 pixels, and zoomed to 400 in 100.",
    "Nothing is said by colour alone. Each chart has its numbers in a table.",
)
NOT_TESTED = (
    "No person who uses a screen reader or other aid every day has tried the pages yet. The authority should ask some before it goes live.",
    "Wide tables scroll sideways on a narrow screen.",
    "The charts of the audit are read out as one sentence and a table.",
)
