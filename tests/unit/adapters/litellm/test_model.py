import sys

import pytest

from gateway.adapters.litellm import LiteLLMModel, LiteLLMOptions


def test_a_missing_library_names_the_extra_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "litellm", None)
    with pytest.raises(ValueError, match=r"gatehouse\[litellm\]"):
        LiteLLMModel(LiteLLMOptions())
