"""What each part of an export is called, and what it is, in plain words."""

from serving.corrections.record import FactWrongContent
from serving.http.fields import fields_of
from serving.referrals.record import ReferralContent
from serving.rights.record import ErasureProof
from serving.screening.record import ScreeningContent
from serving.signposts import SIGNPOSTS
from serving.wording import STATES

TABLES = {
    "placements": ("School", "The school whose roll your child is on, or was last on."),
    "pupil_statuses": ("Statuses", "What the records show that a service answers to."),
    "screenings": ("Screenings", "Meetings at which people talked about your child."),
    "screening_versions": (
        "What the meetings said",
        "Everything that was written at those meetings, each change beside what stood before. People wrote every word.",
    ),
    "frequency_openings": (
        "Frequencies that were opened",
        "When somebody looked at how often children with similar past records had the outcome, after the meeting’s own view was written down.",
    ),
    "referrals": ("Referrals", "Times when somebody raised your child for a talk."),
    "wrong_facts": ("Facts said to be wrong", "What was said to be wrong in the records."),
    "rights_requests": ("Requests", "What was asked for about your child’s data."),
    "objections": ("Objections", "When no estimate was to be made."),
    "steps": ("What came of referrals, wrong facts and requests", "Each step, with who took it."),
}
SECTIONS = {
    "lists": (
        "Lists",
        "Every list your child was counted in. A list prompts a talk; it decides nothing. “Not listed” entries are not kept.",
    ),
    "viewers": (
        "Who looked",
        "Everyone who was shown something about your child, or asked for it, and when.",
    ),
}
FILES = {
    "roll": ("School registers: admission", "From the authority’s own records."),
    "census": ("School census", "From the authority’s own records. Ethnicity, sex and free meals are used only to check that nobody is overlooked."),
    "attendance": ("Attendance marks", "From the school’s registers."),
    "suspensions": ("Suspensions and exclusions", "From the authority’s own records."),
    "involvements": ("Services and plans", "From the authority’s own records."),
    "internal_suspensions": ("Internal suspensions", "From the authority’s own records. They are no suspensions."),
    "attainment": ("Results of assessments", "From the authority’s own records: early years, phonics, key stages 1 and 2."),
    "support": ("Help given", "Help given after a screening."),
    "withheld": ("Held back", "Objections and restrictions in the authority’s own records."),
    "rejected": ("Rows that broke a rule", "They were not used; they are kept so that they can be put right."),
    "upn.parquet": ("Number", "Which pupil number belongs to the code that this service uses in place of it."),
    "names.parquet": ("Name", "Kept apart from all other records, to print lists with."),
    "rejected_names.parquet": ("Names that broke a rule", "Kept apart from all other records."),
    "matrix.parquet": ("Who was counted", "The roll on the day of a list, and why no estimate was made where none was."),
    "bands.parquet": (
        "Estimates",
        "The band of each estimate, from 0 (least often) up, and how far it could move had the model learned from other schools; −1 where nothing is told. "
        "It says what schools did with other children before. It does not say what your child did or will do.",
    ),
    "facts.parquet": ("Facts on the card", "Sentences that a meeting could read about your child."),
    "weeks.parquet": ("Weeks on the card", "Sessions missed and suspensions begun in each school week, as the card draws them."),
    "statuses.parquet": ("Statuses on the card", "What pointed to a service."),
    "contributions.parquet": (
        "What moved the estimate",
        "How far each kind of record raised (above 0) or lowered (below 0) the model’s sum, against the average of the year group. It explains the model’s sum, and nothing about your child’s life.",
    ),
    "previous.json": ("The list before", "Where your child stood on the list before, to say what changed."),
}  # fmt: skip
RECORDS = (ReferralContent, FactWrongContent, ScreeningContent)
COLUMNS = {
    **{field.name: field.title for record in RECORDS for field in fields_of(record)},
    "urn": "School",
    "list_of": "List of",
    "name": "Which",
    "near_the_line": "Only just on the list",
    "is_on_roll": "On roll",
    "meeting_on": "Meeting on",
    "list_as_of": "List as of",
    "prompt": "Where on the list",
    "nc_year": "Year group",
    "as_of": "As of",
    "at": "When",
    "what": "What was asked for",
    "author": "Written by",
    "begun_by": "Begun by",
    "known_on": "Known on",
    "end_known_on": "End known on",
    "am": "Morning",
    "pm": "Afternoon",
}
# First what people and the model said, then who looked, then the records that it came from.
ORDER = (
    "lists", "bands.parquet", "contributions.parquet", "facts.parquet", "weeks.parquet", "statuses.parquet", "screenings", "screening_versions",
    "frequency_openings", "referrals", "wrong_facts", "rights_requests", "objections", "steps", "viewers", "placements",
    "pupil_statuses", "suspensions", "internal_suspensions", "involvements", "attainment", "support", "withheld", "census", "roll", "attendance",
)  # fmt: skip
STANDING = {
    "received": "Waiting",
    "acknowledged": "Acknowledged, waiting for the answer",
    "granted": "Granted",
    "declined": "Declined",
    "erased": "Erased, and proven",
}
PRINTED = ("A table that was made to be read", "The same as the page of the list, for a spreadsheet.")
OTHER = ("A file", "Kept by this service.")
# Codes as people say them: those of a record's own field, then any other.
CHOICES = {field.name: field.options for record in RECORDS for field in fields_of(record) if field.options}
VALUES = {
    **{state: name.lower() for state, (name, _) in STATES.items()},
    **{status: signpost.status for status, signpost in SIGNPOSTS.items()},
    "not_listed": "not listed",
    "no_list": "no list",
    "set_aside": "set aside",
    "record_screening": "recorded a screening",
    "use_rights": "your rights",
    "open_frequency": "opened the frequency",
    "already_supported": "already supported",
}


def in_words(proof: ErasureProof) -> list[str]:
    """What an erasure did, for people; it names nobody."""
    rows, files, backups = sum(proof.rows_deleted.values()), len(proof.files_changed), proof.num_backups
    return [
        f"{rows:,} {_one_or_more(rows, 'row')} of the database and the key of the log's token are gone. "
        f"{files:,} {_one_or_more(files, 'file')} changed or went whole. {backups:,} {_one_or_more(backups, 'backup')} changed too.",
        f"A search of {proof.num_files_searched:,} files ({proof.num_bytes_searched:,} bytes), the database and its write-ahead log "
        f"among them, found {'the child still' if proof.still_held_in or proof.still_held_in_tables else 'nothing'}.",
    ]


def still_found(proof: ErasureProof) -> list[str]:
    """Where an erasure that is not proven still finds the child."""
    where = [*proof.still_held_in, *(f"table {name}" for name in proof.still_held_in_tables)]
    return [f"Still found in {each}. Look there: free text or a copy names the pupil." for each in where]


def _one_or_more(number: int, word: str) -> str:
    return word if number == 1 else f"{word}s"
