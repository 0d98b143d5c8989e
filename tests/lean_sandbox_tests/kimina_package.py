"""The published `kimina_client`, as it is.

On Python 3.11 it does not import: pydantic 2 refuses the standard library's `TypedDict` there, and
the package uses the other one only where the standard library has no `NotRequired` (3.10). So on
3.11 the tests import it with the other one in its place.
"""

from __future__ import annotations

import sys
import typing
from unittest import mock

import typing_extensions

with mock.patch.object(
    typing,
    "TypedDict",
    typing.TypedDict if sys.version_info >= (3, 12) else typing_extensions.TypedDict,
):
    from kimina_client import AsyncKiminaClient, KiminaClient, Snippet, SnippetStatus
    from kimina_client.models import BackwardResponse, VerifyResponse
    from kimina_client.proof_utils import parse_client_response

__all__ = [
    "AsyncKiminaClient",
    "BackwardResponse",
    "KiminaClient",
    "Snippet",
    "SnippetStatus",
    "VerifyResponse",
    "parse_client_response",
]
