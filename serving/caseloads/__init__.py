"""Caseloads by status, and finding a child who is on no list; of the shape of `serving.screening`."""
