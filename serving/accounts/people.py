"""The administrator's desk: who may sign in, about whom, with codes that are shown once; what runs, and whether the log holds."""

from typing import Any

from serving.accounts import service
from serving.accounts.record import ROLES, AccountAdded, NothingForm, ScopesChanged
from serving.desk import Desk
from serving.errors import RecordsRefused
from serving.http.calls import Answered, Call, Endpoint, recorded
from serving.http.fields import form_of, wrong_in
from serving.http.forms import typed
from serving.http.pages import DONE, HTML, page, said_in, sent_on, written
from serving.running import state_of
from serving.security.access import Action, Person
from serving.security.access_log.verify import verify
from serving.signposts import SIGNPOSTS

ScopesChangedForm = form_of("ScopesChangedForm", "About whom an officer may ask, as typed.", ScopesChanged)
AccountAddedForm = form_of("AccountAddedForm", "Somebody who may sign in, as typed.", AccountAdded)
MOST_FINDINGS = 20


def people(desk: Desk, call: Call[Any], status: int = 200, is_stale: bool = False, **again: Any) -> Answered:
    """Who may sign in."""
    shown = {"said": said_in(call), "form": {}, "code": "", "code_of": "", **again}
    return Answered(people_page(desk, call, status, **shown), "list of users")


def people_page(desk: Desk, call: Call[Any], status: int, **shown: Any) -> Any:
    """The page itself; `code` is shown on it once."""
    with desk.database.reading() as session:
        every = service.accounts_of(session, call.signed_in)
    caseloads = {name: signpost.status for name, signpost in SIGNPOSTS.items()}
    return page(
        desk, call, "accounts.html", status, accounts=every, added=AccountAdded, scopes=ScopesChanged, standing=standing, roles=ROLES.titles, caseloads=caseloads,
        groups=desk.provider.groups if desk.provider else {}, **shown
    )  # fmt: skip


def add(desk: Desk, call: Call[Any]) -> Answered:
    """Add somebody who may sign in, and show their code once."""

    def write(body: AccountAdded) -> Answered:
        with desk.database.writing() as session:
            made, code = service.add_account(session, call.signed_in, body)
        if not code:
            return sent_on("/accounts", f"user {made.name} added", [])
        return recorded(_with_code(desk, call, made.name, code), f"user {made.name} added")

    def again(**what: Any) -> Answered:
        return people(desk, call, form=typed(call.body), **what)

    return written(call, AccountAdded, write, again)


def code_for(desk: Desk, call: Call[NothingForm]) -> Answered:
    """A new one-time code; every code and sign-in before it ends."""
    try:
        with desk.database.writing() as session:
            name, code = service.new_code(session, call.signed_in, call.numbers["account"])
    except RecordsRefused as error:
        return people(desk, call, 422, errors=wrong_in(error))
    return recorded(_with_code(desk, call, name, code), f"one-time token for {name}; those before ended")


def change_scopes(desk: Desk, call: Call[Any]) -> Answered:
    """Give an officer other schools, districts and caseloads."""
    account = call.numbers["account"]

    def write(body: ScopesChanged) -> Answered:
        with desk.database.writing() as session:
            name = service.change_scopes(session, call.signed_in, account, body)
        return sent_on("/accounts", f"about whom {name} may ask changed", [])

    def again(**what: Any) -> Answered:
        return people(desk, call, form=typed(call.body), prefix=f"{account}-", **what)

    return written(call, ScopesChanged, write, again)


def standing(person: Person) -> dict[str, Any]:
    """About whom an officer may ask, as a form holds it."""
    return {
        "schools": "\n".join(map(str, sorted(person.schools))),
        "districts": "\n".join(sorted(person.districts)),
        "statuses": sorted(person.statuses),
    }


def close(desk: Desk, call: Call[NothingForm]) -> Answered:
    """Close an account; its name stays on what it wrote."""
    try:
        with desk.database.writing() as session:
            name = service.close_account(session, call.signed_in, call.numbers["account"])
    except RecordsRefused as error:
        return people(desk, call, 422, errors=wrong_in(error))
    return sent_on("/accounts", f"user {name} closed", [])


def _with_code(desk: Desk, call: Call[Any], name: str, code: str) -> Any:
    return people_page(desk, call, 200, said="", form={}, code=code, code_of=name)


def running(desk: Desk, call: Call[None]) -> Answered:
    """What is running, and what each part says."""
    return Answered(page(desk, call, "service.html", state=state_of(desk), checked=None), "what is running")


def check_log(desk: Desk, call: Call[NothingForm]) -> Answered:
    """Check the access log from its first row to its last."""
    settings = desk.settings
    found = verify(
        desk.database, settings.head_file, key_file=settings.key_file, kept_days=settings.access_log.kept_days
    )
    made = page(
        desk, call, "service.html", state=state_of(desk), checked=found, findings=found.findings[:MOST_FINDINGS],
        num_more=max(0, len(found.findings) - MOST_FINDINGS),
    )  # fmt: skip
    return Answered(made, f"the access log checked: {len(found.findings)} findings")


PAGES = (
    Endpoint("GET", "/accounts", "accounts_page", "Who may sign in, and about whom.",
             Action.MANAGE_USERS, None, None, people, query=DONE, media=HTML),
    Endpoint("POST", "/accounts", "account_form", "Add somebody who may sign in; their code is shown once.",
             Action.MANAGE_USERS, AccountAddedForm, None, add, 200, ("rule-of-screening",), media=HTML),
    Endpoint("POST", "/accounts/{account}/codes", "code_form", "A new one-time code; those before end.",
             Action.MANAGE_USERS, NothingForm, None, code_for, 200, ("not-there", "rule-of-screening"), media=HTML),
    Endpoint("POST", "/accounts/{account}/scopes", "change_scopes_form", "Give an officer other schools, districts and caseloads.",
             Action.MANAGE_USERS, ScopesChangedForm, None, change_scopes, 303, ("not-there", "rule-of-screening"), media=HTML),
    Endpoint("POST", "/accounts/{account}/close", "close_account_form", "Close an account and end its sign-ins.",
             Action.MANAGE_USERS, NothingForm, None, close, 303, ("not-there", "rule-of-screening"), media=HTML),
    Endpoint("GET", "/service", "service_page", "What is running, and what each part says.",
             Action.MANAGE_USERS, None, None, running, media=HTML),
    Endpoint("POST", "/service/log-checks", "check_log_form", "Check the access log from its first row to its last.",
             Action.MANAGE_USERS, NothingForm, None, check_log, 200, media=HTML),
)  # fmt: skip
