"""One line of `reviews.jsonl`: a reviewer's decision on a model's audit."""

from typing import Literal

from pydantic import Field

from models.facts.fact import Day, Fact, Hash, Text


class Review(Fact):
    """Who decided what on which audit of which model, and why; the last line of a model and audit stands."""

    reviewer: Text
    decision: Literal["sign", "refuse"]
    reason: Text
    reviewed_on: Day
    model_hash: Hash
    audit_hash: Hash
    pooled_hash: Hash | None = Field(
        None, description="Of the pooled evidence that the gate rested on; null for its own test."
    )
