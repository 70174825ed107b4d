"""`audit.json`: what the figures are of, the figures, and what follows from them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from models.audit_rates import RATES
from training.audit.estimable import FEWEST, FEWEST_RARER
from training.audit.findings import findings
from training.audit.gaps import METHOD as GAPS
from training.audit.parts import METHOD as PARTS
from training.audit.parts import Evidence, ListRule, enter_parts, no_evidence
from training.audit.scored import Scored
from training.audit.tables import group_tables

SCHEMA_VERSION = 1
STATEMENT = "The outcome is what was recorded: what schools, courts or services did, not what a person did or will do."
CANNOT_SEE = (
    "Bias in whether to suspend a child at all cannot be seen in these records: what was never written down as an event "
    "is in no column. Nothing here shows that it is absent."
)
CANNOT_SEE_IN_A_FILE = (
    "Bias in what came to be recorded as an outcome cannot be seen in these records: what nobody wrote down is in no column. Nothing "
    "here shows that it is absent."
)
METHODS = {
    "ranges": (
        "A range holds the truth 19 times in 20 or a little more. A rate has the exact range (Clopper and Pearson) of as many independent pupils as "
        "the group is worth: fewer than it has where pupils of one school (or whatever rows go together in) are alike, which everyone's rows tell, and "
        "fewer still with few schools. The list is held fixed. Below an effective 6 schools no range is given."
    ),
    "estimability": (
        f"A rate is given only with at least {FEWEST} different pupils with the outcome and {FEWEST} without it (and as many "
        "listed or unlisted where it is of those), and where at least "
        f"{FEWEST_RARER:g} of the rarer of the two kinds that it divides are to be expected at everyone's rate. "
        "Otherwise the answer is: cannot tell. It is never 0 or 1 for want of pupils."
    ),
    "pooling": (
        "Beside each group's own recall stands one drawn towards everyone's, as far as chance could explain the difference. It is "
        "a better guess for a small group, and no proof that the group is served alike."
    ),
    "gaps": GAPS,
    "parts": PARTS,
    "tables": "Point figures are made by fairlearn's MetricFrame; ties at the cut take the expected value over random order.",
}


def compose(
    scored: Scored,
    about: Mapping[str, Any],
    notes: Sequence[str],
    capacities: list[dict[str, Any]],
    label_bias: Callable[[list[dict[str, Any]]], dict[str, Any] | None] = lambda rows: None,
    rule: ListRule | None = None,
    evidence: Evidence = no_evidence,
    **parts: Any,
) -> dict[str, Any]:
    """All facts of an audit as plain JSON values.

    Parameters
    ----------
    about : mapping
        kind, title, authority, is_made_up, outcome, window_days, audited_on, model, data_hash and what
        else is known of the list.
    notes : sequence of str
        What a reader must know before the figures.
    capacities : list of dict
        From `sweep`; empty where only one list is known.
    label_bias : callable
        What the records tell of their labels, from the group rows.
    rule : ListRule or None
        How places were given, by which estimates; None: no gap can be laid to need or to the list.
    evidence : callable
        What beside list and outcomes speaks for estimates that tell less within a group; see `enter_parts`.
    **parts
        Further parts by name; `findings` reads those it knows.
    """
    overall, groups = group_tables(scored)
    enter_parts(scored, rule, overall, groups, evidence)
    facts = {
        "schema_version": SCHEMA_VERSION,
        **about,
        "statement": STATEMENT,
        "cannot_see": CANNOT_SEE if about["kind"] == "model" else CANNOT_SEE_IN_A_FILE,
        "notes": list(notes),
        "data": {
            "num_rows": len(scored),
            "num_pupils": len(np.unique(scored.clusters.pupil)),
            "num_clusters": scored.clusters.num,
            "num_positives": int(scored.is_positive.sum()),
            "num_unseen": int(np.isnan(scored.outcome).sum()),
            "num_listed": round(float(scored.listed.sum()), 1),
            "num_tied": int(((scored.listed > 0) & (scored.listed < 1)).sum()),
            "years": round(scored.years, 2),
        },
        "rates": {rate.name: rate.sentence for rate in RATES},
        "methods": METHODS,
        "overall": overall,
        "groups": groups,
        "capacities": capacities,
        "label_bias": label_bias(groups),
        "proxies": None,
        "coverage": None,
        "stability": None,
        "mitigation": None,
        "other_outcomes": None,
        **parts,
    }
    return facts | {"findings": findings(facts)}
