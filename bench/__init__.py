"""Side-by-side benchmarks that anyone can rerun: ``python -m bench``.

Code here starts servers and loads them; nothing of the gateway imports it.
"""
