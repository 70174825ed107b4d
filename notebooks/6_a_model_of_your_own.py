# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # Would a model of your own do better?
#
# **MADE-UP DATA. No child, school or figure here is real. The authority is far too small to judge a model by.**
#
# *Cost: about a minute once the made-up authority is there (it is made the first time, in about a minute).*
#
# Any estimator that has `predict_proba` is judged as the project judges its own model: on the same children, as-of
# dates and places, beside the same rules, with the same audit. The test dates lie after the training dates, and each
# time their outcomes are read is counted.

# %%
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

import pathways
from notebooks.made_up import made_up

study = pathways.study(made_up().folder / "store", draws=200)
study

# %% [markdown]
# ## What there is to learn from
#
# A row is a child at an as-of date. A missing value has a meaning, and the dictionary says which.

# %%
X, y = study.training()
print(f"{len(X):,} rows, {int(y.sum())} followed by the outcome, in {study.schools.nunique()} schools")
study.dictionary[["family", "look_back", "unit", "empty"]].head(10)

# %% [markdown]
# ## A boosted model of scikit-learn's
#
# It reads missing values as they are, but not a feature that nobody has: with so few years of records some look-backs are
# not covered yet, and a pipeline leaves these columns out. The settings are only an example: whatever is chosen belongs inside the training
# dates, with whole schools kept together (`study.schools`).

# %%
held = X.columns[X.notna().any()]
boosting = HistGradientBoostingClassifier(max_iter=60, max_leaf_nodes=8, l2_regularization=10.0)
hers = make_pipeline(FunctionTransformer(lambda rows: rows[held]), boosting).fit(X, y)
boosted = study.judge(hers, "Boosting by scikit-learn")
boosted

# %% [markdown]
# ## A plain logistic regression, for comparison
#
# Here missing values are filled with 0. For a count that is right; for a share of sessions it is not, and a model of
# one's own has to settle each.


# %%
class Filled:
    """A logistic regression that takes a missing value for 0."""

    def fit(self, X, y):
        self.model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=2000)).fit(
            X.fillna(0), y
        )
        return self

    def predict_proba(self, X):
        return self.model.predict_proba(X.fillna(0))


plain = study.judge(Filled().fit(X, y), "Logistic regression")
plain.summary

# %% [markdown]
# ## Whom each would serve less well
#
# The audit's findings are the same facts that a reviewer reads before a release. A model of your own can be judged here;
# it cannot be released: lists come from this project's sealed, explained and calibrated models alone.

# %%
boosted.findings[["severity", "sentence"]].head(5) if len(boosted.findings) else "no findings"
