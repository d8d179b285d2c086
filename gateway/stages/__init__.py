"""The steps of a pipeline, one per file. They say when; policies say what, adapters say who."""
