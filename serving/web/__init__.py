"""The meeting's pages: the same lists and cards as on paper, for whoever is signed in, read from a prepared date."""
