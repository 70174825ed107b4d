"""People, what each may do and about whom, sign-in and tokens, and the access log."""
