"""Referrals: a child raised for a screening by anybody, with no list and no estimate; of the shape of `serving.screening`."""
