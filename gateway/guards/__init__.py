"""Detectors, one per file: texts in, findings out. They know no rule and import no vendor."""
