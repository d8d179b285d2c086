"""The built-in answerer: it quotes the passages it was given, and invents nothing."""
