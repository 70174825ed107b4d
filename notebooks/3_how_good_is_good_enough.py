# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # How good is good enough?
#
# **MADE-UP DATA. No child, school or figure here is real. The authority is far too small to judge a model by.**
#
# *Cost: seconds once the made-up authority is there (it is made the first time, in about a minute).*
#
# A meeting can talk about so many children and no more. So the question is never "is the model right?" but: with
# these places, how many of the children who went on to lose time at school had been named, how many were named
# without it, and would something simpler have done as well?

# %%
import matplotlib.pyplot as plt
import pandas as pd

from notebooks.made_up import made_up

evidence = made_up().evidence()
head = evidence["headline"]
print("\n".join(evidence["first_lines"]))

# %% [markdown]
# ## The cost first: places
#
# Every place is a child whom several busy people talk about. These are the places, and who takes them.

# %%
pd.Series(
    {
        "on roll, each date": head["num_on_roll_per_date"],
        "places, each date": head["num_places_per_date"],
        "listed, each date": head["num_listed_per_date"],
        "had the outcome, each date": head["num_positives_per_date"],
        "had it and were missed, each date": head["num_missed_per_date"],
    }
).to_frame("how many")

# %% [markdown]
# ## Found, and listed without it
#
# *Recall at capacity* is the share of all children with the outcome who had a place: also of those who can have
# none. *Precision* is the share of places that went to them. A figure without a range cannot be trusted, and says
# why it has none.


# %%
def told(found):
    if found["estimate"] is None:
        return f"cannot tell: {found['reason']}"
    if found["low"] is None:
        return f"{found['estimate']:.2f} (no range: {found['reason']})"
    return f"{found['estimate']:.2f} ({found['low']:.2f} to {found['high']:.2f})"


pd.Series(
    {
        "recall at capacity, places per school": told(head["recall_at_capacity"]),
        "recall at capacity, the same places pooled": told(head["recall_at_capacity_pooled"]),
        "precision": told(head["precision"]),
    }
).to_frame("measured on later dates")

# %% [markdown]
# Why there is so often no range: pupils come in schools, and what one school does with its pupils is one thing, not
# hundreds. The *effective number of schools* counts how many equal schools the events amount to. Below 6 nothing is
# said. A share has the exact range of as many independent pupils as its own are worth in their schools; of other figures one
# school is left out at a time, and only above 30 are schools drawn again.

# %%
pd.DataFrame(
    {
        name: {
            "events": head[name]["events"],
            "effective schools": round(head[name]["schools"], 1),
            "method": head[name]["method"],
        }
        for name in ("recall_at_capacity", "precision")
    }
)

# %% [markdown]
# ## What more places would bring
#
# Doubling the places never doubles what is found: the first places go to those whom anybody would name.

# %%
places = pd.DataFrame(evidence["capacities"])
figure, axes = plt.subplots(figsize=(7, 3.2), layout="constrained")
axes.plot(
    places["num_places_per_date"],
    [row["estimate"] for row in places["recall"]],
    "o-",
    color="#0b4a82",
    label="found, of all with the outcome (recall)",
)
axes.plot(
    places["num_places_per_date"],
    [row["estimate"] for row in places["precision"]],
    "s--",
    color="#1c1d1f",
    label="had the outcome, of the listed (precision)",
)
axes.set(xlabel="places, each date", ylim=(0, 1))
axes.legend(frameon=False)
plt.show()

# %% [markdown]
# ## Would something simpler have done?
#
# The same children, dates and places, given by a rule that fits on a card; by the school's past rate alone; by lot.
# A model that does not beat the best of the simple rules with its whole range is not released, however clever.

# %%
rivals = pd.DataFrame(
    [{"way": "this model", "recall": head["recall_at_capacity"], "precision": head["precision"]}]
    + [
        {"way": row["sentence"], "recall": row["recall"], "precision": row["precision"]}
        for row in evidence["comparators"]
    ]
)
rivals.assign(recall=rivals["recall"].map(told), precision=rivals["precision"].map(told))

# %%
gate = evidence["gate"]
print("Passed." if gate["passed"] else "Not passed.")
for reason in gate["reasons"]:
    print("-", reason)

# %% [markdown]
# ## How much of a list is chance
#
# Refit the same recipe on other draws of the same schools: how many places go to somebody else?

# %%
stability = evidence["stability"]
print(
    f"Two refits agree on {stability['expected_overlap']:.0%} of places; {stability['share_arbitrary']:.0%} are arbitrary."
)

# %% [markdown]
# ## So, good enough for what?
#
# For ranking children: never. For sending help instead of people's own judgement: never. For making sure that a
# meeting has *also* thought of these children before it ends: ask whether what is found beyond the simple rule is
# worth what each place costs, and whether those it misses are always the same kind of child. The next notebook
# reads the audit for that.
