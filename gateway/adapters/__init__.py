"""One folder per vendor behind one port. A vendor's SDK is imported here and nowhere else."""
