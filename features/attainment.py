"""Attainment at statutory assessments: the level, and how far it lies from what is expected at the age. Declarations only.

An authority makes these features where it supplies the table. No direction is declared: a low result says what a
child had learned by then, or how a test went, and is nobody's fault. Who was not assessed, was absent or came from
elsewhere has no result, which is not a low one.
"""

from features.feature import Feature, at_least, share

SOURCE = "DfE, assessment and reporting arrangements: early years profile, phonics screening check, key stages 1 and 2"
NO_RESULT = "Missing: not assessed at that stage, absent, from elsewhere, or assessments were not held (2020 and 2021). It is not a low result."
NO_SCORE = f"{NO_RESULT} Missing too where the result is no scaled score."

EARLY = (
    Feature(
        "is_eyfs_met", "attainment", "attainment", at_least(share("eyfs_met", of="eyfs_assessed"), 1.0), None, "yes or no",
        NO_RESULT, "Reached the level expected at the end of Reception in all that was assessed.", SOURCE,
    ),
    Feature(
        "is_phonics_met", "attainment", "attainment", at_least(share("phonics_met", of="phonics_assessed"), 1.0), None, "yes or no",
        NO_RESULT, "Met the standard of the phonics check, at the first or the second time.", SOURCE,
    ),
)  # fmt: skip

KEY_STAGES = tuple(
    feature
    for stage, year in (("ks1", "Year 2"), ("ks2", "Year 6"))
    for feature in (
        Feature(
            f"share_{stage}_met", "attainment", "attainment", share(f"{stage}_met", of=f"{stage}_assessed"), None, "share of subjects assessed",
            NO_RESULT, f"At the end of {year}, {{percent}} of the subjects assessed were at the level expected or above.", SOURCE,
        ),
        Feature(
            f"{stage}_score_from_expected", "attainment", "attainment", share(f"{stage}_gap", of=f"{stage}_scored"), None, "scaled score less 100",
            NO_SCORE, f"At the end of {year}, scaled scores were {{number}} from the 100 expected, on average.", SOURCE,
        ),
    )
)  # fmt: skip

FEATURES = (*EARLY, *KEY_STAGES)
