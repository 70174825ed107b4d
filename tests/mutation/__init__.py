"""Small faults put into the files that everything rests on, one at a time: does a test see each? `make mutants`."""
