"""A bare BentoML endpoint, to set the service beside: the same size of question and answer, and nothing else done."""

import bentoml

ANSWER = {"words": "x" * 1500}


@bentoml.service(name="bare", workers=1, metrics={"enabled": False}, logging={"access": {"enabled": False}})
class Bare:
    """Answers at once."""

    @bentoml.api(route="/v1/estimate")
    def estimate(self, as_of: str, pupils: list[str]) -> dict[str, str]:
        return ANSWER
