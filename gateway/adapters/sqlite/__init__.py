"""Keys and audit records in SQLite files, through SQLAlchemy Core."""
