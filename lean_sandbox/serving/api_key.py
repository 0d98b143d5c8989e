"""The key that a server asks its clients for: read from the environment, and from nowhere else.

What people get wrong: a secret in an argument list, where every user of the machine can read it.
"""

from __future__ import annotations

import hmac
import os

from pydantic import SecretStr

VARIABLE = "LEAN_SERVER_API_KEY"
"""The name that Kimina's clients read too."""


def from_environment(variable: str = VARIABLE) -> SecretStr | None:
    """The key, or None where the variable is unset or blank."""
    key = os.environ.get(variable, "").strip()
    return SecretStr(key) if key else None


def opens(key: SecretStr, authorization: bytes) -> bool:
    """Whether an `Authorization` header carries this key; takes as long for every wrong one."""
    scheme, _, said = authorization.strip().partition(b" ")
    wanted = key.get_secret_value().encode("utf-8")
    return hmac.compare_digest(said.strip(), wanted) and scheme.lower() == b"bearer"
