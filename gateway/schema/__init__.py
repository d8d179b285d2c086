"""The YAML files as pydantic models, and the loader that names file, line and column of each error."""
