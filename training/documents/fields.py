"""What the system knows for each field of the transparency record; a field that is not here is a person's."""

from collections.abc import Callable

from features.contract.law import COLLECTED
from models.facts.evidence import TAUGHT_NEARNESS
from training.documents import data_fields
from training.documents.data_fields import Facts, Filled
from training.documents.sentences import FAMILIES, NOT_FOR, OUTCOMES, SOURCES, TEXTS


def outcome(facts: Facts) -> str:
    return OUTCOMES[facts["model"]["outcome"]]


def places(facts: Facts) -> str:
    held = {
        phase.replace("_", "-"): number
        for phase, number in facts["model"]["places_per_school"].items()
        if number
    }
    return ", ".join(
        f"{number} for {'an' if phase[0] in 'aeiou' else 'a'} {phase} school"
        for phase, number in held.items()
    )


def text(sentence: str) -> Callable[[Facts], Filled]:
    """A sentence of `TEXTS` with what differs put in."""

    def filled(facts: Facts) -> Filled:
        words = {
            "authority": facts["authority"],
            "outcome": outcome(facts),
            "days": facts["model"]["window_days"],
        }
        return sentence.format(**words, places=places(facts)), []

    return filled


def organisation(facts: Facts) -> Filled:
    return facts["people"]["documents"]["organisation"] or facts["authority"], []


def region(facts: Facts) -> Filled:
    number = facts["people"]["la_number"]
    return f"England: {facts['authority']}" + (f" (local authority {number})" if number else ""), []


def model_input(facts: Facts) -> Filled:
    kinds = ", ".join(f"{FAMILIES[name]} ({number})" for name, number in facts["model"]["families"].items())
    return (
        f"{facts['model']['num_features']} figures about each pupil, as they were known on one day: {kinds}. Look-backs are 20, 60 and 190 "
        "school days and two years at most. What each figure is made from is in the feature dictionary (pathways features --dictionary)."
    ), []


def detailed(facts: Facts) -> Filled:
    return (
        f"From {SOURCES}, the tool makes {facts['model']['num_features']} figures about each pupil, as they were known on one day. "
        f"A statistical model turns them into an estimate of {outcome(facts)} within {facts['model']['window_days']} days. Each school's "
        f"meeting gets the names of as many pupils as it has time for ({places(facts)}), in order of name, without rank, number or "
        "colour. The list prompts a human-led screening. It decides nothing, and a child can be raised with no list at all. It is not "
        f"to be used for {NOT_FOR}. It tells what schools did in the past, not what a child did or will do."
    ), []


def alternatives(facts: Facts) -> Filled:
    found = facts["evidence"]
    figures = [("This model", found["recall_at_capacity"])]
    figures += [(row["sentence"], row["recall"]) for row in found["comparators"]]
    gate = (
        "It found more than each of the two that it must beat."
        if found["gate"]["passed"]
        else (
            "It did not pass its own gate, which asks that it finds more than the best simple rule and than knowing the school alone. "
            "With real records it may not be released for use in schools."
        )
    )
    return (
        "Simpler ways of making the same list were measured on the same children, days and places. The figure is the share found "
        f"of all children who then had the outcome. {' '.join(filter(None, (found['gate'].get('rests_on'), gate)))}"
    ), figures


def scale(facts: Facts) -> Filled:
    every = facts["people"]["every"].replace("_", "-")
    often = (
        f"A list is made every {every}"
        if every
        else "A list is made before each meeting, as a rule each half-term"
    )
    return (
        f"{often}, for each school ({places(facts)}) and for each district ({facts['model']['places_per_district']}). The test "
        f"records held about {data_fields.approx(facts['counts']['test']['num_pupils'])} pupils in {facts['counts']['test']['num_schools']} schools."
    ), []


def appeals(facts: Facts) -> Filled:
    written = facts["people"]["documents"]["complaints"]
    where = f" Complaints: {written}." if written else ""
    return (
        "No decision rests on the list, so there is none to appeal against; decisions on support and on exclusion keep their own routes. "
        "A family may ask what is held about their child, have a wrong fact put right, and object. While an objection is looked at, the "
        "child is not scored and not listed. A complaint about data protection is acknowledged within 30 days (Data Protection Act 2018, "
        f"s.164A, from 19 June 2026). SENDIASS gives free advice that is independent of the council.{where}"
    ), []


def version(facts: Facts) -> Filled:
    return (
        f"{facts['model']['name']}, SHA-256 of its manifest {facts['model']['hash']}; not to be used from {facts['model']['expires_on']} on"
    ), []


