"""The shared local text encoder and the small heads on it."""
