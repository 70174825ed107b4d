"""Help for each role, and what anybody may read: accessibility, privacy, words."""
