"""What earns a model its release, what is written of it, and how it is grown again."""
