"""Nouns with their article and their number, as sentences need them."""

__all__ = ["counted", "with_article"]


def with_article(noun: str) -> str:
    """``Conv2D`` becomes ``a Conv2D``, ``Activation`` becomes ``an Activation``."""
    return f"{'an' if noun[:1] in 'AEIOUaeiou' else 'a'} {noun}"


def counted(number: int, noun: str) -> str:
    """``1 difference``, ``2 differences``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
