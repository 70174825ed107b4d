"""The one table of the pages: what an officer, and whoever governs, opens and sends with a browser and no script.

Every form is this service's own, sent as a form, recorded through the same calls as the endpoints under `/v1`, and
answered by sending the browser on to a page; where it was not recorded, by the page again with all that was typed.
"""

from serving.http.calls import Endpoint
from serving.security.access import Action
from serving.web import finding, forms, governing, pages, raising, screening

HTML = "text/html"
FROM_PREPARED = ("not-prepared", "other-release", "on-trial", "too-old", "withdrawn", "no-release")
RULES = ("rule-of-screening", "not-as-described")
WRITTEN_ON = ("not-there", "changed-meanwhile", "one-at-a-time", *RULES)
DONE = ("recorded",)

PAGES = (
    Endpoint("GET", "/", "start_page", "Sign in, or the lists you may read.", None, None, None, pages.start, media=HTML),
    Endpoint("GET", "/index.html", "index_page", "The start again: where pages of lists point.", None, None, None, pages.start,
             media=HTML),
    Endpoint("POST", "/sign-in", "sign_in_form", "Exchange a one-time code for a sign-in.",
             None, forms.SignInForm, None, pages.sign_in, 303, ("not-signed-in",), media=HTML),
    Endpoint("POST", "/sign-out", "sign_out_form", "End the sign-in.", Action.READ_VERSION, forms.NothingForm, None, pages.sign_out, 303,
             media=HTML),
    Endpoint("GET", "/schools/{urn}", "school_page", "A school's list with its cards, as a page.",
             Action.LIST, None, None, pages.school, problems=(*FROM_PREPARED, "not-there"), scope="school", media=HTML),
    Endpoint("GET", "/districts/{number}", "district_page", "A district's list with its cards, as a page.",
             Action.LIST, None, None, pages.district, problems=(*FROM_PREPARED, "not-there"), scope="school", media=HTML),
    Endpoint("GET", "/districts/{number}/profile", "profile_page", "A district's picture of need, as a page.",
             Action.READ_PROFILE, None, None, governing.profile, problems=(*FROM_PREPARED, "not-there"), media=HTML),
    Endpoint("POST", "/children", "find_child_form", "Children whom you may see, by name, UPN or code.",
             Action.FIND_PUPIL, forms.AskedForm, None, finding.find, media=HTML),
    Endpoint("POST", "/screenings", "begin_screening_form", "Begin the screening of one child.",
             Action.RECORD_SCREENING, forms.BeginForm, None, screening.begin, 303, (*FROM_PREPARED, "not-there", "one-at-a-time", *RULES),
             "pupil", media=HTML),
    Endpoint("GET", "/screenings/{screening}", "screening_page", "A child's screening: card, view, frequency, what was settled.",
             Action.READ_SCREENING, None, None, screening.show, problems=("not-there",), scope="pupil", query=DONE, media=HTML),
    Endpoint("POST", "/screenings/{screening}", "screening_form", "Append the next version of a screening.",
             Action.RECORD_SCREENING, forms.ScreeningForm, None, screening.record, 303, WRITTEN_ON, "pupil", media=HTML),
    Endpoint("POST", "/screenings/{screening}/frequency", "frequency_form", "Record the meeting's own view, then open the frequency.",
             Action.OPEN_FREQUENCY, forms.ScreeningForm, None, screening.open_frequency, 303,
             (*FROM_PREPARED, "view-first", *WRITTEN_ON), "pupil", media=HTML),
    Endpoint("POST", "/screenings/{screening}/reviews", "review_form", "Append what a review found.",
             Action.REVIEW_SCREENING, forms.ReviewForm, None, screening.review, 303, WRITTEN_ON, "pupil", media=HTML),
    Endpoint("POST", "/screenings/{screening}/set-aside", "set_aside_form", "Put an open screening aside, with the reason.",
             Action.RECORD_SCREENING, forms.WhyForm, None, screening.set_aside, 303, WRITTEN_ON, "pupil", media=HTML),
    Endpoint("POST", "/screenings/{screening}/wrong-facts", "fact_wrong_form", "Tell the data's owner that a fact on this card is wrong.",
             Action.SAY_FACT_WRONG, forms.FactWrongForm, None, screening.say_wrong, 303, WRITTEN_ON, "pupil", media=HTML),
    Endpoint("GET", "/referrals", "referrals_page", "Referrals that wait for a screening.",
             Action.READ_REFERRAL, None, None, raising.referrals_page, query=DONE, media=HTML),
    Endpoint("POST", "/referrals", "referral_form", "Raise a child for a screening; needs no score.",
             Action.REFER, forms.ReferForm, None, raising.refer, 303, ("not-there", *RULES), "pupil", media=HTML),
    Endpoint("POST", "/referrals/{referral}/close", "close_referral_form", "Close a referral without a screening, saying why.",
             Action.REFER, forms.WhyForm, None, raising.close_referral, 303, WRITTEN_ON, "pupil", media=HTML),
    Endpoint("GET", "/wrong-facts", "wrong_facts_page", "Facts said to be wrong, and what came of each.",
             Action.READ_WRONG_FACT, None, None, raising.wrong_facts_page, query=DONE, media=HTML),
    Endpoint("POST", "/wrong-facts", "fact_wrong_on_list_form", "Tell the data's owner that a fact on a list's card is wrong.",
             Action.SAY_FACT_WRONG, forms.FactWrongForm, None, raising.say_wrong, 303, ("not-there", *RULES), "pupil", media=HTML),
    Endpoint("POST", "/wrong-facts/{wrong_fact}/answers", "answer_wrong_fact_form", "What came of a fact said to be wrong.",
             Action.ANSWER_WRONG_FACT, forms.FactAnswerForm, None, raising.answer_wrong, 303, WRITTEN_ON, "pupil", media=HTML),
    Endpoint("GET", "/reviews", "reviews_page", "Reviews due, and those ahead.",
             Action.REVIEW_SCREENING, None, None, raising.reviews_page, query=DONE, media=HTML),
    Endpoint("GET", "/caseloads", "caseloads_page", "The statuses by which there are caseloads.",
             Action.READ_CASELOAD, None, None, finding.caseloads, media=HTML),
    Endpoint("GET", "/caseloads/{status}", "caseload_page", "Pupils with one status whom you may see.",
             Action.READ_CASELOAD, None, None, finding.caseload, problems=(*FROM_PREPARED, "not-there"), media=HTML),
    Endpoint("GET", "/figures", "figures_page", "What managers see of screenings, of the last year.",
             Action.READ_FIGURES, None, None, governing.figures, media=HTML),
    Endpoint("POST", "/figures", "figures_form", "The same, from one day to another.",
             Action.READ_FIGURES, forms.BetweenForm, None, governing.figures, media=HTML),
)  # fmt: skip
