"""The auditors' web pages."""
