# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # What was known of one pupil, and when?
#
# **MADE-UP DATA. No child, school or figure here is real.**
#
# *Cost: under a minute once the made-up authority is there (it is made the first time, in about a minute).*
#
# A fact may be used on a day only if both its own date and the day it became known lie strictly before that day.
# Get this wrong and a model looks splendid in a report and is useless in a meeting. Here one made-up pupil is
# followed through a year, as the meeting of each half-term could have known them.

# %%
import matplotlib.pyplot as plt
import pandas as pd
from IPython.display import display

from features.as_of import AsOf
from features.calendar import Calendar
from features.facts import facts
from features.matrix import feature_matrix
from notebooks.made_up import made_up

made = made_up()
records, model = made.records(), made.model()
calendar = Calendar.of(records.authority)
days = [day for day in calendar.as_of_dates() if day <= records.authority.authority.extracted_on][-7:]

# %% [markdown]
# ## Whom to follow
#
# The pupil with the most suspensions that started within these half-terms. A pseudonym is all that anybody who
# works on the model sees: the name is not in the store.

# %%
events = records.tables["suspensions"]
events = events.filter(events.category == "SUSP", events.start_date >= days[0], events.start_date < days[-1])
most = (
    events.group_by("pupil").agg(num=lambda t: t.count()).order_by([lambda t: t.num.desc(), "pupil"]).limit(1)
)
pupil = int(most.to_pandas()["pupil"].iloc[0])
print(f"Pupil {pupil & 0xFFFFFF:06x} (the end of the pseudonym).")

# %% [markdown]
# ## An event has two dates
#
# The day it happened, and the day the authority came to know of it. Only the second one decides from when a list
# may use it.

# %%
own = events.filter(events.pupil == pupil).select("start_date", "known_on", "sessions", "reason_1")
own = own.order_by("start_date").to_pandas()
own["days until known"] = (pd.to_datetime(own["known_on"]) - pd.to_datetime(own["start_date"])).dt.days
own

# %% [markdown]
# ## The same pupil at each half-term's end
#
# Look-backs are counted in school days, so a summer holiday does not make a suspension look long ago.

# %%
rows = pd.concat([table.to_pandas() for table in feature_matrix(records, days)])
mine = rows[rows["pupil"] == pupil].set_index("as_of")
shown = [
    "num_suspensions_60",
    "num_suspensions_190",
    "days_since_suspension",
    "share_missed_60",
    "sen_provision",
]
mine[[name for name in shown if name in mine]].round(3)

# %%
assessed = rows[rows["is_assessed"]]
typical = assessed.groupby("as_of")["share_missed_60"].median()
figure, axes = plt.subplots(figsize=(8, 3), layout="constrained")
axes.plot(
    [str(day) for day in mine.index], 100 * mine["share_missed_60"], "o-", color="#0b4a82", label="this pupil"
)
axes.plot(
    [str(day) for day in typical.index],
    100 * typical,
    "s--",
    color="#1c1d1f",
    label="half of all pupils are below",
)
axes.set(ylabel="sessions missed, % (60 school days)", ylim=(0, None))
axes.tick_params(axis="x", rotation=30)
axes.legend(frameon=False)
plt.show()

# %% [markdown]
# ## What a card says
#
# A meeting sees dated facts first: what the records say, what changed, what goes well, what is missing. No number
# and no colour stands beside a name.

# %%
told = facts(records, AsOf(days[-1], calendar), [pupil])
with pd.option_context("display.max_colwidth", None):
    display(told[["kind", "dated_on", "sentence"]].reset_index(drop=True))

# %% [markdown]
# ## Which kinds of record moved the estimate
#
# LightGBM's own contributions, summed by family, against the mean of the same year group. They add up to the
# model's log-odds. They explain the model's sum. They do not explain the child, and they say nothing about what
# would happen if something were different.

# %%
last = assessed[assessed["as_of"] == assessed["as_of"].max()].reset_index(drop=True)
by_family = model.by_family(model.contributions(last))
is_peer = last["nc_year"] == last.loc[last["pupil"] == pupil, "nc_year"].squeeze()
if (last["pupil"] == pupil).any():
    moved = by_family[last["pupil"] == pupil].iloc[0] - by_family[is_peer].mean()
    display(moved.round(2).to_frame("log-odds beyond the year group's mean"))
else:
    print("Not assessed on the last day: nothing was estimated, and that says nothing about need.")

# %% [markdown]
# ## The same look with tomorrow's knowledge
#
# If events counted from the day they happened rather than the day they were known, how many would each list have
# seen too early? Each of these is a way for a test to flatter a model.

# %%
every = records.tables["suspensions"].select("start_date", "known_on").to_pandas().apply(pd.to_datetime)
early = [
    int(((every["start_date"] < pd.Timestamp(day)) & (every["known_on"] >= pd.Timestamp(day))).sum())
    for day in days
]
pd.DataFrame({"as of": days, "happened before, known only on the day or after": early})
