"""Phrases of the page of pooled evidence, in plain words."""

MADE_UP_POOLED = "MADE-UP DATA. No child, school or figure on this page is real."
GATE_PASSED = "Pooled, the recipe passed the gate: at large it found more of the children than the hardest of the simple rules, and more than knowing the school alone."
GATE_NOT_PASSED = "Pooled, the recipe did not pass the gate."
HOW_TO_READ = (
    "Each authority trained by the same recipe on its own records, tested on its own later dates, and gave sums over all its schools. No "
    "pupil, no school and no small count left any of them."
)
AT_LARGE = (
    "At large: the mean over authorities such as these. Its range allows for authorities that differ, and rests on as many as there are "
    "here. The gate asks this one."
)
TOGETHER = (
    "Together: all the children of these authorities, as if they were one. It says nothing of any other."
)
ANOTHER = "One more authority: where its own figure would lie, 19 times in 20."
APART = (
    "How far authorities lie apart is told as a standard deviation with its range. The share that is no chance (I²) depends on how large "
    "the authorities are as well: read the deviation first."
)
ROUNDED = (
    "Figures are of counts that were moved by at most two and rounded to five before they left. Their ranges allow for that. Numbers of "
    "children are sums of rounded ones."
)
UNTOLD = (
    "An authority with a weight and no figure has too few schools to tell one alone, and its children count as all others do. One "
    "without a weight gave none."
)
MEASURES = {
    "gain": "More found by this recipe, of 100 children, than with the same places by",
    "gain_pooled": "The same, with the places pooled over the authority",
    "recall": "Found, with places per school",
    "recall_pooled": "Found, with the same places pooled over the authority",
    "precision": "Of the places, went to children with the outcome",
}
GATES = {
    "earns_its_place": "passed",
    "cannot_tell": "cannot tell",
    "no_better_than_the_rule": "no better than the rule",
}
OURS = "This recipe"
SHARES = ("recall", "recall_pooled", "precision")
