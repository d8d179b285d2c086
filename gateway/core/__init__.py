"""The pure heart: what an exchange is and how stages, guards and policies act on it.

Code here does no I/O, knows no vendor and no HTTP server, and keeps no module state.
"""
