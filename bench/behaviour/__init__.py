"""Twelve behaviours that a guarding gateway should have, shown on Gatehouse and its peers."""
