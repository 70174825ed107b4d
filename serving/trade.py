"""Words of the trade that cards use, which a parent or a new member of a meeting may not know; each explained where a card uses it."""

import re
from collections.abc import Sequence
from typing import Any

TRADE = (
    ("access panel", "The schools of an area and the council, who find a school for a child who has none."),
    ("alternative provision", "Teaching arranged outside a mainstream school, such as in a pupil referral unit."),
    ("annual review", "The meeting, each year or sooner, that looks at whether an EHC plan still fits."),
    ("census", "The count of all pupils and their needs that each school sends three times a year."),
    ("child in need", "A child whom social workers help under section 17 of the Children Act 1989."),
    ("child protection plan", "What is to be done to keep a child safe who was found likely to come to harm."),
    ("designated teacher", "The teacher in each school who answers for children in care, and those who were."),
    ("Early Help", "Support for a family before anything would need a social worker."),
    ("educational psychologist", "A psychologist who advises on how a child learns and what helps."),
    ("EHC needs assessment", "The council’s look at whether a child needs an EHC plan."),
    ("EHC plan", "An education, health and care plan: what a child must be given for special educational needs, by law."),
    ("Family Help", "One service for what targeted Early Help and plans for children in need were, from a day that each council sets."),
    ("governors", "The people who oversee a school. They can bring a suspended or excluded child back."),
    ("looked after", "In the care of the council."),
    ("managed move", "A lasting move to another school, which the family and both schools agree to."),
    ("off-site direction", "A school sends a child to learn elsewhere for a time, to help with behaviour."),
    ("part-time timetable", "Fewer hours at school than others, for a short time and with the parents’ agreement."),
    ("permanent exclusion", "The child may not come back to this school, unless it is overturned."),
    ("SEN support", "Help that a school itself gives for special educational needs, without an EHC plan."),
    ("session", "Half a school day: a morning or an afternoon."),
    ("suspension", "The child may not come to school for a set number of days."),
    ("Virtual School", "The council’s team for the education of children in care."),
    ("youth justice", "The service for children who have been in trouble with the police or a court."),
)  # fmt: skip


def explained(cards: Sequence[Any]) -> list[tuple[str, str]]:
    """The words of the trade that some cards use, in singular or plural, each with what it means, in order of word.

    Parameters
    ----------
    cards : sequence
        Each with its `sections` (of `serving.cards.Line`) and `signposts` (`serving.cards.Help`).
    """
    lines = [line.sentence for card in cards for some in card.sections.values() for line in some]
    prompts = [text for card in cards for help in card.signposts for text in (help.status, help.text)]
    whole = "\n".join([*lines, *prompts]).lower()
    return [
        (word, says) for word, says in TRADE if re.search(rf"\b{re.escape(word.lower())}(s|es)?\b", whole)
    ]
