# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # What will it make of our own extract?
#
# **MADE-UP DATA. No child, school or figure here is real.**
#
# *Cost: under a minute once the made-up authority is there (it is made the first time, in about a minute). With your
# own extract: minutes, and nothing is stored until it is right.*
#
# Every authority's extract has its own column names, its own values and its own mistakes. Here the made-up extract is
# spoiled the way real ones are, and put right without touching a row: first names, then values, then what is left.

# %%
import shutil
import tempfile
from pathlib import Path

import pandas as pd
from IPython.display import display

from features.errors import PathwaysError
from features.records.importing import check_extract, import_extract
from notebooks.made_up import made_up

made = made_up()
folder = Path(tempfile.mkdtemp()) / "our_extract"
shutil.copytree(made.extract, folder, ignore=shutil.ignore_patterns("attendance"))
newest = sorted((made.extract / "attendance").iterdir())[-1]
(folder / "attendance").mkdir()
shutil.copy(newest, folder / "attendance" / newest.name)
sorted(path.name for path in folder.iterdir())

# %% [markdown]
# ## Spoil it
#
# Our system calls the start of a suspension `Excl Start`, writes *Fixed* for a suspension, and somebody has mistyped
# a few UPNs.

# %%
path = folder / "suspensions.csv"
suspensions = pd.read_csv(path, dtype=str, keep_default_na=False)
suspensions = suspensions.rename(columns={"start_date": "Excl Start"})
suspensions["category"] = suspensions["category"].replace({"SUSP": "Fixed"})
suspensions.loc[:4, "upn"] = "Z" + suspensions.loc[:4, "upn"].str[1:].str[::-1]
suspensions.to_csv(path, index=False)


# %%
def look():
    """Check, store nothing, and say every breach at once."""
    try:
        return check_extract(folder)
    except PathwaysError as error:
        print(*error.breaches, sep="\n")
        return None


look()

# %% [markdown]
# ## Say what our columns are called
#
# `authority.toml` maps the extract's own names, on the left, to the contract's. No row is edited.

# %%
toml = folder / "authority.toml"
toml.write_text(toml.read_text() + '\n[columns.suspensions]\n"Excl Start" = "start_date"\n')
look()

# %% [markdown]
# ## Say what our values mean
#
# Nearly every row was rejected for its category, and import stops above a stated share. The message names file and
# column; it never holds a pupil's value.

# %%
toml.write_text(toml.read_text() + '\n[values.suspensions.category]\n"Fixed" = "SUSP"\n')
report = look()

# %% [markdown]
# ## What is left is few, and is set aside whole
#
# The mistyped UPNs are found by their check letter. Import keeps such a row, with its file, line and rule, in a file
# only its owner can read, and goes on.

# %%
if report is not None:
    kept = pd.DataFrame(report.as_dict()["tables"]).T
    display(kept[["read", "kept", "rejected"]])

# %% [markdown]
# ## Import it
#
# All or nothing: a store is there whole, or not at all. UPNs become keyed pseudonyms; the key, the UPN map and the
# names go into a folder of their own. Import ends by naming what does not fit together: here only the newest year of
# registers was taken along, so older suspensions have no code E beside them.

# %%
store, identities = folder.with_name("store"), folder.with_name("identities")
found = import_extract(folder, store, identities)
for sentence in found.sentences():
    print("-", sentence)
sorted(path.name for path in store.iterdir())

# %% [markdown]
# ## What to write down before the first list
#
# - `[lists] in_use_from`, the day the first list was shown to a meeting: from then on training needs the `support`
#   table, so that nobody mistakes the work of helpers for the foresight of a model.
# - `[documents]`, what only people know: the published records are filled from it.
# - `[lawful_basis]`, for each source that needs one. A source without one stays off.

# %%
shutil.rmtree(folder.parent)
