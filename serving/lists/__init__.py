"""Lists, estimates and cards of prepared dates, as a person may see them; of the shape of `serving.screening`."""
