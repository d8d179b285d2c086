"""Every provider that speaks OpenAI's HTTP API, called directly over pooled connections."""

from gateway.adapters.openai_compatible.model import (
    OpenAICompatibleModel,
    OpenAICompatibleOptions,
)

__all__ = ["OpenAICompatibleModel", "OpenAICompatibleOptions"]
