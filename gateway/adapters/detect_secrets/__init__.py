"""Credentials, found by the rules of detect-secrets and a few of our own."""
