"""What the contract fixes as data: breaks in time."""
