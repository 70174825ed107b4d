"""Who is missed and who is listed without need, by group, and what these records cannot tell."""
