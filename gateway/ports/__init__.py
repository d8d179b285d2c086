"""What the gateway asks of the outside world, one Protocol per file.

Adapters implement these; stages and guards receive them by constructor. No implementation here.
"""
