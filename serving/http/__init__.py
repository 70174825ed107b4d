"""What stands before every request, whatever it asks, and what every answer leaves through.

In the order a request travels::

    gate.py         what may come in: host, media type, size, JSON; how many at once
    routes.py       which endpoint a method and a path mean
    calls.py        one endpoint, one call of it, and how a call becomes an answer: log first, then show
    application.py  the mounted application, by FastAPI, and its OpenAPI document
    headers.py      of every answer;  problems.py  what can go wrong, each with what to do
    records.py      kinds of field that all records share;  fields.py  fields that people fill in, as forms and pages show them
    forms.py        a page's form as it arrives;  pages.py  how a page is put together;  words.py  what all pages say
"""
