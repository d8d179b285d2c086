"""Texts that are made up, with what is known about them."""
