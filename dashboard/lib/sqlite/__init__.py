"""The database engine of the settings for SQLite; Django looks for it in `base`."""
