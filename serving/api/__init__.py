"""Handlers of the endpoints under `/v1`, until each stands with its subject.

answers.py     estimate, list and explain, from a prepared date;  listing.py  lists and cards
meeting.py     screenings, referrals, facts said to be wrong
governing.py   rights, profile, audit, card
"""
