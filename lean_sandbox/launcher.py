"""A program that gives up everything a Lean worker does not need, and then becomes that worker.

    python -I -S launcher.py '{"read": […], "execute": […], "data_bytes": null, "files": 512}' node

It imports nothing but the standard library, because it is run by file name in an isolated
interpreter. What people get wrong: applying a rule and going on when that failed. Here a layer
that the system has and refuses ends the program with status 78 and one line that says which.

Sources: landlock(7), Documentation/userspace-api/landlock.rst and seccomp_filter.rst of Linux.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import platform
import struct
import sys
from collections.abc import Sequence
from typing import NoReturn

FAILED = 78
"""The exit status when a layer could not be applied."""

_PR_SET_NO_NEW_PRIVS = 38
_PR_SET_SECCOMP = 22
_SECCOMP_MODE_FILTER = 2
_SECCOMP_GET_ACTION_AVAIL = 2

_LANDLOCK_CREATE_RULESET = 444
_LANDLOCK_ADD_RULE = 445
_LANDLOCK_RESTRICT_SELF = 446
_LANDLOCK_VERSION = 1
_LANDLOCK_PATH_BENEATH = 1
_EXECUTE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 2, 1 << 3
_FILE_RIGHTS_BY_ABI = ((1, 13), (2, 14), (3, 15), (5, 16))
"""From which ABI on how many file rights exist (`LANDLOCK_ACCESS_FS_*`)."""
TCP_SINCE, _TCP_RIGHTS = 4, 0b11
"""Bind and connect."""
_SCOPES_SINCE, _SCOPES = 6, 0b11
"""Abstract UNIX sockets and signals."""

_CLONE_THREAD = 0x00010000
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_LOAD, _EQUAL, _AT_LEAST, _ALL_BITS, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER_AT, _ARCHITECTURE_AT, _FIRST_ARGUMENT_AT = 0, 4, 16
_X32_BIT = 0x40000000

_X86_64 = 0xC000003E
_AARCH64 = 0xC00000B7
_ARCHITECTURES = {"x86_64": _X86_64, "aarch64": _AARCH64}
_COLUMNS = {"x86_64": 0, "aarch64": 1}

_DENIED: dict[str, tuple[int | None, int | None]] = {
    # new processes, and leaving the group that is killed as a whole
    "fork": (57, None),
    "vfork": (58, None),
    "setsid": (112, 157),
    "setpgid": (109, 154),
    # any network, any way to talk to another process or to look into it
    "socket": (41, 198),
    "socketpair": (53, 199),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "tkill": (200, 130),
    "kcmp": (312, 272),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "semget": (64, 190),
    "mq_open": (240, 180),
    # memory that no limit on data counts
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    # other ways into the kernel
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "unshare": (272, 97),
    "setns": (308, 268),
    "fsopen": (430, 430),
    "fsmount": (432, 432),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "mount_setattr": (442, 442),
    "fanotify_init": (300, 262),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "quotactl": (179, 60),
    "modify_ldt": (154, None),
}
"""System calls that fail with EPERM: their numbers on x86-64 and on 64-bit ARM."""
_CLONE, _CLONE3, _KILL_CALL, _TGKILL = (56, 220), (435, 435), (62, 129), (234, 131)
_SECCOMP = (317, 277)


def landlock_abi() -> int:
    """The version of Landlock this kernel has; 0 for none."""
    if sys.platform != "linux":
        return 0
    found: int = _libc().syscall(_LANDLOCK_CREATE_RULESET, None, 0, _LANDLOCK_VERSION)
    return max(0, found)


def has_seccomp() -> bool:
    """Whether system calls can be filtered here, with the numbers this file knows."""
    machine = platform.machine()
    if sys.platform != "linux" or machine not in _ARCHITECTURES:
        return False
    call = _SECCOMP[_COLUMNS[machine]]
    action = struct.pack("=I", _ERRNO)
    return int(_libc().syscall(call, _SECCOMP_GET_ACTION_AVAIL, 0, action)) == 0


def main(arguments: Sequence[str]) -> NoReturn:
    """Give up what `arguments[0]` does not grant, and run the rest."""
    grants = json.loads(arguments[0])
    command = list(arguments[1:])
    layer = "limits"
    try:
        limit(data_bytes=grants["data_bytes"], files=grants["files"])
        layer = "no_new_privs"
        _call(_libc().prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        layer = "Landlock"
        if landlock_abi():
            restrict_files(read=grants["read"], execute=grants["execute"])
        layer = "seccomp"
        if has_seccomp():
            restrict_calls()
        layer = "exec"
        os.environ.pop("LC_CTYPE", None)  # this interpreter adds it where there is no locale
        os.execve(command[0], command, dict(os.environ))
    except OSError as failure:
        sys.stdout.write(f"confinement failed at {layer}: {failure}\n")
        sys.stdout.flush()
    sys.exit(FAILED)


def limit(*, data_bytes: int | None, files: int) -> None:
    """No core dumps, no byte written to a file, few open files, so much memory."""
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    _lower(resource.RLIMIT_NOFILE, files)
    if data_bytes is not None:
        _lower(resource.RLIMIT_DATA, data_bytes)


def _lower(which: int, value: int) -> None:
    import resource

    _, hard = resource.getrlimit(which)
    if hard == resource.RLIM_INFINITY or hard > value:
        resource.setrlimit(which, (value, value))


def restrict_files(*, read: Sequence[str], execute: Sequence[str]) -> None:
    """Landlock: these paths may be read, those also executed; all else, and TCP, is refused."""
    abi = landlock_abi()
    file_rights = (1 << max(n for since, n in _FILE_RIGHTS_BY_ABI if abi >= since)) - 1
    attributes = struct.pack(
        "=QQQ",
        file_rights,
        _TCP_RIGHTS if abi >= TCP_SINCE else 0,
        _SCOPES if abi >= _SCOPES_SINCE else 0,
    )
    size = 24 if abi >= _SCOPES_SINCE else 16 if abi >= TCP_SINCE else 8
    ruleset = _call(_libc().syscall(_LANDLOCK_CREATE_RULESET, attributes, size, 0))
    for path in read:
        _grant(ruleset, path, _READ_FILE | _READ_DIR)
    for path in execute:
        _grant(ruleset, path, _READ_FILE | _READ_DIR | _EXECUTE)
    _call(_libc().syscall(_LANDLOCK_RESTRICT_SELF, ruleset, 0))
    os.close(ruleset)


def _grant(ruleset: int, path: str, rights: int) -> None:
    try:
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    if not os.path.isdir(path):  # noqa: PTH112 — pathlib would double this program's start
        rights &= ~_READ_DIR
    rule = struct.pack("=Qi", rights, opened)
    _call(_libc().syscall(_LANDLOCK_ADD_RULE, ruleset, _LANDLOCK_PATH_BENEATH, rule, 0))
    os.close(opened)


def restrict_calls() -> None:
    """Seccomp: no new processes, no sockets, no signals to others, none of `_DENIED`."""
    machine = platform.machine()
    program = b"".join(_filter(_ARCHITECTURES[machine], _COLUMNS[machine], os.getpid()))
    code = ctypes.create_string_buffer(program, len(program))
    pointer = struct.pack("@HP", len(program) // 8, ctypes.addressof(code))
    _call(_libc().prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, pointer, 0, 0))


def _filter(architecture: int, column: int, pid: int) -> list[bytes]:
    refuse = _step(_RETURN, _ERRNO | errno.EPERM)
    program = [
        _step(_LOAD, _ARCHITECTURE_AT),
        _step(_EQUAL, architecture, 1, 0),
        _step(_RETURN, _KILL),
        _step(_LOAD, _NUMBER_AT),
        _step(_AT_LEAST, _X32_BIT, 0, 1),
        refuse,
    ]
    for numbers in _DENIED.values():
        number = numbers[column]
        if number is not None:
            program += [_step(_EQUAL, number, 0, 1), refuse]
    # The C library asks again with `clone`, whose flags a filter can see.
    program += [_step(_EQUAL, _CLONE3[column], 0, 1), _step(_RETURN, _ERRNO | errno.ENOSYS)]
    allow, argument = _step(_RETURN, _ALLOW), _step(_LOAD, _FIRST_ARGUMENT_AT)
    threads = [argument, _step(_ALL_BITS, _CLONE_THREAD, 0, 1), allow, refuse]
    program += [_step(_EQUAL, _CLONE[column], 0, len(threads)), *threads]
    for call in (_KILL_CALL, _TGKILL):
        itself = [argument, _step(_EQUAL, pid, 0, 1), allow, refuse]
        program += [_step(_EQUAL, call[column], 0, len(itself)), *itself]
    return [*program, allow]


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _call(returned: int) -> int:
    if returned < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return returned


if __name__ == "__main__":
    main(sys.argv[1:])
