"""Gatehouse: an OpenAI-compatible gateway that puts layered guards around every LLM call."""
