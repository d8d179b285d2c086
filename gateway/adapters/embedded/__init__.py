"""A knowledge store in one SQLite file: keyword search, no server."""
