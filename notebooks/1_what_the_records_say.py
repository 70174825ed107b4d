# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # What do the records say, and what do they not?
#
# **MADE-UP DATA. No child, school or figure here is real.**
#
# *Cost: about a minute the first time, when the made-up authority is written, imported and modelled; seconds after that.*
#
# A list can be no better than the registers, rolls and notices it rests on. So before any model: what came in,
# what was set aside, how far back it reaches, and where a blank means *not known* and never *nothing happened*.

# %%
import matplotlib.pyplot as plt
import pandas as pd
from IPython.display import display

from features.calendar import Calendar
from features.codes import code_set
from features.matrix import FEATURES, feature_matrix
from notebooks.made_up import made_up

made = made_up()
records = made.records()
calendar = Calendar.of(records.authority)
print(
    f"{records.authority.authority.name}: {len(records.schools)} schools, records up to {records.authority.authority.extracted_on}."
)

# %% [markdown]
# ## What came in, and what was set aside
#
# Import loses nothing: rows read are rows kept plus rows rejected, and each rejected row is kept whole beside the
# store, with its file, line and rule. A cell is repaired only where its meaning is certain.

# %%
report = made.report()
tables = pd.DataFrame(report["tables"]).T[["read", "kept"]].astype(int)
tables["rejected"] = tables["read"] - tables["kept"]
tables

# %%
said = [
    {"table": name, "kind": kind, "rule": rule, "rows": number}
    for name, table in report["tables"].items()
    for kind in ("rejected", "repaired", "notes")
    for rule, number in table[kind].items()
]
pd.DataFrame(
    said
) if said else "Nothing was rejected, repaired or noted: made-up records are cleaner than real ones."

# %% [markdown]
# ## How far back each table reaches
#
# A look-back that the records do not reach is *missing*. Here suspensions reach further back than registers: a
# feature of 190 school days of attendance is missing before the first of those registers is 190 school days old.

# %%
coverage = records.coverage.groupby("table")[["first_day", "last_day"]].agg(
    {"first_day": "min", "last_day": "max"}
)
coverage

# %% [markdown]
# ## A school year has a shape
#
# The share of marks that are an absence, week by week. Beside last month, December always looks like a change;
# beside last December it does not. That is why `pathways monitor` compares with the same half-term of earlier years.

# %%
absent = set(code_set("attendance").query("counts_as_absent == 1")["code"])
marks = records.tables["attendance"]
weekly = (
    marks.mutate(
        week=marks.date.truncate("W"), is_absent=marks.am.cast("string").isin(list(absent)).cast("int32")
    )
    .group_by("week")
    .agg(share=lambda t: t.is_absent.mean())
    .order_by("week")
    .to_pandas()
)
figure, axes = plt.subplots(figsize=(9, 3), layout="constrained")
axes.plot(weekly["week"], 100 * weekly["share"], color="#0b4a82", linewidth=1)
axes.set(ylabel="morning sessions missed, %", ylim=(0, None), title="Absence by week (made-up data)")
plt.show()

# %% [markdown]
# ## Who is there on one day, and who cannot be assessed
#
# The cohort is everyone on roll from Reception to Year 11. Nobody is dropped: whoever cannot be estimated is *not
# assessed*, with the reason. That is not *low risk*.

# %%
day = calendar.as_of_dates()[-1]
rows = next(feature_matrix(records, [day])).to_pandas()
print(f"{len(rows):,} pupils on roll on {day}.")
rows["not_assessed_reason"].fillna("assessed").value_counts().to_frame("pupils")

# %% [markdown]
# ## Missing is an answer
#
# The share of pupils without a value, by family of features. *Days since the last suspension* is missing for
# whoever had none: that is what it means, and the feature dictionary says so for each column. Filling it with a
# mean, as other tools have done, would turn "never" into "about half a year ago".

# %%
families = {feature.name: feature.family for feature in FEATURES}
missing = rows[[name for name in families if name in rows]].isna().mean()
by_family = (
    missing.groupby(families)
    .agg(["mean", "max"])
    .rename(columns={"mean": "share missing, on average", "max": "at most"})
)
by_family.round(2)

# %%
meaning = {feature.name: feature.empty for feature in FEATURES}
most = missing.sort_values(ascending=False).head(6)
with pd.option_context("display.max_colwidth", None):
    display(
        pd.DataFrame(
            {"share missing": most.round(2), "what that means": [meaning[name] for name in most.index]}
        )
    )

# %% [markdown]
# ## What these records can never say
#
# They hold what schools wrote down. A suspension that was never entered, a child sent home without one, a need that
# nobody looked for: none of that is in any column. So an estimate tells what schools did, not what a child did or
# will do, and *bias in whether to suspend at all* cannot be seen here.
