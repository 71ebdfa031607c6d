"""What a user may give as an LLM, turned into one `LanguageModel`.

A model, a bare URL, a LangChain chat model, a list of these, or the settings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from hrm_router.llm.available import FirstAvailable
from hrm_router.llm.protocol import LanguageModel
from hrm_specialists.errors import ConfigError

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from hrm_router.llm.client import LLM
    from hrm_router.settings import Settings


def language_model(given: Any) -> LanguageModel:
    """The model that was given, whatever it was given as.

    Args:
        given: a `LanguageModel`, a URL, a LangChain chat model, or a sequence
            of these to try in order.

    Raises:
        ConfigError: it is none of these.
    """
    from hrm_router.llm.client import LLM

    if isinstance(given, str):
        return LLM(given)
    if isinstance(given, list | tuple):
        return FirstAvailable(language_model(one) for one in given)
    if isinstance(given, LanguageModel) and not isinstance(given, type):
        return given
    if _is_langchain(given):
        from hrm_router.llm.langchain import LangChainModel

        return LangChainModel(cast("BaseChatModel", given))
    raise ConfigError(
        f"{type(given).__name__} is no LLM; give LLM(base_url, model), a URL, a LangChain chat "
        "model, or a list of these"
    )


def from_settings(settings: Settings) -> LLM | None:
    """The endpoint that the settings name; None if they name none."""
    from hrm_router.llm.client import LLM

    if settings.base_url is None:
        return None
    return LLM(
        settings.base_url,
        settings.model,
        api_key=settings.api_key,
        prices=settings.prices,
    )


def _is_langchain(given: Any) -> bool:
    """Told without importing LangChain."""
    return any(
        base.__name__ == "BaseChatModel" and base.__module__.startswith("langchain_core")
        for base in type(given).__mro__
    )
