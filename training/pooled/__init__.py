"""Evidence pooled over authorities: what leaves one, what comes of several, and a gate that rests on it."""
