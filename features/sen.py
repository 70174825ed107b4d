"""Special educational needs: what provision and need were known, and how they moved. Declarations only.

Provision is its level in the code set of its day (codes/sen_provision.csv), from the School Census; the council's own
record of plans and assessments is counted beside it. SEN is taken as known at the as-of date: pupils are
often first put on the register after trouble starts.
"""

from features.codes import provisions
from features.feature import Feature, days_since, ever, latest

SOURCE = "SEND code of practice (2015); School Census guide"
NO_CENSUS = "Missing: no census with this pupil was known in the look-back."
LEVELS = ", ".join(f"{one.short} {one.level}" for one in provisions().values())

PROVISION = (
    Feature(
        "sen_provision", "sen", "census", latest("provision"), None, LEVELS, NO_CENSUS,
        "SEN provision at the last census known: {provision}.", SOURCE,
    ),
    Feature(
        "days_since_sen_differed", "sen", "census", days_since(lambda t: t.provision != t.provision_now), 380,
        "school days", "Missing: provision was the same in every census of the last two school years.",
        "SEN provision was last different {number} school days ago.", SOURCE,
    ),
    Feature(
        "is_sen_stepped_up", "sen", "census", ever(lambda t: t.provision < t.provision_now), 380, "yes or no",
        "No: no known census showed a lower provision.", "SEN provision has been stepped up in the last two school years.", SOURCE,
    ),
    Feature(
        "is_sen_stepped_down", "sen", "census", ever(lambda t: t.provision > t.provision_now), 380, "yes or no",
        "No: no known census showed a higher provision.", "SEN provision has been stepped down in the last two school years.", SOURCE,
    ),
)  # fmt: skip

NEEDS = tuple(
    Feature(
        f"is_{need.lower()}", "sen", "census", latest(f"is_{need.lower()}"), None, "yes or no", NO_CENSUS,
        f"A recorded need: {words}.", SOURCE, direction=direction,
    )
    for need, words, direction in (
        ("SEMH", "social, emotional and mental health", 1),
        ("SLCN", "speech, language and communication", 0),
        ("ASD", "autism", 0),
        ("MLD", "moderate learning difficulty", 0),
        ("SPLD", "specific learning difficulty", 0),
    )
)  # fmt: skip

COUNCIL = (
    Feature(
        "is_ehc_assessment_open", "sen", "involvements", ever(lambda t: t.is_open & (t.kind == "ehc_assessment")), None,
        "yes or no", "No: none was known to be open.", "An EHC needs assessment is under way.", SOURCE,
    ),
    Feature(
        "is_ehcp_open", "sen", "involvements", ever(lambda t: t.is_open & (t.kind == "ehcp")), None,
        "yes or no", "No: none was known.", "Has an education, health and care plan.", SOURCE,
    ),
    Feature(
        "days_since_ehcp_started", "sen", "involvements", days_since(lambda t: t.is_open & (t.kind == "ehcp")), 380,
        "school days", "Missing: no open plan started in two years.", "The EHC plan started {number} school days ago.", SOURCE,
    ),
)  # fmt: skip

FEATURES = (*PROVISION, *NEEDS, *COUNCIL)
