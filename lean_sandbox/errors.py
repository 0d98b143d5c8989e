"""What goes wrong with the sandbox itself. What goes wrong with a program is a `Verdict`.

    LeanSandboxError
    ├── SandboxUnavailable      Lean could not be started or kept alive: no verdict exists
    │   ├── ToolchainMissing    no WebAssembly Lean is installed for this user
    │   ├── ToolchainDamaged    a file of it has changed since it was installed
    │   ├── LeanNotFound        no native Lean of that name, or no Lake project there
    │   └── ServerNotCompiled   that Lean does not take the checking server
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


class ToolchainDamaged(SandboxUnavailable):
    """A file of the installed Lean is not what it was when it was installed."""


class LeanNotFound(SandboxUnavailable):
    """No native Lean of the wanted name is installed, or its project cannot be used."""


class ServerNotCompiled(SandboxUnavailable):
    """A native Lean could not compile the checking server."""


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
