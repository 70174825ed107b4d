"""Our own words of somebody else's file are about people and clusters; the file's words stay."""

from training.audit.neutral import neutral, of_a_file


def test_words_of_our_own():
    assert neutral("1 pupil with the outcome, 10 are needed") == "1 person with the outcome, 10 are needed"
    assert (
        neutral("Schools are drawn again whole; pupils of a school")
        == "Clusters are drawn again whole; people of a cluster"
    )
    assert neutral("too few schools to say") == "too few clusters to say"
    assert neutral("preschool childlike") == "preschool childlike"


def test_words_of_the_file_stay():
    facts = {
        "groups": [{"group": "Schools", "label": "pupils", "metrics": {"recall": {"reason": "9 pupils"}}}],
        "methods": {"ranges": "Schools"}, "notes": ["the column pupils"], "title": "pupils.csv", "num": 3, "none": None,
    }  # fmt: skip
    assert of_a_file(facts) == {
        "groups": [{"group": "Schools", "label": "pupils", "metrics": {"recall": {"reason": "9 people"}}}],
        "methods": {"ranges": "Clusters"}, "notes": ["the column pupils"], "title": "pupils.csv", "num": 3, "none": None,
    }  # fmt: skip
