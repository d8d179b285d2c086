"""The YAML files as pydantic models, and the loader that names the place of each error."""
