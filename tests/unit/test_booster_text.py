"""A model's text is refused before LightGBM can read outside a row or fall over it."""

import os
import random
import re
import subprocess
import sys
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pytest

from models.booster_text import refuse_malformed
from models.errors import ModelRefused

NUM_FEATURES = 4
ROWS = np.random.default_rng(1).normal(size=(800, NUM_FEATURES))
ROWS[:, 3] = np.abs(ROWS[:, 3] * 20).round()
ROWS[::7, 0] = np.nan
SETTINGS = {"objective": "binary", "num_leaves": 5, "verbose": -1, "max_cat_to_onehot": 1, "num_threads": 1}


def grown(is_rare=False, trees=3):
    """A text with a categorical split in it; where the outcome is rare, of trees with one leaf."""
    outcome = (np.arange(800) == 1) if is_rare else (np.nan_to_num(ROWS[:, 0]) + (ROWS[:, 3] % 3 == 0) > 0.5)
    settings = SETTINGS | ({"min_data_in_leaf": 700} if is_rare else {})
    data = lgb.Dataset(ROWS, outcome.astype(float), categorical_feature=[3])
    return str(lgb.train(settings, data, trees).model_to_string())


TEXT = grown()


def parting_missing():
    """A text with a split between what is there and what is missing: its threshold is infinite."""
    column = np.where(np.arange(800) % 3 == 0, np.nan, ROWS[:, 1])
    rows = np.column_stack([column, *ROWS[:, 1:].T])
    outcome = np.isnan(column) ^ (np.arange(800) % 11 == 0)
    text = str(lgb.train(SETTINGS, lgb.Dataset(rows, outcome.astype(float)), 3).model_to_string())
    assert "inf" in re.search(r"threshold=(.*)", text).group(1)
    return text


def with_sizes(text):
    """The same text with the sizes its trees have now, so that what lies behind them is met."""
    head, *trees = text.partition("\nend of trees")[0].split("\nTree=")
    sizes = " ".join(str(6 + len(tree.encode())) for tree in trees)
    return re.sub(r"tree_sizes=[^\n]*", f"tree_sizes={sizes}", text, count=1)


def changed(name, change, is_sized=True):
    """The text with one field of its first tree, or of its header, changed."""
    line = re.search(rf"^{name}=(.*)$", TEXT, re.MULTILINE)
    text = f"{TEXT[: line.start(1)]}{change(line.group(1).split(' '))}{TEXT[line.end(1) :]}"
    return with_sizes(text) if is_sized else text


def first(value):
    return lambda words: " ".join([value, *words[1:]])


