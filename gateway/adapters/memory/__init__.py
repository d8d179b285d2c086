"""Stores that live in this process: exact for one worker, gone when it ends."""
