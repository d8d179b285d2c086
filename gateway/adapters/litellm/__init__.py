"""Every provider that the litellm library knows; needs the extra ``gatehouse[litellm]``."""

from gateway.adapters.litellm.model import LiteLLMModel, LiteLLMOptions

__all__ = ["LiteLLMModel", "LiteLLMOptions"]
