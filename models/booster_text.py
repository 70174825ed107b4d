"""LightGBM's text of a model, checked for structure before LightGBM reads it.

LightGBM trusts its text: a child or feature index out of range makes it read outside a row or crash the whole
process, and so does a size of a tree that is not its size. A manifest says that a text is as it was sealed, not that
whoever sealed it wrote a tree.

References
----------
LightGBM 4, `src/boosting/gbdt_model_text.cpp` and `src/io/tree.cpp`: the fields, and how they are read.
"""

import re
from collections.abc import Collection, Sequence

import numpy as np

from models.errors import ModelRefused

TREE, END = "Tree=", "end of trees"
SAME = {"version": "v4", "num_class": "1", "num_tree_per_iteration": "1", "label_index": "0"}
MONOTONE = "monotone_constraints"
A_FEATURE = ("feature_names", MONOTONE, "feature_infos")
SIZES, LAST, OBJECTIVE = "tree_sizes", "max_feature_idx", "objective"
OBJECTIVES = ("cross_entropy", "binary sigmoid:1")  # today's, and that of releases before graded targets
AFTER = re.compile(
    r"\n\nfeature_importances:\n(\w+=[\d.]+\n)*"
    r"\nparameters:\n(\[\w+: [ -Z^-~]*\]\n)+\nend of parameters\n(\npandas_categorical:(null|\[\])\n)?"
)
Kind = type[np.int64] | type[np.float64]
PER_SPLIT: dict[str, Kind] = {
    "split_feature": np.int64, "split_gain": np.float64, "threshold": np.float64, "decision_type": np.int64,
    "left_child": np.int64, "right_child": np.int64,
    "internal_value": np.float64, "internal_weight": np.float64, "internal_count": np.int64,
}  # fmt: skip
PER_LEAF: dict[str, Kind] = {"leaf_value": np.float64, "leaf_weight": np.float64, "leaf_count": np.int64}
MAY_BE_INFINITE = ("threshold",)  # a split that only parts what is there from what is missing
OF_MANY_LEAVES = ("leaf_weight", "leaf_count")  # a tree of one leaf may be written without them
CATEGORIES: dict[str, Kind] = {"cat_boundaries": np.int64, "cat_threshold": np.int64}
IN_ORDER = (
    "num_leaves", "num_cat", "split_feature", "split_gain", "threshold", "decision_type", "left_child",
    "right_child", "leaf_value", "leaf_weight", "leaf_count", "internal_value", "internal_weight",
    "internal_count", "cat_boundaries", "cat_threshold", "is_linear", "shrinkage",
)  # fmt: skip
WHOLE, REAL = r"-?\d{1,15}", r"-?(?:inf|\d+(?:\.\d+)?(?:e[+-]\d+)?)"
NUMBERS: dict[Kind, re.Pattern[str]] = {
    kind: re.compile(rf"(?:{word}(?: {word})*)?", re.ASCII)
    for kind, word in ((np.int64, WHOLE), (np.float64, REAL))
}
RANGE = re.compile(rf"none|\[{REAL}:{REAL}\]|{WHOLE}(?::{WHOLE})*", re.ASCII)
CATEGORICAL, MOST_DECISION = 1, 11  # decision_type's bits: categorical, default left, two of missing (0 to 2)
LARGEST_WORD = 2**32


def refuse_malformed(text: str, num_features: int, where: str) -> None:
    """Refuse a text that LightGBM could read wrongly.

    Parameters
    ----------
    text : str
        A model of one class, without linear trees.
    num_features : int
        F, the columns of every row it will be asked about.
    where : str
        The file's name, for the message.

    Raises
    ------
    ModelRefused
        The first thing that is wrong, with the number of its tree, counted from 0.
    """
    try:
        text, end, after = text.partition(f"\n{END}")
        if not end or not AFTER.fullmatch(after):
            raise Malformed(f"what follows {END!r} is not as LightGBM writes it")
        head, *trees = text.split(f"\n{TREE}")
        header(head, trees, num_features)
        Trees(trees, num_features).check()
    except Malformed as error:
        raise ModelRefused(
            f"{where} is no tree model that can be read safely: {error}. Nothing is estimated with it; fetch the model "
            "again, or train again."
        ) from None


class Malformed(Exception):
    """What is wrong with a text."""


