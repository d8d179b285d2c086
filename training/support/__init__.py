"""Trains the model that tells whether a sentence is supported by a source."""