def architecture(facts: Facts) -> Filled:
    graded = f" {TAUGHT_NEARNESS}" * (facts["model"]["taught"] == "nearness")
    return (
        f"Gradient-boosted decision trees (LightGBM, log loss, {facts['model']['num_rounds']} trees in the model that was judged), then a "
        f"logistic recalibration.{graded} {facts['model']['num_refits']} further fits on other draws of schools tell how far a place rests on "
        "chance. Figures are read as they are: none is scaled, and what is missing stays missing. Where the direction of a "
        "figure is plain, as of days missed, the estimate may only move that way with it. The same records give the same model, byte for byte. Outcomes are neither weighted nor resampled."
    ), []


def performance(facts: Facts) -> Filled:
    found = facts["evidence"]
    figures = [
        ("Found, of all children with the outcome, with places per school", found["recall_at_capacity"]),
        (
            "Found, with the same places pooled over the authority",
            found["recall_at_capacity_pooled"],
        ),
        ("Had the outcome, of those with a place", found["precision"]),
        (
            "Outcomes seen for each one estimated (1 is right)",
            found["observed_over_expected"] | {"is_ratio": True},
        ),
    ]
    return (
        f"Measured on {len(found['test'])} later dates that the judged fit had not learned from ({found['test'][0]} to {found['test'][-1]}). "
        "Ranges hold 19 times in 20 and know that pupils come in schools. Rates by ethnic group, free school meals, sex, special educational "
        f"needs, phase and district are in the model card. {' '.join(found['first_lines'])}"
    ), figures


def basis(facts: Facts) -> Filled:
    written = facts["people"]["documents"]["legal_basis"]
    cited = "; ".join(one["citation"] for one in facts["law"] if "record" in one["documents"])
    return (
        "A data protection impact assessment is mandatory before processing (profiling of children at scale, matching of data), and due "
        "regard under the Equality Act 2010 s.149 is continuing. Decisions by automated means: UK GDPR Articles 22A to 22D, in force 5 "
        "February 2026; people screen, and can alter what follows. The ICO's guidance on automated decision-making was a draft of 31 "
        f"March 2026 (check its final text). Law and guidance relied on, by version, as collected in {COLLECTED}: {cited}. {'Legal basis as stated by the authority: ' + written + '.' if written else ''}".strip()
    ), []


def risks(facts: Facts) -> Filled:
    audit = facts["audit"]
    signed = audit["review"]
    said = (
        f"A named reviewer other than whoever trained the model read it on {signed['reviewed_on']} and decided to {signed['decision']}."
        if signed
        else "No reviewer has signed it yet."
    )
    stands = (
        f" In the way of a release: {'; '.join(reason.rstrip('.') for reason in facts['evidence']['blockers'])}."
        if facts["evidence"]["blockers"]
        else ""
    )
    return (
        "A child is missed: everyone below the line is 'not listed', never low risk, and anyone can raise any child. A child is listed "
        "without need: a place is an offer of help, and no number or rank stands beside a name. The list is used for something else: what "
        "it may not be used for is printed on every page. Past choices are learned: the audit looks at who is missed and who is listed by "
        "group; cut-offs of a group's own are never served (they risk direct discrimination, Equality Act 2010 s.13; positive action under "
        f"s.158 is narrow: check with a lawyer). Audit of {audit['audited_on']}: {audit['num_findings']} findings, {audit['num_open']} open; "
        f"open ones that block a release: {audit['num_blocking']}. {said}{stands}"
    ), []


FILLED: dict[str, Callable[[Facts], Filled]] = {
    **{name: text(sentence) for name, sentence in TEXTS.items()},
    "0.2": organisation,
    "0.4": region,
    "2.1.1": organisation,
    "2.2.1": detailed,
    "2.2.4": alternatives,
    "2.3.3": scale,
    "2.3.5": appeals,
    "2.4.2.2": version,
    "2.4.2.4": model_input,
    "2.4.2.6": architecture,
    "2.4.2.7": performance,
    "2.4.2.8": data_fields.datasets,
    "2.4.2.9": data_fields.purposes,
    "2.4.3.1": data_fields.datasets,
    "2.4.3.3": data_fields.quantities,
    "2.4.3.4": data_fields.sensitive,
    "2.4.3.5": data_fields.completeness,
    "2.4.3.6": data_fields.cleaning,
    "2.4.3.7": data_fields.collection,
    "2.4.4.2": data_fields.sensitive,
    "2.5.1": basis,
    "2.5.2": risks,
}
