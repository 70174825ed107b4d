"""Phrases of the evidence page, in plain words."""

MADE_UP_EVIDENCE = "MADE-UP DATA. No child, school or figure on this page is real."
GATE_PASSED = "The model passed the gate. It found more of the children than the best simple rule, and more than knowing the school alone."
POOLED_PASSED = "The recipe passed the gate there. Over those authorities it found more of the children than the hardest simple rule, and more than knowing the school alone."
GATE_NOT_PASSED = "The model did not pass the gate. It may not be released for use in schools."
CANNOT_CLAIM = (
    "That a child will be excluded, or will not. It tells what schools did in the past. It does not tell what a child will do.",
    "That help works. Who had help is known in part only, and help may have changed what came after.",
    "That schools’ past choices were right. If some children were excluded too readily, the lists learn that too.",
    "That it holds elsewhere, or in years with new rules, until that has been looked at.",
    "That children who are not listed are safe.",
    "That every group is served alike. The audit looks at that, on a page of its own.",
)
OUTCOME_NAMES = {
    "serious_exclusion": "a permanent exclusion, or ten school days or more of suspension",
    "permanent_exclusion": "a permanent exclusion",
    "upheld_permanent": "a permanent exclusion that was upheld",
    "any_suspension": "one suspension or more",
    "serious_with_internal": "a serious exclusion, with days of internal suspension counted as well",
    "hidden_exit": "leaving in a way that can hide an exclusion",
}
TABLES = {"internal_suspensions": "Internal suspensions", "attainment": "Results of statutory assessments"}
ADDS = {
    "recall_at_capacity": "Found, places per school",
    "recall_at_capacity_pooled": "Found, places pooled",
    "precision": "Of the listed, had it",
    "observed_over_expected": "Outcomes seen for each one estimated",
}
VERDICTS = {
    "earns_its_place": "earns its place",
    "cannot_tell": "cannot tell",
    "no_better_than_the_rule": "no better than the rule",
}
RIVALS = {
    "prior_suspensions": "Most suspensions in the past year",
    "english_rule_pack": "Six signs watched in England",
    "six_term_logistic": "A formula of six terms",
    "school_only": "The school’s past rate alone",
    "area_only": "The area’s past rate alone",
    "chance": "By lot",
}
CONTRIBUTIONS = (
    "For analysts. Each figure is a mean over many children of what the model’s own sum takes from a record, before it is recalibrated "
    "(log-odds; SHAP values). The size says how much a record moves estimates up or down; the last column, how much more it adds for children "
    "who were listed. It explains the model. It does not say why a child was excluded."
)
ONE_YEAR = "Records reach one test year only, so no other year can be shown."
MANY_YEARS = (
    "For each year the same way of learning began anew, with nothing but what was known before that year’s first list. An earlier year had "
    "less to learn from. The gate rests on all of these years together, and the latest alone must not be without a gain."
)
HEADINGS = {
    "top": "How good is this model?",
    "first": "The first thing to know",
    "found": "What the lists found and missed",
    "rivals": "Would something simpler do as well?",
    "years": "Year by year",
    "parts": "By phase and by day",
    "calibration": "Do the estimates mean what they say?",
    "decision": "Is it worth the meetings’ time?",
    "travel": "Does it hold where the model has not been?",
    "breaks": "What came to mean something else meanwhile",
    "adds": "What each optional table adds",
    "others": "Other outcomes, and who left",
    "helped": "Who had been helped",
    "made": "What estimates are made of",
    "cannot": "What this cannot claim",
    "what": "What the figures are of",
}
