"""A bill of materials that leaves something out is found."""

import copy

import pytest

from tests.house.sbom import missing

LOCKED = {
    "package": [
        {"name": "inclusive-pathways", "version": "1", "dependencies": [{"name": "a"}], "optional-dependencies": {"serve": [{"name": "b"}], "postgres": [], "train": [{"name": "d"}]}, "dev-dependencies": {"dev": [{"name": "d"}]}},
        {"name": "a", "version": "2", "sdist": {"hash": "sha256:aa"}},
        {"name": "b", "version": "3", "wheels": [{"hash": "sha256:bb"}]},
        {"name": "d", "version": "4", "wheels": [{"hash": "sha256:dd"}]},
    ]
}  # fmt: skip


def component(name: str, version: str, content: str) -> dict:
    hashes = [{"alg": "SHA-256", "content": content}]
    return {"name": name, "version": version, "purl": f"pkg:pypi/{name}@{version}", "externalReferences": [{"hashes": hashes}]}  # fmt: skip


BILL = {"components": [component("a", "2", "aa"), component("b", "3", "bb")]}


def test_a_bill_of_all_that_serves_is_whole():
    assert missing(BILL, LOCKED) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda bill: bill["components"].pop(), "b 3 is installed and not in the bill."),
        (lambda bill: bill["components"][1].update(version="2"), "b 3 is installed and not in the bill."),
        (lambda bill: bill["components"][0].update(externalReferences=[]), "a 2 is in the bill without the hashes of uv.lock."),
        (lambda bill: bill["components"].__setitem__(0, component("a", "2", "ff")), "a 2 is in the bill without the hashes of uv.lock."),
        (lambda bill: bill["components"][0].pop("purl"), "a 2 is in the bill without its own purl."),
    ],
)  # fmt: skip
def test_what_a_bill_leaves_out_is_said(change, said):
    bill = copy.deepcopy(BILL)
    change(bill)
    assert missing(bill, LOCKED) == [said]
