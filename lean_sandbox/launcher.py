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

_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_LOAD, _AND, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x54, 0x15, 0x35, 0x06
_NUMBER_AT, _ARCHITECTURE_AT, _ARGUMENTS_AT = 0, 4, 16
_X32_BIT = 0x40000000

_X86_64 = 0xC000003E
_AARCH64 = 0xC00000B7
_ARCHITECTURES = {"x86_64": _X86_64, "aarch64": _AARCH64}
_COLUMNS = {"x86_64": 1, "aarch64": 2}
_RECENT = 424
"""From here on calls have one number everywhere, and a C library that is told that the kernel has
none of them asks again with an older one."""
_SECCOMP = {"x86_64": 317, "aarch64": 277}

_ALLOWED = """
    read 0 63, write 1 64, readv 19 65, writev 20 66, pread64 17 67, preadv 295 69, close 3 57,
    lseek 8 62, stat 4 -, fstat 5 80, lstat 6 -, newfstatat 262 79, statx 332 291, statfs 137 43,
    fstatfs 138 44, access 21 -, faccessat 269 48, readlink 89 -, readlinkat 267 78,
    getdents64 217 61, getcwd 79 17, dup 32 23, dup2 33 -, dup3 292 24, pipe 22 -, pipe2 293 59,
    fadvise64 221 223, mmap 9 222, munmap 11 215, mprotect 10 226, mremap 25 216, brk 12 214,
    pkey_mprotect 329 288, pkey_alloc 330 289, pkey_free 331 290, futex 202 98,
    set_robust_list 273 99, set_tid_address 218 96, rseq 334 293, arch_prctl 158 -,
    sched_yield 24 124, membarrier 324 283, exit 60 93, exit_group 231 94, execve 59 221,
    restart_syscall 219 128, rt_sigaction 13 134, rt_sigprocmask 14 135, rt_sigreturn 15 139,
    rt_sigpending 127 136, rt_sigsuspend 130 133, rt_sigtimedwait 128 137, sigaltstack 131 132,
    poll 7 -, ppoll 271 73, select 23 -, pselect6 270 72, epoll_create 213 -, epoll_create1 291 20,
    epoll_ctl 233 21, epoll_wait 232 -, epoll_pwait 281 22, eventfd 284 -, eventfd2 290 19,
    nanosleep 35 101, clock_nanosleep 230 115, clock_gettime 228 113, clock_getres 229 114,
    gettimeofday 96 169, time 201 -, times 100 153, getrusage 98 165, getrandom 318 278,
    uname 63 160, sysinfo 99 179, getcpu 309 168, getpid 39 172, getppid 110 173, gettid 186 178,
    getuid 102 174, geteuid 107 175, getgid 104 176, getegid 108 177, getgroups 115 158,
    getresuid 118 148, getresgid 120 150, getpgrp 111 -, getrlimit 97 163, getpriority 140 141,
    capget 125 90, sched_getaffinity 204 123, sched_getscheduler 145 120, sched_getparam 143 121,
    sched_get_priority_max 146 125, sched_get_priority_min 147 126
"""
"""What Node, Lean, a shell and their C libraries do, each with its numbers on x86-64 and on 64-bit
ARM: read, wait, use memory and threads of their own, ask about themselves. All else is refused,
so that what a later kernel brings is refused too."""

_ALL = 0xFFFFFFFF
_WRITING = 0o3 | 0o100 | 0o1000
"""O_ACCMODE, O_CREAT, O_TRUNC: what opens a file for more than reading."""
_CLONE_THREAD, _NAMESPACES = 0x00010000, 0x7E020000
_FCNTL = (0, 1, 2, 3, 4, 1030)
"""F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC; never F_SETOWN, which sends
signals to others, nor locks and leases, which hold up those who own the file."""
_IOCTL = (0x5401, 0x5413, 0x5421, 0x541B, 0x5450, 0x5451)
"""TCGETS, TIOCGWINSZ, FIONBIO, FIONREAD, FIONCLEX, FIOCLEX; never the ones that set flags of a
file, for which reading it is enough."""
_PRCTL = (3, 15, 16, 21, 23, 39, 0x53564D41)
"""The dumpable flag, the name (read, set), seccomp's state, the bounding set, no_new_privs; the
names of memory areas."""

