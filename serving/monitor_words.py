"""Phrases of the monitor page, in plain words."""

MADE_UP_MONITOR = "MADE-UP DATA. No child, school or figure on this page is real."
OWN_COPY = "For the data team and the reviewers. Small counts are not hidden here: do not publish this page."
NO_ALARM = "Nothing is outside its limits."
ONE_ALARM, ALARMS = "One thing is outside its limits.", "{number} things are outside their limits."
WHAT_THEN = (
    "An alarm says that something changed. It does not say what or why. Ask whoever keeps these records before any list is "
    "made from them. No alarm is no proof that all is well: a change smaller than its limits goes unseen."
)
BREAKS = "Records came to mean something else on these days, between the earliest day compared and this one. What they explain is no alarm."
NO_BREAKS = "No break in what records mean lies between the days compared."
MOVED_INSIDE = "Pupils with a sanction in the last weeks and in the same weeks a year before, at schools where it moved inside"
KINDS = {
    "missing": "Share missing",
    "not_zero": "Share that is not 0",
    "distance": "Distance of the values",
    "places_used": "Places used",
    "listed": "Listed",
    "not_assessed": "Not assessed",
    "attendance": "Attendance code",
    "reason": "Reason of suspension",
    "sen_provision": "SEN provision",
    "sen_need": "SEN need",
}
STATUS = {"within": "within", "outside": "OUTSIDE", "cannot_tell": "cannot tell"}
PARTS = {
    "model": "The model",
    "features": "Features",
    "coding": "Codes",
    "freshness": "Freshness",
    "estimates": "Estimates",
    "lists": "Lists",
    "not_assessed": "Not assessed",
    "churn": "Came and went",
    "groups": "Groups",
    "performance": "Closed windows",
    "label": "What is learned",
}
FIGURES = {
    "recall": "Found, of all children with the outcome",
    "precision": "Had the outcome, of the listed",
    "observed_over_expected": "Outcomes seen for each one estimated",
}
