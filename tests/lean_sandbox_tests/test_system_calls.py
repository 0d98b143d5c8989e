"""What a confined process cannot ask of the kernel: to harm another process or a file of its user.

Each call is really made, through ctypes, against a process and a file that are there to be harmed.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lean_sandbox import launcher
from lean_sandbox.confinement import Confinement, layers
from lean_sandbox.process import LineProcess
from lean_sandbox.shared_libraries import loader_of, of_extensions

PYTHON = Path(os.path.realpath(sys.executable))
MACHINE = platform.machine()

pytestmark = pytest.mark.skipif("seccomp" not in layers(), reason="no seccomp here")
needs_landlock = pytest.mark.skipif("landlock" not in layers(), reason="no Landlock here")
on_x86 = pytest.mark.skipif(MACHINE != "x86_64", reason="an ABI of x86-64")

PID, FILE, FD, ROOM, GONE = "the victim", "its file", "its file, opened", "a buffer", "/gone"
KILL = 9
LIMIT, PRIORITY, NOBODY = 7, 19, 65_534

Call = tuple[str, tuple[int | None, int | None], tuple[int | str, ...]]
CALLS: tuple[Call, ...] = (
    # against another process
    ("kill", (62, 129), (PID, KILL)),
    ("kill everybody", (62, 129), (-1, 0)),
    ("tkill", (200, 130), (PID, KILL)),
    ("tgkill", (234, 131), (PID, PID, KILL)),
    ("rt_sigqueueinfo", (129, 138), (PID, KILL, ROOM)),
    ("rt_tgsigqueueinfo", (297, 240), (PID, PID, KILL, ROOM)),
    ("pidfd_open", (434, 434), (PID, 0)),
    ("pidfd_send_signal", (424, 424), (FD, KILL, 0, 0)),
    ("pidfd_getfd", (438, 438), (FD, 0, 0)),
    ("fcntl F_SETOWN", (72, 25), (FD, 8, PID)),
    ("fcntl F_SETSIG", (72, 25), (FD, 10, KILL)),
    ("prlimit64", (302, 261), (PID, LIMIT, ROOM, 0)),
    ("prlimit64 reading another's", (302, 261), (PID, LIMIT, 0, ROOM)),
    ("prlimit64 of its own", (302, 261), (0, LIMIT, ROOM, 0)),
    ("setrlimit", (160, 164), (LIMIT, ROOM)),
    ("setpriority", (141, 140), (0, PID, PRIORITY)),
    ("ioprio_set", (251, 30), (1, PID, 3 << 13)),
    ("sched_setaffinity", (203, 122), (PID, 8, ROOM)),
    ("sched_setscheduler", (144, 119), (PID, 5, ROOM)),
    ("sched_setparam", (142, 118), (PID, ROOM)),
    ("sched_setattr", (314, 274), (PID, ROOM, 0)),
    ("ptrace", (101, 117), (16, PID, 0, 0)),
    ("process_vm_readv", (310, 270), (PID, ROOM, 1, ROOM, 1, 0)),
    ("process_vm_writev", (311, 271), (PID, ROOM, 1, ROOM, 1, 0)),
    ("process_madvise", (440, 440), (FD, ROOM, 1, 4, 0)),
    ("process_mrelease", (448, 448), (FD, 0)),
    ("kcmp", (312, 272), (PID, PID, 0, 0, 0)),
    ("migrate_pages", (256, 238), (PID, 8, ROOM, ROOM)),
    ("move_pages", (279, 239), (PID, 1, ROOM, ROOM, ROOM, 0)),
    ("setpgid", (109, 154), (PID, 0)),
    ("prctl PR_SCHED_CORE", (157, 167), (62, 2, PID, 0, ROOM)),
    ("prctl PR_SET_DUMPABLE", (157, 167), (4, 0, 0, 0, 0)),
    ("perf_event_open", (298, 241), (ROOM, PID, -1, -1, 0)),
    # against a file
    ("chmod", (90, None), (FILE, 0o777)),
    ("fchmod", (91, 52), (FD, 0o777)),
    ("fchmodat", (268, 53), (-100, FILE, 0o777)),
    ("fchmodat2", (452, 452), (-100, FILE, 0o777, 0)),
    ("chown", (92, None), (FILE, NOBODY, NOBODY)),
    ("lchown", (94, None), (FILE, NOBODY, NOBODY)),
    ("fchown", (93, 55), (FD, NOBODY, NOBODY)),
    ("fchownat", (260, 54), (-100, FILE, NOBODY, NOBODY, 0)),
    ("utime", (132, None), (FILE, 0)),
    ("utimes", (235, None), (FILE, 0)),
    ("futimesat", (261, None), (-100, FILE, 0)),
    ("utimensat", (280, 88), (-100, FILE, 0, 0)),
    ("setxattr", (188, 5), (FILE, "user.a", ROOM, 1, 0)),
    ("lsetxattr", (189, 6), (FILE, "user.a", ROOM, 1, 0)),
    ("fsetxattr", (190, 7), (FD, "user.a", ROOM, 1, 0)),
    ("setxattrat", (463, 463), (-100, FILE, 0, "user.a", ROOM, 16)),
    ("removexattr", (197, 14), (FILE, "user.kept")),
    ("lremovexattr", (198, 15), (FILE, "user.kept")),
    ("fremovexattr", (199, 16), (FD, "user.kept")),
    ("removexattrat", (466, 466), (-100, FILE, 0, "user.kept")),
    ("file_setattr", (469, 469), (-100, FILE, ROOM, 24, 0)),
    ("ioctl FS_IOC_SETFLAGS", (16, 29), (FD, 0x40086602, ROOM)),
    ("ioctl TIOCSTI", (16, 29), (0, 0x5412, ROOM)),
    ("truncate", (76, 45), (FILE, 0)),
    ("ftruncate", (77, 46), (FD, 0)),
    ("fallocate", (285, 47), (FD, 0, 0, 10)),
    ("flock", (73, 32), (FD, 2)),
    ("fcntl F_SETLK", (72, 25), (FD, 6, ROOM)),
    ("fcntl F_SETLEASE", (72, 25), (FD, 1024, 0)),
    ("open to write", (2, None), (FILE, 0o2)),
    ("creat", (85, None), (FILE, 0o777)),
    ("openat to write", (257, 56), (-100, FILE, 0o1)),
    ("openat to cut", (257, 56), (-100, FILE, 0o1000)),
    ("openat to make", (257, 56), (-100, GONE, 0o100, 0o777)),
    ("openat2", (437, 437), (-100, FILE, ROOM, 24)),
    ("rename", (82, None), (FILE, GONE)),
    ("renameat", (264, 38), (-100, FILE, -100, GONE)),
    ("renameat2", (316, 276), (-100, FILE, -100, GONE, 0)),
    ("link", (86, None), (FILE, GONE)),
    ("linkat", (265, 37), (-100, FILE, -100, GONE, 0)),
    ("symlink", (88, None), (FILE, GONE)),
    ("symlinkat", (266, 36), (FILE, -100, GONE)),
    ("unlink", (87, None), (FILE,)),
    ("unlinkat", (263, 35), (-100, FILE, 0)),
    ("mkdir", (83, None), (GONE, 0o777)),
    ("mkdirat", (258, 34), (-100, GONE, 0o777)),
    ("rmdir", (84, None), (GONE,)),
    ("mknod", (133, None), (GONE, 0o10_777, 0)),
    ("mknodat", (259, 33), (-100, GONE, 0o10_777, 0)),
    ("inotify_init1", (294, 26), (0,)),
    ("fanotify_init", (300, 262), (0, 0)),
    # another process, another user, another place
    ("fork", (57, None), ()),
    ("vfork", (58, None), ()),
    ("clone", (56, 220), (17, 0, 0, 0, 0)),
    ("clone of a thread in a namespace of its own", (56, 220), (0x40010000, 0, 0, 0, 0)),
    ("clone3", (435, 435), (ROOM, 64)),
    ("unshare", (272, 97), (0x10000000,)),
    ("setns", (308, 268), (FD, 0)),
    ("setsid", (112, 157), ()),
    ("setuid", (105, 146), (NOBODY,)),
    ("setgid", (106, 144), (NOBODY,)),
    ("setgroups", (116, 159), (0, ROOM)),
    ("capset", (126, 91), (ROOM, ROOM)),
    ("chroot", (161, 51), ("/",)),
    ("mount", (165, 40), ("/", "/", 0, 0, 0)),
    ("umount2", (166, 39), ("/", 0)),
    ("pivot_root", (155, 41), ("/", "/")),
    ("open_tree", (428, 428), (-100, "/", 0)),
    ("move_mount", (429, 429), (-100, "/", -100, "/", 0)),
    ("fsopen", (430, 430), ("tmpfs", 0)),
    ("mount_setattr", (442, 442), (-100, "/", 0, ROOM, 32)),
    # ways out of what limits and rules can see
    ("socket", (41, 198), (2, 1, 0)),
    ("socketpair", (53, 199), (1, 1, 0, ROOM)),
    ("shmget", (29, 194), (0, 4096, 0o1777)),
    ("msgget", (68, 186), (0, 0o1777)),
    ("semget", (64, 190), (0, 1, 0o1777)),
    ("mq_open", (240, 180), ("q", 0o102, 0o777, 0)),
    ("memfd_create", (319, 279), ("m", 0)),
    ("memfd_secret", (447, 447), (0,)),
    ("io_uring_setup", (425, 425), (1, ROOM)),
    ("userfaultfd", (323, 282), (1,)),
    ("bpf", (321, 280), (0, ROOM, 48)),
    ("keyctl", (250, 219), (0, -3, 0)),
    ("add_key", (248, 217), ("user", "k", ROOM, 1, -3)),
    ("request_key", (249, 218), ("user", "k", 0, -3)),
    ("name_to_handle_at", (303, 264), (-100, FILE, ROOM, ROOM, 0)),
    ("open_by_handle_at", (304, 265), (FD, ROOM, 0)),
    ("execveat", (322, 281), (FD, "", 0, 0, 0x1000)),
    ("madvise that damages memory", (28, 233), (ROOM, 4096, 100)),
    ("syslog", (103, 116), (3, ROOM, 100)),
    ("personality", (135, 92), (0x0040000,)),
)
HARMLESS: tuple[Call, ...] = (
    ("prlimit64 reading its own", (302, 261), (0, LIMIT, 0, ROOM)),
    ("kill itself with nothing", (62, 129), ("itself", 0)),
    ("fcntl F_GETFL", (72, 25), (FD, 3)),
    ("prctl PR_SET_NAME", (157, 167), (15, ROOM, 0, 0, 0)),
    ("openat to read", (257, 56), (-100, FILE, 0)),
    ("sched_getaffinity", (204, 123), (0, 128, ROOM)),
)

_TRIES = """
import ctypes, json, os, sys
calls, victim, path = json.loads(sys.argv[1])
libc = ctypes.CDLL(None, use_errno=True)
room = ctypes.create_string_buffer(b"\\1\\0\\0\\0" * 4, 65536)
means = {"the victim": victim, "its file, opened": os.open(path, os.O_RDONLY),
         "a buffer": room, "its file": path.encode(), "itself": os.getpid()}
