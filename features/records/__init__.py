"""The only room that opens an authority's files: read, repair, check, pseudonymise, store."""
