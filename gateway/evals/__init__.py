"""Measures detectors and answers: metrics, runs over samples and golden sets, reports.

Nothing here opens a file of the gateway or knows a vendor: guards, pipelines and scorers come in by
constructor.
"""
