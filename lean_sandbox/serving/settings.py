"""What a server allows its clients. The key is not here: see `api_key.py`."""

from __future__ import annotations

import ipaddress
import socket

from pydantic import BaseModel, ConfigDict, Field, model_validator


class ServerSettings(BaseModel):
    """Where a server listens, and its limits."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False
    )

    host: str = "127.0.0.1"
    """The address to listen on; any but a loopback address needs an API key."""
    port: int = Field(default=8000, ge=0, le=65_535)
    """The port to listen on; 0 takes a free one."""
    timeout_seconds: float = Field(default=20.0, ge=1.0, le=3_600.0)
    """The most wall-clock seconds a request may ask for a program, and what it gets when it does
    not ask."""
    max_programs: int = Field(default=1_000, ge=1)
    """Programs in one request; more are refused with 413."""
    max_waiting: int = Field(default=2_000, ge=1)
    """Programs taken in and not answered yet; beyond it requests are refused with 503."""
    max_body_bytes: int = Field(default=16_000_000, ge=1_000)
    """Bytes in one request; more are refused with 413."""
    max_held_bytes: int = Field(default=256_000_000, ge=1_000)
    """Bytes of all requests that are being read or answered; beyond it they get 503."""
    body_seconds: float = Field(default=30.0, gt=0)
    """Seconds a client has to send a request once it has begun."""
    answer_seconds: float = Field(default=60.0, gt=0)
    """Seconds a client has to take in what it is sent before the connection is closed."""
    shutdown_seconds: float = Field(default=30.0, ge=0)
    """Seconds that requests already taken in have to finish after SIGTERM; then they get 503."""

    @model_validator(mode="after")
    def _largest_request_fits(self) -> ServerSettings:
        if self.max_programs > self.max_waiting:
            raise ValueError(
                f"a request of {self.max_programs:,} programs would never be taken in with "
                f"max_waiting={self.max_waiting:,}; raise `max_waiting`"
            )
        if self.max_body_bytes > self.max_held_bytes:
            raise ValueError(
                f"a request of {self.max_body_bytes:,} bytes would never be taken in with "
                f"max_held_bytes={self.max_held_bytes:,}; raise `max_held_bytes`"
            )
        return self


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a listener on `host`, a name or an address."""
    try:
        found = socket.getaddrinfo(host or "0.0.0.0", None)
    except (OSError, UnicodeError):
        return False
    return all(ipaddress.ip_address(str(entry[4][0])).is_loopback for entry in found)