_Check = tuple[int, int, Sequence[int]]
"""A half of an argument (0 is the lower half of the first, 1 its upper one, 2 the lower half of
the second), the bits of it that are looked at, and what they may be."""


def checked_calls(pid: int) -> dict[tuple[int | None, int | None], list[_Check]]:
    """Calls allowed in some of their forms, by their numbers."""
    return {
        (2, None): [(2, _WRITING, (0,))],  # open
        (257, 56): [(4, _WRITING, (0,))],  # openat
        (56, 220): [(0, _CLONE_THREAD | _NAMESPACES, (_CLONE_THREAD,))],  # clone
        (62, 129): [(0, _ALL, (pid,))],  # kill
        (234, 131): [(0, _ALL, (pid,))],  # tgkill
        (302, 261): [(0, _ALL, (0, pid)), (4, _ALL, (0,)), (5, _ALL, (0,))],  # prlimit64
        (28, 233): [(4, _ALL ^ 0x1F, (0,))],  # madvise, without the ways to damage memory
        (72, 25): [(2, _ALL, _FCNTL)],  # fcntl
        (16, 29): [(2, _ALL, _IOCTL)],  # ioctl
        (157, 167): [(0, _ALL, _PRCTL)],  # prctl
    }


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
    action = struct.pack("=I", _ERRNO)
    return int(_libc().syscall(_SECCOMP[machine], _SECCOMP_GET_ACTION_AVAIL, 0, action)) == 0


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
    """No core dumps, no byte written to a file, no rank before others; so many files and bytes."""
    import resource

    for name in ("CORE", "FSIZE", "MEMLOCK", "MSGQUEUE", "RTPRIO", "NICE"):
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (0, 0))
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
    """Seccomp: nothing but the calls of `_ALLOWED`, and some forms of those of `checked_calls`."""
    machine = platform.machine()
    program = b"".join(_filter(machine, os.getpid()))
    code = ctypes.create_string_buffer(program, len(program))
    pointer = struct.pack("@HP", len(program) // 8, ctypes.addressof(code))
    _call(_libc().prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, pointer, 0, 0))


def allowed_calls(machine: str) -> set[int]:
    """The numbers of the calls allowed whatever their arguments are."""
    entries = (entry.split() for entry in _ALLOWED.split(","))
    return {int(entry[_COLUMNS[machine]]) for entry in entries if entry[_COLUMNS[machine]] != "-"}


def _filter(machine: str, pid: int) -> list[bytes]:
    allow, refuse = _step(_RETURN, _ALLOW), _step(_RETURN, _ERRNO | errno.EPERM)
    program = [
        _step(_LOAD, _ARCHITECTURE_AT),
        _step(_EQUAL, _ARCHITECTURES[machine], 1, 0),
        _step(_RETURN, _KILL),
        _step(_LOAD, _NUMBER_AT),
        _step(_AT_LEAST, _X32_BIT, 0, 1),
        _step(_RETURN, _KILL),
        _step(_AT_LEAST, _RECENT, 0, 1),
        _step(_RETURN, _ERRNO | errno.ENOSYS),
    ]
    for number in sorted(allowed_calls(machine)):
        program += [_step(_EQUAL, number, 0, 1), allow]
    for numbers, checks in checked_calls(pid).items():
        here = numbers[_COLUMNS[machine] - 1]
        if here is not None:
            looked_at = [step for check in checks for step in _look(*check)]
            program += [_step(_EQUAL, here, 0, len(looked_at) + 1), *looked_at, allow]
    return [*program, refuse]


def _look(half: int, bits: int, values: Sequence[int]) -> list[bytes]:
    """Go on where the bits are one of the values; refuse the call otherwise."""
    steps = [_step(_LOAD, _ARGUMENTS_AT + 4 * half), _step(_AND, bits)]
    for left, value in enumerate(reversed(values)):
        steps.insert(2, _step(_EQUAL, value, left + 1, 0))
    return [*steps, _step(_RETURN, _ERRNO | errno.EPERM)]


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