@pytest.mark.parametrize("text", [TEXT, grown(is_rare=True), grown(trees=1), parting_missing()])
def test_what_lightgbm_writes_is_read(text):
    refuse_malformed(text, NUM_FEATURES, "model.txt")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (changed("split_feature", first("4")), "tree 0 splits by a feature that no row has"),
        (changed("split_feature", first("-1")), "tree 0 splits by a feature that no row has"),
        (changed("left_child", first("99")), "tree 0 has children that are not each met once"),
        (changed("left_child", first("0")), "tree 0 has children that are not each met once"),
        (changed("right_child", first("-6")), "tree 0 has children that are not each met once"),
        (changed("right_child", lambda words: " ".join([words[-1], *words[1:]])), "not each met once"),
        (changed("leaf_value", first("nan")), "leaf_value has something that is no number"),
        (changed("leaf_value", first("1e+999")), "tree 0 has a leaf_value that is not finite"),
        (changed("leaf_value", lambda words: " ".join(words[1:])), "tree 0 has not as many leaf_value"),
        (changed("threshold", lambda words: ""), "tree 0 has not as many threshold"),
        (changed("leaf_count", first("0")), "tree 0 has a count below 1"),
        (changed("internal_count", first("0")), "tree 0 has a count below 1"),
        (changed("leaf_count", lambda words: ""), "tree 0 has not as many leaf_count"),
        (changed("decision_type", first("12")), "tree 0 has a decision_type that is none"),
        (changed("num_leaves", lambda words: "6"), "tree 0 has not as many"),
        (changed("num_leaves", lambda words: "999999999999999"), "tree 0 has not as many"),
        (changed("num_leaves", lambda words: "0"), "tree 0 has no leaf"),
        (changed("num_cat", lambda words: "2"), "tree 0 has not as many cat_boundaries"),
        (changed("cat_boundaries", lambda words: "0 9"), "tree 0 has not as many cat_threshold"),
        (changed("cat_boundaries", lambda words: "1 2"), "tree 0 has cat_boundaries that do not rise from 0"),
        (changed("cat_boundaries", lambda words: "0 0"), "tree 0 has cat_boundaries that do not rise from 0"),
        (changed("cat_threshold", first("4294967296")), "tree 0 has a cat_threshold that is no word of bits"),
        (changed("is_linear", lambda words: "1"), "a tree of it is linear"),
        (changed("tree_sizes", first("5"), is_sized=False), "tree_sizes are not the sizes of its trees"),
        (changed("max_feature_idx", lambda words: "9"), "max_feature_idx is not 3"),
        (changed("feature_infos", lambda words: "none"), "feature_infos is not of 4 features"),
        (changed("feature_infos", first("[1")), "feature_infos is not as LightGBM writes it"),
        (
            changed("objective", lambda words: "multiclass num_class:3"),
            "its objective is none of cross_entropy, binary sigmoid:1, of which the chance is the logistic function of its sum",
        ),
        (changed("num_class", lambda words: "2"), "it is not of version v4"),
        (with_sizes(TEXT.replace("shrinkage=1\n", "shrinkage=1\nshrinkage=1\n", 1)), "has not the lines"),
        (with_sizes(TEXT.replace("num_cat=1\n", "\nnum_cat=1\n", 1)), "has not the lines"),
        (TEXT.replace("\nTree=1\n", "\nTree=7\n"), "tree 1 is called by another number"),
        (TEXT.replace("end of parameters", ""), "what follows 'end of trees' is not as LightGBM writes it"),
        (TEXT.partition("end of trees")[0], "what follows 'end of trees' is not as LightGBM writes it"),
        ("", "what follows 'end of trees' is not as LightGBM writes it"),
    ],
)
def test_what_lightgbm_would_read_wrongly_is_refused(text, said):
    with pytest.raises(ModelRefused, match=re.escape(said)) as refused:
        refuse_malformed(text, NUM_FEATURES, "refits/007.txt")
    assert "refits/007.txt" in str(refused.value)


def test_a_categorical_split_needs_its_categories():
    """Bit 0 of decision_type says that the threshold is the number of a run of categories."""
    word = re.search(r"decision_type=(\d+)", TEXT).group(1)
    with pytest.raises(ModelRefused, match="without its categories"):
        refuse_malformed(changed("decision_type", first(str(int(word) | 1))), NUM_FEATURES, "model.txt")


def mutant(rng):
    """A text with one number, letter or line changed."""
    text, end = TEXT, TEXT.index("end of trees")
    kind, place = rng.random(), rng.randrange(end)
    if kind < 0.5:
        number = rng.choice(list(re.finditer(r"-?\d+(\.\d+)?", text[:end])))
        other = rng.choice(
            ["-1", "0", "99999", "-99999", "3", "1", "nan", "4294967295", "1e308", "-9", "1_0"]
        )
        return with_sizes(text[: number.start()] + other + text[number.end() :])
    if kind < 0.7:
        return with_sizes(text[:place] + chr(rng.randrange(32, 127)) + text[place + 1 :])
    lines = text.split("\n")
    if kind < 0.85:
        del lines[rng.randrange(len(lines))]
    else:
        lines.insert(rng.randrange(len(lines)), rng.choice(lines))
    text = "\n".join(lines)
    return with_sizes(text) if "\nTree=" in text and "tree_sizes=" in text else text


def read_mutants(seed, number):
    """How many were read, and estimated with; dies with LightGBM if one makes it fall over."""
    rng, num_read = random.Random(seed), 0
    for _ in range(number):
        text = mutant(rng)
        try:
            refuse_malformed(text, NUM_FEATURES, "model.txt")
        except ModelRefused:
            continue
        booster = lgb.Booster(model_str=text)
        assert np.isfinite(booster.predict(ROWS[:50], raw_score=True)).all()
        booster.predict(ROWS[:50], pred_contrib=True)
        num_read += 1
    return num_read


def test_no_text_that_passes_makes_lightgbm_fall_over():
    """In a process of its own, so that a crash is this test's failure and nobody else's."""
    root = Path(__file__).parents[2]
    ran = subprocess.run([sys.executable, __file__], cwd=root, env={**os.environ, "PYTHONPATH": str(root)}, capture_output=True, text=True)  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert int(ran.stdout.split()[-1]) > 20


if __name__ == "__main__":
    print(read_mutants(seed=1, number=300))
