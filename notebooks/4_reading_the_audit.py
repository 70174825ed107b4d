# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # Whom does the list miss, and can we even tell?
#
# **MADE-UP DATA. No child, school or figure here is real.**
#
# *Cost: seconds once the made-up authority is there (it is made the first time, in about a minute).*
#
# A place is an offer of help, so being missed is the first harm: the audit leads with recall and with the false
# omission rate. The most common mistake in reading one is to take *cannot tell* for *no difference*.

# %%
import warnings

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from fairlearn.metrics import MetricFrame, true_positive_rate
from IPython.display import display

from notebooks.made_up import made_up

audit = made_up().audit()
groups = pd.DataFrame(audit["groups"])
groups = groups[~groups["attribute"].str.contains(" x ")]
print(audit["statement"])
print(audit["cannot_see"])

# %% [markdown]
# ## How much can be told at all
#
# A rate exists only with at least ten different pupils with the outcome and ten without. In an authority of this
# size most groups have no rate. Saying so is the honest result.

# %%
recall = pd.json_normalize(groups["metrics"].map(lambda found: found["recall"])).set_index(groups.index)
table = groups[["attribute", "label", "num_pupils", "events"]].join(
    recall[["status", "estimate", "low", "high", "reason"]]
)
table.groupby("attribute")["status"].value_counts().unstack(fill_value=0)

# %%
with pd.option_context("display.max_colwidth", None):
    display(
        table[table["attribute"].isin(["fsm_eligible", "sex", "sen_provision", "ethnicity_major"])].round(2)
    )

# %% [markdown]
# ## What a library would have said
#
# Four groups, the last with nobody who had the outcome. A bare metric gives it a recall of 0, and a range of 0 to 0
# by the usual row bootstrap: certain, and meaningless. It would head any table of "worst served groups".

# %%
rng = np.random.default_rng(1)
group = np.repeat(["large", "middling", "small", "nobody with the outcome"], [400, 100, 25, 25])
outcome = np.where(group == "nobody with the outcome", 0, rng.random(550) < 0.15).astype(int)
listed = (rng.random(550) < np.where(outcome == 1, 0.5, 0.05)).astype(int)
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    bare = MetricFrame(
        metrics={"recall": true_positive_rate}, y_true=outcome, y_pred=listed, sensitive_features=group
    ).by_group
bare.rename_axis("group").join(
    pd.Series(outcome).groupby(group).sum().rename("pupils with the outcome")
).round(2)

# %% [markdown]
# ## A gap, chance, and what would have gone unseen
#
# Gaps are tested together, so that looking at forty groups does not find one by luck. Beside each stands the
# smallest gap that could have been seen: where that is 30 of 100, "no gap found" means little.

# %%
gaps = [
    {
        "attribute": row["attribute"], "group": row["label"], "difference": gap["difference"]["estimate"],
        "low": gap["difference"]["low"], "high": gap["difference"]["high"], "is a gap": gap.get("is_gap"), "smallest that would be seen": gap.get("smallest_detectable"),
    }
    for row in audit["groups"]
    if " x " not in row["attribute"]
    for name, gap in row["gaps"].items()
    if name == "selection_rate" or name == "recall"
]  # fmt: skip
pd.DataFrame(gaps).round(3) if gaps else "No rate of recall or of places could be told for any group."

# %% [markdown]
# ## How many years would tell
#
# For a group that cannot be told, the audit says how many years of data would give it a rate, where that can be
# worked out.

# %%
names = groups["attribute"].str.replace("_", " ") + ": " + groups["label"]
years = pd.json_normalize(groups["metrics"].map(lambda found: found["recall"]))["years_needed"].set_axis(
    names
)
years.dropna().round(0).sort_values().head(12).to_frame("years of data that would tell")

# %% [markdown]
# ## Label bias: same recorded reason, same history, same school
#
# Given all that, does a group get longer suspensions or more permanent exclusions? If so the list learns it. What
# nobody can see here is bias in *whether* to suspend at all.

# %%
bias = audit["label_bias"]
print(bias["asked"] if bias else "No records were given.")
lengths = [
    {"group": row["label"], "suspensions": row["num_events"], "pupils": row["num_pupils"], "length beside others": (row["length"] or {}).get("estimate")}
    for row in (bias or {}).get("groups", [])
]  # fmt: skip
pd.DataFrame(lengths).sort_values("suspensions", ascending=False).head(10).round(2)

# %% [markdown]
# ## Remedies are compared, never served
#
# One list rule holds for everyone: a cut-off of a group's own may be unlawful direct discrimination. But it is worth
# knowing what each remedy would cost and find at the same places.

# %%
if audit["mitigation"]:
    ways = pd.DataFrame(audit["mitigation"]["ways"])
    display(ways[["title", "num_listed", "num_found", "recall", "precision", "largest_gap"]].round(2))
else:
    print("No attribute had two groups large enough to compare remedies.")

# %% [markdown]
# ## What to do with it
#
# Findings have an owner, a date and a threshold to stop at. A named reviewer other than whoever trained the model
# signs in their own words, or refuses.

# %%
figure, axes = plt.subplots(figsize=(7, 2.4), layout="constrained")
kinds = pd.Series([finding["kind"] for finding in audit["findings"]]).value_counts().sort_values()
axes.barh(kinds.index.str.replace("_", " "), kinds, color="#0b4a82")
axes.set(xlabel="findings")
plt.show()

# %%
with pd.option_context("display.max_colwidth", None):
    display(pd.DataFrame(audit["findings"])[["id", "severity", "owner", "due", "sentence"]].head(8))
