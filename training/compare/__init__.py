"""Two models beside each other: what the records say of the difference, and whom it would move."""
