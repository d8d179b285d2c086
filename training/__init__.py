"""Rebuilds the model files that ship with the gateway from a folder of public data."""
