"""Everything that can go wrong with what is kept, as a tree.

StoresError
├── AddressRefused      an address that names no storage, holds a password, or needs a package
└── CopyUnavailable     the storage of a copy does not answer, or refuses
"""

from __future__ import annotations


class StoresError(Exception):
    """Base of every error of this package; one line for a person."""


class AddressRefused(StoresError):
    """An address at which nothing can be kept."""


class CopyUnavailable(StoresError):
    """The storage that holds a copy cannot be reached, or does not take it."""
