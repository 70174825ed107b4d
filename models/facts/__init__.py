"""What training hands to serving in JSON: evidence, audit, comparison and monitoring, each declared once as a record."""
