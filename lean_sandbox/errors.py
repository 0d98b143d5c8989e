"""What goes wrong with the sandbox itself. What goes wrong with a program is a `Verdict`.

    LeanSandboxError
    ├── SandboxUnavailable      Lean could not be started or kept alive: no verdict exists
    │   └── ToolchainMissing    no Lean is installed for this user
    ├── CannotServe             `outerloop lean serve` cannot listen where it was told to
    └── InstallError            `outerloop lean install` could not finish; nothing is left behind
        ├── NodeMissing         no Node, or one too old to load Lean's WebAssembly
        ├── PackageTampered     the package's bytes are not the published ones
        ├── DownloadFailed      the package could not be fetched
        └── DiskFull            no room to unpack

Every message names the way out. All of them survive pickling.
"""

from __future__ import annotations


class LeanSandboxError(Exception):
    """Anything that stops the sandbox from answering."""


class SandboxUnavailable(LeanSandboxError):
    """Lean could not be started or kept alive."""


class ToolchainMissing(SandboxUnavailable):
    """No Lean is installed for this user."""


class CannotServe(LeanSandboxError):
    """The HTTP server cannot listen where it was told to."""


class InstallError(LeanSandboxError):
    """Lean could not be installed."""


class NodeMissing(InstallError):
    """There is no Node, or it is too old."""


class PackageTampered(InstallError):
    """The package is not the published one."""


class DownloadFailed(InstallError):
    """The package could not be fetched."""


class DiskFull(InstallError):
    """There is no room for the unpacked package."""
