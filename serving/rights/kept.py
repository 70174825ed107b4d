"""What the service keeps, on which legal basis, who is shown it and how long: one record for every table and kind of file.

The bases are this project's defaults: the authority's impact assessment and its data protection officer have the last word.
"""

from dataclasses import dataclass

PUBLIC_TASK = "Public task (UK GDPR Article 6(1)(e)): the authority’s duties to children at risk of exclusion"
SPECIAL = (
    f"{PUBLIC_TASK}. Where it tells of health, need or ethnicity: substantial public interest, safeguarding of children "
    "(Article 9(2)(g); Data Protection Act 2018 Schedule 1 paragraph 18)"
)
TO_ANSWER = "Legal obligation (Article 6(1)(c)): requests are answered, and it can be shown that they were"
TO_SHOW = "Legal obligation (Article 6(1)(c)): accountability and security (Articles 5(2) and 32)"
MEETING = "Officers in whose schools, districts or caseloads the child is"
GOVERNANCE = "Information governance"
FAMILY = "the family, in a copy of everything held"
NOBODY = "Nobody outside the authority’s own data team"


@dataclass(frozen=True)
class Kept:
    """One kind of record.

    Attributes
    ----------
    title : str
        What it is, in words.
    tables : tuple of str
        Of the service's database; empty for files.
    basis : str
        Why it may be kept.
    shared_with : str
        Who is shown it.
    record_class : str
        Of `serving.database.retention.CLASSES`, which says how long; "" for what stays while the thing itself does.
    while_there : str
        How long it stays where it is of no class.
    """

    title: str
    tables: tuple[str, ...]
    basis: str
    shared_with: str
    record_class: str = ""
    while_there: str = ""


KEPT = (
    Kept("Screenings, what was said at them, and openings of the frequency", ("screenings", "screening_versions", "frequency_openings"),
         SPECIAL, f"{MEETING}; {GOVERNANCE.lower()}; {FAMILY}. Managers and reviewers see counts alone", "screenings"),
    Kept("Children raised without a list", ("referrals",), SPECIAL, f"{MEETING}; {GOVERNANCE.lower()}; {FAMILY}", "referrals"),
    Kept("Facts said to be wrong", ("wrong_facts",), PUBLIC_TASK, f"{MEETING}; {GOVERNANCE.lower()}; the owner of the record; {FAMILY}", "wrong_facts"),
    Kept("Requests of families, and objections", ("rights_requests", "objections"), TO_ANSWER, f"{GOVERNANCE}; {FAMILY}", "rights_requests"),
    Kept("Steps of referrals, wrong facts and requests", ("steps",), TO_SHOW, "As the record that they belong to", while_there="As long as the record that they belong to"),
    Kept("Schools of children, and the statuses that services answer to", ("placements", "pupil_statuses"), SPECIAL, f"{MEETING}; {FAMILY}", "placements"),
    Kept("Who looked, and when", ("access_log", "access_log_head"), TO_SHOW, f"{GOVERNANCE}; {FAMILY}", "access_log"),
    Kept("Keys by which the log names a child", ("pupil_keys",), TO_SHOW, "Nobody: a key is used and never shown", "pupil_keys"),
    Kept("Accounts, and about whom each may ask", ("users", "user_scopes"), TO_SHOW, "Administrators", while_there="The name stays on what somebody wrote as long as that does"),
    Kept("Sign-ins", ("tokens", "sign_ins"), TO_SHOW, "Administrators see when, and how many", "tokens"),
    Kept("Schools of the authority", ("schools",), "No personal data", "Everybody who is signed in", while_there="Until the next records"),
    Kept("Lists and prepared dates: places on a list, bands, facts on cards", (), SPECIAL, f"{MEETING}; data scientists without names; {FAMILY}", "lists"),
    Kept("The record store: registers, census, suspensions, services and plans", (), f"{SPECIAL}. Ethnicity, sex and free meals are used to audit alone",
         f"{NOBODY}; {FAMILY}", while_there="The authority’s own schedule: five years of records are enough to train"),
    Kept("Names and pupil numbers, apart from all other records", (), PUBLIC_TASK, f"{MEETING}; {GOVERNANCE.lower()}", while_there="As the record store"),
    Kept("Backups of the service", (), TO_SHOW, "Administrators keep them, and are shown none of it", while_there="The authority’s own schedule; erasures are carried out in them too"),
)  # fmt: skip
