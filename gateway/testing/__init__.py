"""Fakes and builders for people who write stages, guards and tests."""
