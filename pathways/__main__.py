"""`python -m pathways`."""

from pathways.commands import main

main()
