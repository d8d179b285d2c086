"""The HTTP dialects, pure: documents in, documents out. No server, no client, no I/O."""
