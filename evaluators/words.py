"""Numbers with their nouns: `1 pair`, `2 pairs`, `1,200 pairs`."""

from __future__ import annotations


def counted(number: int, noun: str, plural: str = "") -> str:
    """So many of something.

    Args:
        number: how many.
        noun: what one of them is called.
        plural: what several are called, where that is not the noun with an s.
    """
    return f"{number:,} {noun if abs(number) == 1 else plural or noun + 's'}"