def value(argument):
    argument = means.get(argument, argument)
    if isinstance(argument, int):
        return ctypes.c_long(argument)
    return argument.encode() if isinstance(argument, str) else argument
for name, number, arguments in calls:
    ctypes.set_errno(0)
    returned = libc.syscall(ctypes.c_long(number), *map(value, arguments))
    if returned == 0 and "fork" in name and os.getpid() != means["itself"]:
        os._exit(0)
    print(json.dumps([name, os.strerror(ctypes.get_errno()) if returned < 0 else "done"]))
sys.stdout.flush()
"""
_REFUSED = {"Operation not permitted", "Permission denied", "Function not implemented"}


def numbered(calls: tuple[Call, ...]) -> list[tuple[str, int, tuple[int | str, ...]]]:
    """The calls that this machine has, with its numbers."""
    column = ("x86_64", "aarch64").index(MACHINE)
    return [(name, n[column], args) for name, n, args in calls if n[column] is not None]


def confined(*arguments: str, read: tuple[Path, ...] = ()) -> LineProcess:
    """A confined Python that has ctypes."""
    own = (Path(sys.base_prefix), *of_extensions(PYTHON))
    around = Confinement(read=(*own, *read), execute=(PYTHON,))
    command = around.around((str(PYTHON), "-I", "-S", *arguments))
    return LineProcess(command, cwd=Path("/"), environment={})


def tried(calls: tuple[Call, ...], victim: int, file: Path) -> dict[str, str]:
    """What a confined process is answered to each call."""
    wanted = numbered(calls)
    process = confined("-c", _TRIES, json.dumps([wanted, victim, str(file)]), read=(file,))
    try:
        lines = [
            process.read_line(deadline=time.monotonic() + 60, max_bytes=10_000) for _ in wanted
        ]
    finally:
        process.kill()
    return dict(json.loads(line) for line in lines)


@pytest.fixture
def victim() -> Iterator[int]:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process.pid
        process.kill()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_text("precious")
    path.chmod(0o640)
    os.utime(path, (1, 1))
    return path


def state_of(victim: int, file: Path) -> list[object]:
    """All that the calls could change."""
    kept = file.stat()
    return [
        Path(f"/proc/{victim}/stat").read_text().rpartition(")")[2].split()[0] in "SR",
        os.getpriority(os.PRIO_PROCESS, victim),
        os.sched_getaffinity(victim),
        os.sched_getscheduler(victim),
        resource.prlimit(victim, resource.RLIMIT_NOFILE),
        os.getpgid(victim),
        (kept.st_mode, kept.st_uid, kept.st_gid, kept.st_mtime_ns, kept.st_ctime_ns),
        os.listxattr(file),
        file.read_text(),
        sorted(path.name for path in file.parent.iterdir()),
    ]


def test_every_call_that_could_harm_another_process_or_a_file_is_refused(
    victim: int, file: Path
) -> None:
    before = state_of(victim, file)
    said = tried(CALLS, victim, file)
    assert len(said) == len(numbered(CALLS))
    assert {name: word for name, word in said.items() if word not in _REFUSED} == {}
    assert state_of(victim, file) == before
    assert before[0]
    assert not Path(GONE).exists()


def test_what_a_runtime_asks_about_itself_is_answered(victim: int, file: Path) -> None:
    said = tried(HARMLESS, victim, file)
    assert said == {name: "done" for name, _, _ in numbered(HARMLESS)}


def test_every_call_without_a_reason_to_be_allowed_is_refused(victim: int, file: Path) -> None:
    partly = {number for _, number, _ in numbered(CALLS) if number in _checked_numbers()}
    unknown = set(range(1_024)) - launcher.allowed_calls(MACHINE) - _checked_numbers()
    unknown -= {335, 336}  # the kernel's own breakpoints: whoever else makes them dies of SIGILL
    assert partly == _checked_numbers()  # each of them is tried above
    calls = tuple((str(number), (number, number), (0,) * 6) for number in sorted(unknown))
    said = tried(calls, victim, file)
    assert {said[str(number)] for number in unknown if number < 424} == {"Operation not permitted"}
    assert {said[str(number)] for number in unknown if number >= 424} == {
        "Function not implemented"
    }


def test_no_call_that_changes_anything_outside_is_on_the_list() -> None:
    always = launcher.allowed_calls(MACHINE)
    assert {name for name, number, _ in numbered(CALLS) if number in always} == set()


def _checked_numbers() -> set[int]:
    column = ("x86_64", "aarch64").index(MACHINE)
    return {n[column] for n in launcher.checked_calls(1) if n[column] is not None}


@on_x86
@pytest.mark.parametrize(
    "code",
    [
        "libc.syscall(ctypes.c_long(0x40000000 | 39))",  # x32
        "import mmap; page = mmap.mmap(-1, 4096, prot=7);"
        "page.write(bytes.fromhex('b814000000cd80c3'));"  # mov eax, 20; int 0x80; ret
        "at = ctypes.addressof(ctypes.c_char.from_buffer(page));"
        "ctypes.CFUNCTYPE(ctypes.c_int)(at)()",
    ],
)
def test_the_other_abis_of_the_processor_end_the_process(code: str) -> None:
    source = f"import ctypes\nlibc = ctypes.CDLL(None)\n{code}\nprint('done', flush=True)"
    process = confined("-c", source)
    try:
        assert process.exit_status(patience_seconds=60) in {-31, -11}  # SIGSYS, or no such ABI
    finally:
        process.kill()


def _programs_in_library_folders() -> Iterator[Path]:
    for folder in (Path("/usr/lib"), Path("/usr/libexec")):
        for path in folder.rglob("*"):
            if path.is_file() and os.access(path, os.X_OK) and loader_of(path) is not None:
                yield path


@needs_landlock
def test_no_program_below_a_library_folder_can_be_executed() -> None:
    program = next(_programs_in_library_folders(), None)
    if program is None:
        pytest.skip("this system has no programs there")
    source = (
        f"import os\ntry: os.execv({str(program)!r}, ['x'])\n"
        "except OSError as failure: print(failure.errno, flush=True)"
    )
    for read in ((), (program.parent,)):
        process = confined("-c", source, read=read)
        try:
            assert process.read_line(deadline=time.monotonic() + 60, max_bytes=100) == b"13"
        finally:
            process.kill()


@needs_landlock
def test_the_loader_that_may_be_executed_finds_no_other_program_to_run(tmp_path: Path) -> None:
    loader = loader_of(PYTHON)
    other = Path("/bin/echo")
    assert loader is not None
    assert loader_of(other) is not None
    source = f"import os; os.execv({str(loader)!r}, ['ld', {str(other)!r}, 'ran'])"
    process = confined("-c", source)
    try:
        assert process.exit_status(patience_seconds=60) == 127
        assert not process.has_unread_output
    finally:
        process.kill()
