"""Words of the trade: explained where a card uses them, and nowhere else."""

from types import SimpleNamespace

import pytest

from serving.signposts import SIGNPOSTS
from serving.trade import TRADE, explained


def card(sentence="", status="", text=""):
    return SimpleNamespace(
        sections={"facts": [SimpleNamespace(sentence=sentence)]},
        signposts=[SimpleNamespace(status=status, text=text)],
    )


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Has an EHC plan, since 1 March 2023.", ["EHC plan"]),
        ("EHC plans are looked at.", ["EHC plan"]),
        ("Missed 20 sessions; was suspended.", ["session"]),
        ("The obsession of planners.", []),
        ("", []),
    ],
)
def test_a_word_is_explained_where_it_stands_whole(sentence, expected):
    assert [word for word, _ in explained([card(sentence)])] == expected


def test_what_a_signpost_says_is_explained_too():
    assert [word for word, _ in explained([card(status="Looked after", text="Tell the Virtual School.")])] == [
        "looked after", "Virtual School",
    ]  # fmt: skip


def test_words_are_in_order_and_each_once():
    words = [word.lower() for word, _ in TRADE]
    assert words == sorted(set(words)) and all(says.endswith(".") for _, says in TRADE)


def test_every_word_of_the_trade_is_one_that_something_here_says():
    said = [card(status=each.status, text=each.text) for each in SIGNPOSTS.values()]
    assert {word for word, _ in explained(said)} >= {"EHC plan", "managed move", "Virtual School"}
