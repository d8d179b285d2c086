"""Personal data, found by Presidio's recognisers."""
