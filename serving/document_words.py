"""Phrases of the published documents, in plain words."""

MADE_UP_DOCUMENT = "MADE-UP DATA. No child, school or figure on this page is real. Do not publish it."
CHECK_FIELD = "check name"
CHECK_NOTE = (
    "The names of fields marked “check name” come from records that others have published. Check them against the official "
    "template before this record is published."
)
GROUPS_NOTE = (
    "Counts are rounded, and small ones are not shown. Rates are made from the counts shown. “Cannot tell” means too few children. "
    "It is not the same as no difference."
)
LIMITS = (
    "It tells what schools did in the past. It does not tell what a child did or will do.",
    "If some children were suspended or excluded too readily, it learns that too. Whether to suspend a child at all cannot be looked at in these records.",
    "A child who is not named may need help just as much. Nobody below the line is called low risk.",
    "Where a school’s registers stop, its pupils are not assessed, and the list says so.",
    "It holds for this authority and these years. Elsewhere, and under new rules, it has to be measured again.",
    "Exclusion here means a headteacher’s disciplinary exclusion only. A safeguarding separation and an internal suspension are counted as none.",
    "Whether help after a list does good cannot be read from these figures.",
)
# The notice for families: each heading with its sentences. A test holds them to a reading age of about twelve.
NOTICE = (
    (
        "What is this?",
        (
            "Schools and the council meet to talk about children who may need help. We want to help early, so that no child loses their place at school.",
            "A computer looks at school records. It gives each meeting a short list of names to talk about.",
            "The list is only a start. It decides nothing. People talk about each child and decide what help to offer.",
        ),
    ),
    (
        "What does it look at?",
        (
            "It looks at days missed, times suspended, special needs, moves between schools, and help from council services.",
            "It also looks at how often each school suspends or excludes children.",
            "It does not look at your child’s ethnic group, sex or free school meals. We use these only to check who the list misses.",
        ),
    ),
    (
        "What can the list not be used for?",
        (
            "Nobody may use it to suspend or exclude a child.",
            "Nobody may use it to move a child to another school.",
            "Nobody may use it in court, or to say no to a school place.",
            "Nobody may show it to a panel that looks at an exclusion.",
            "Nobody may give it to the police or to immigration staff.",
            "Nobody may use it to rank schools or teachers.",
            "It is not a mark against your child. It stays out of school reports.",
        ),
    ),
)
WHO_SEES_IT = (
    "Only people who hold these meetings, or who answer families, can see the names on a list.",
    "Our system writes down who looks at a list there, and who takes a copy.",
    "A list can also be printed outside that system. Nothing then writes down who looks, so the people who hold it must keep it safe.",
    "The people who build and check the list see codes in place of names.",
)
RIGHTS = (
    "You can ask to see what we hold about your child.",
    "If a fact is wrong, tell us. We will look at it and put it right.",
    "You can object. Tell us that you do not want your child’s records used in this way. While we look at it, your child is not on any list.",
    "Saying no will not count against your child. Any child can still get help.",
)
COMPLAIN = (
    "You can complain to us about how we use your records. We must tell you that we have your complaint within 30 days.",
    "If our answer does not help, you can go to the Information Commissioner’s Office (the ICO). It checks how people’s data are used.",
)
SENDIASS = "SENDIASS gives free advice to families. It is not part of the council. You can ask them to help you object or complain."
HOW_MANY_UNTOLD = "How many of each, there were too few schools or children to say."
MISSED_UNTOLD = "How many it missed, there were too few schools or children to say."
NOT_LISTED = "If your child is not on a list, they can still get help. You can ask the school at any time. No list is needed."
THE_LAW = (
    "to be completed by the data protection officer: the law that lets the council do this, in plain words"
)
HOW_LONG = "to be completed by the data protection officer: how long lists, and what meetings write, are kept"
WHOM_TO_ASK = "to be completed by the data protection officer: a name, a telephone number and an address"
WHERE_TO_COMPLAIN = "to be completed by the data protection officer: where complaints go"
SENDIASS_CONTACT = "to be completed by the service owner: how to reach SENDIASS here"
LAW_NOTE = (
    "Law as collected in {collected}: {cited}. The council’s data protection officer has the last word."
)
EXCLUSION_MEANS = (
    "On this page, to exclude a child means that a head teacher bars them for how they behaved.",
    "If a child is kept apart to keep someone safe, that is not an exclusion. The council must then see that they are taught.",
)
CHECK_LAW = "“Check” marks what to read in the text itself before this page is relied on. What has no day is not in force."
SINCE = (
    "Records came to mean something else on these days, all after the first records that it learned from. Measure it again on records "
    "of after each."
)
IDENTIFIERS = (
    "A child is known by the pupil number (UPN) of the school census, and inside the service by a keyed code in place of it. A column that "
    "holds NHS numbers stops an import, with the reason: no law in force lets this service hold them. The day on which one comes into force "
    "is a dated setting (features/contract/law.csv, consistent_identifier)."
)
