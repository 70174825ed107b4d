"""What is said of every model: sentences of the transparency record, with places for what differs.

Law and guidance: as collected in November 2026 from published sources. Lines that say "check" rest on
text that could not be read in its final form; the authority's data protection officer has the last word.
"""

TOOL = "Inclusive Pathways early warning"
OUTCOMES = {
    "serious_exclusion": "a permanent exclusion, or ten school days or more of suspension in all",
    "permanent_exclusion": "a permanent exclusion",
    "upheld_permanent": "a permanent exclusion that was upheld",
    "any_suspension": "at least one suspension",
    "hidden_exit": "leaving the roll in a way that can hide an exclusion",
}
FAMILIES = {
    "attendance": "attendance",
    "suspensions": "suspensions and their reasons",
    "sen": "special educational needs",
    "context": "year group, moves and services",
    "school": "the school's own past rates",
    "attainment": "results of statutory assessments",
}
SOURCES = (
    "school registers (attendance marks), the admission register (roll), the termly School Census, notifications of "
    "suspensions and permanent exclusions, the council's records of services and plans, the list of schools"
)
NEVER = "Ethnicity, sex and free school meals are never read by the model"
NOT_FOR = (
    "deciding to suspend or exclude; managed move or off-site direction; admission or transfer; evidence to a governing board or "
    "review panel; attendance prosecution; sharing with police or immigration; ranking schools or staff"
)
# Field id to its sentence; {authority}, {outcome}, {days} and {places} are put in.
TEXTS = {
    "0.1": f"{TOOL}: which children a meeting may be missing",
    "0.5": "Names to a Team Around the School meeting the children whose records look most like those of children who later had {outcome}, so that people look at whether help is needed.",
    "1.1": TOOL,
    "1.2": "The tool reads records that {authority} already holds and gives each school's meeting a short list of children it may be missing, so that people can offer help early. It prompts a screening by people and never decides one. It is used so that help does not depend on who happens to be noticed.",
    "2.2.2": "Meetings hear of children they may not have thought about, in time to offer help, and with dated facts on one page. Whether help that follows does good has not been measured, and these records cannot show it.",
    "2.3.1": "The list is one way into the Risk and Need Screening of the Team Around the School. The meeting looks at each child with school and family, chooses the response (universal, universal plus, targeted, intensive) and reviews it. A referral needs no list and no estimate.",
    "2.3.2": "People decide everything. A meeting considers one child at a time, sees dated facts before anything else, and records its own view before it may see how common the outcome is among such lists. It can disagree, and how often it does is reported. The estimate itself is shown to nobody in a school.",
    "2.3.4": "Every page says what the list may not be used for, what it cannot tell, and that not being listed says nothing about need.",
    "2.4.1.1": "Batch: an extract of records is checked and kept as a store of pseudonyms (keyed, HMAC-SHA-256); features, estimates and lists are made from it for one day at a time. Names are joined only where a list is shown to someone allowed to see them. A service with sign-in, roles and an access log shows lists; model files hold no pupil's row.",
    "2.4.1.2": f"Records of {{authority}}: {SOURCES}. People put in the meeting's own views and outcomes, which no estimate reads.",
    "2.4.1.3": "For each meeting, names in order of name under: listed, could go either way, already supported, exclusion in progress, not assessed. Everyone else is counted and not named. For each child named, dated facts, what is missing, which kinds of record moved the estimate, and services that answer to a status.",
    "2.4.1.4": "Each half-term records are compared with the same half-term of earlier years: features, codes, freshness, lists, and outcomes once a window has closed. A model expires a year after its records; retraining, release and withdrawal each leave a record.",
    "2.4.1.5": "One model, described below.",
    "2.4.2.1": TOOL,
    "2.4.2.3": "Estimates the chance of {outcome}, within {days} days of an as-of date (less where compulsory schooling ends first), for each child on roll from Reception to Year 11. It tells what schools did, not what a child did or will do.",
    "2.4.2.5": "A chance between 0 and 1, used only to choose who is named within the places that a meeting has ({places}). Nobody below twice the usual rate of the phase is named: an empty place is an honest answer.",
    "2.4.3.2": "Tables: dates, codes, counts and yes or no. No free text, image or sound.",
    "2.4.3.8": "A record store of typed files, with a keyed pseudonym in place of each UPN. Key, UPN map and names stand in a separate folder that only its owner can read. NHS numbers are refused while the consistent identifier of the Children's Wellbeing and Schools Act 2026 is not in force.",
    "2.4.4.1": f"The same as in development, in the state known on the day of the list: {SOURCES}.",
    "2.4.4.3": "Import and checks; features from what was known strictly before the as-of date; estimates; the list rule; facts and signposts. Training and lists share one declaration of every feature.",
    "2.4.4.4": "Roles see no more than their part: officers their own schools or caseload, data scientists pseudonyms, reviewers aggregates. Every look is logged, and if it cannot be logged nothing is shown.",
}  # fmt: skip