def fields(lines: Sequence[str], names: Collection[str], where: str) -> dict[str, str]:
    """Lines of `name=value` with just these names in this order: readers of any other differ in what counts."""
    pairs = [line.partition("=") for line in lines]
    if [name for name, _, _ in pairs] != list(names):
        raise Malformed(f"{where} has not the lines that LightGBM writes, in their order")
    return {name: value for name, _, value in pairs}


def header(head: str, trees: Sequence[str], num_features: int) -> None:
    """One class, the features of the rows, and the trees' sizes in bytes, by which LightGBM finds them."""
    kind, *lines = head.split("\n")
    names = [*SAME, LAST, OBJECTIVE, *A_FEATURE, SIZES]
    if f"\n{MONOTONE}=" not in head:
        names.remove(MONOTONE)
    found = fields(lines, [*names, ""], "its header")
    if kind != "tree" or any(found.get(name) != value for name, value in SAME.items()):
        raise Malformed(f"it is not of {', '.join(f'{name} {value}' for name, value in SAME.items())}")
    if found.get(LAST) != str(num_features - 1):
        raise Malformed(f"{LAST} is not {num_features - 1}, the last of the model's features")
    for name in {*A_FEATURE} & {*found}:
        if len(found[name].split(" ")) != num_features:
            raise Malformed(f"{name} is not of {num_features} features")
    if not all(RANGE.fullmatch(each) for each in found["feature_infos"].split(" ")):
        raise Malformed("feature_infos is not as LightGBM writes it")
    if found.get(OBJECTIVE) not in OBJECTIVES:
        raise Malformed(
            f"its objective is none of {', '.join(OBJECTIVES)}, of which the chance is the logistic function of its sum"
        )
    sizes = [str(len(TREE) + len(tree.encode()) + 1) for tree in trees]  # with the break before the next
    if not trees or found.get(SIZES, "").split() != sizes:
        raise Malformed(f"{SIZES} are not the sizes of its trees")


def names_of(lines: Sequence[str]) -> list[str]:
    """The names of a tree's lines, of which two are empty; those of categories where it says it has some."""
    has_none = "num_cat=0" in lines[:2]
    return [name for name in (*IN_ORDER, "", "") if not (has_none and name in CATEGORIES)]


