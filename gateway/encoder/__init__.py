"""The shared local text encoder: one small network on the CPU, read by every head.

Runs ONNX Runtime and tokenizers alone. What is read of a text is ``gateway.ports.encoder``.
"""
