"""Facts on a card that somebody says are wrong, and what came of each; of the shape of `serving.screening`."""
