"""The service's database: opening it, its migrations, and how long its rows are kept."""
