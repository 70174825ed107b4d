"""Backups of the service's home, and restoring one without bringing back whoever was erased since."""
