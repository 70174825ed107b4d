"""The steps of the database, oldest first."""
