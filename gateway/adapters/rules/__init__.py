"""Sorting texts by rules, without a model."""
