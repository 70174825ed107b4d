"""What managers see of screenings, and a district's picture of need; of the shape of `serving.screening`."""