class Trees:
    """All trees of a text, field by field in one array each.

    Parameters
    ----------
    trees : sequence of str
        Each from its number on.
    num_features : int
    """

    def __init__(self, trees: Sequence[str], num_features: int) -> None:
        self.num_features = num_features
        lines = [tree.split("\n") for tree in trees]
        for number, (first, *_) in enumerate(lines):
            if first != str(number):
                raise Malformed(f"tree {number} is called by another number")
        self.trees = [
            fields(rest, names_of(rest), f"tree {number}") for number, (_, *rest) in enumerate(lines)
        ]
        if any(tree["is_linear"] != "0" for tree in self.trees):
            raise Malformed("a tree of it is linear")
        self.numbers("shrinkage", np.float64)
        self.leaves = self.one_each("num_leaves")
        self.num_cat = self.one_each("num_cat")
        self.refuse(self.leaves < 1, "has no leaf")
        self.refuse(self.num_cat < 0, "has fewer than no categorical splits")
        self.splits = self.leaves - 1

    def one_each(self, name: str) -> np.ndarray:
        """A field of one whole number a tree."""
        values, lengths = self.numbers(name, np.int64)
        self.refuse(lengths != 1, f"has not one {name}")
        return values

    def numbers(self, name: str, kind: Kind) -> tuple[np.ndarray, np.ndarray]:
        """A field's numbers of all trees one after another, and how many each tree has."""
        texts = [tree.get(name, "") for tree in self.trees]
        if not all(NUMBERS[kind].fullmatch(each) for each in texts):
            raise Malformed(f"{name} has something that is no number")
        lengths = np.array([each.count(" ") + 1 if each else 0 for each in texts])
        return np.fromstring(" ".join(filter(None, texts)), dtype=kind, sep=" "), lengths

    def refuse(self, is_wrong: np.ndarray, what: str) -> None:
        """Refuse the first tree of which something is wrong; `is_wrong` has shape (trees,)."""
        if is_wrong.any():
            raise Malformed(f"tree {int(np.argmax(is_wrong))} {what}")

    def check(self) -> None:
        """Everything that LightGBM takes on trust."""
        split = {name: self.of_length(name, kind, self.splits) for name, kind in PER_SPLIT.items()}
        for name, kind in PER_LEAF.items():
            self.of_length(name, kind, self.leaves)
        of_split = np.repeat(np.arange(len(self.trees)), self.splits)
        feature, decision = split["split_feature"], split["decision_type"]
        self.refuse_at(
            (feature < 0) | (feature >= self.num_features), of_split, "splits by a feature that no row has"
        )
        self.refuse_at(
            (decision < 0) | (decision > MOST_DECISION), of_split, "has a decision_type that is none"
        )
        below = "has a count below 1, by which contributions are divided"
        self.refuse_at(split["internal_count"] < 1, of_split, below)
        counts, num_counts = self.numbers("leaf_count", PER_LEAF["leaf_count"])
        self.refuse_at(counts < 1, np.repeat(np.arange(len(self.trees)), num_counts), below)
        self.refuse_at(
            *self.not_a_tree(split, of_split), "has children that are not each met once, after their parent"
        )
        self.categories(split["threshold"], decision, of_split)

    def refuse_at(self, is_wrong: np.ndarray, of: np.ndarray, what: str) -> None:
        """Refuse the first tree with a wrong entry; `of` is each entry's tree."""
        self.refuse(np.bincount(of[is_wrong], minlength=len(self.trees)) > 0, what)

    def of_length(self, name: str, kind: Kind, wanted: np.ndarray) -> np.ndarray:
        """A field's numbers, as many a tree as there should be, and finite."""
        values, lengths = self.numbers(name, kind)
        is_left_out = (name in OF_MANY_LEAVES) & (self.leaves == 1) & (lengths == 0)
        self.refuse((lengths != wanted) & ~is_left_out, f"has not as many {name} as it has splits or leaves")
        is_wrong = ~np.isfinite(values.astype(np.float64)) & (name not in MAY_BE_INFINITE)
        self.refuse_at(
            is_wrong, np.repeat(np.arange(len(self.trees)), lengths), f"has a {name} that is not finite"
        )
        return values

    def not_a_tree(self, split: dict[str, np.ndarray], of: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Children out of range, met twice, or not after their parent; with each one's tree."""
        parent = (
            np.concatenate([np.arange(each) for each in self.splits]) if len(of) else np.empty(0, np.int64)
        )
        child = np.concatenate([split["left_child"], split["right_child"]])
        parent, tree = np.tile(parent, 2), np.tile(of, 2)
        is_leaf = child < 0
        place = np.where(is_leaf, ~child, child)
        is_wrong = np.where(
            is_leaf, place >= self.leaves[tree], (place <= parent) | (place >= self.splits[tree])
        )
        most = int(self.leaves.max()) + 1
        met = (2 * tree + is_leaf) * most + np.minimum(place, most - 1)
        _, first, times = np.unique(met, return_index=True, return_counts=True)
        is_wrong[first[times > 1]] = True
        return is_wrong, tree

    def categories(self, threshold: np.ndarray, decision: np.ndarray, of: np.ndarray) -> None:
        """Categorical splits name a run of words of bits; the runs lie one after another."""
        bounds, num_bounds = self.numbers("cat_boundaries", CATEGORIES["cat_boundaries"])
        words, num_words = self.numbers("cat_threshold", CATEGORIES["cat_threshold"])
        self.refuse(num_bounds != np.where(self.num_cat > 0, self.num_cat + 1, 0), "has not as many cat_boundaries as num_cat says")  # fmt: skip
        is_categorical = decision & CATEGORICAL == CATEGORICAL
        is_wrong = (threshold < 0) | (threshold >= self.num_cat[of]) | (threshold != np.floor(threshold))
        self.refuse_at(is_categorical & is_wrong, of, "has a categorical split without its categories")
        tree = np.repeat(np.arange(len(self.trees)), num_bounds)
        ends = np.cumsum(num_bounds)[num_bounds > 0]
        starts = ends - num_bounds[num_bounds > 0]
        steps = np.diff(bounds, prepend=-1)
        steps[starts] = np.where(bounds[starts] == 0, 1, 0)
        self.refuse_at(steps < 1, tree, "has cat_boundaries that do not rise from 0")
        last = np.zeros(len(self.trees), np.int64)
        last[num_bounds > 0] = bounds[ends - 1] if len(ends) else 0
        self.refuse(last != num_words, "has not as many cat_threshold as its cat_boundaries say")
        self.refuse_at((words < 0) | (words >= LARGEST_WORD), np.repeat(np.arange(len(self.trees)), num_words), "has a cat_threshold that is no word of bits")  # fmt: skip
