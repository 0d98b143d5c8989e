"""The changes made to the package's JavaScript loader, and why each is needed.

The published `lean.js` lists 200,000 functions by name, looks symbols up by scanning that list,
gives each a place in every thread's function table, and mounts the host's `/home`, `/tmp` and
working directory. `patch` refuses any file but the published one, so a change of the package can
never be half patched.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from lean_sandbox import exports

LOADER_SHA256 = "0baaafd5d088d288ec44ff57d5ced4146e95ff6ba975c19787fcfcd26f89f87d"
"""The published `lean.js`."""

MAIN = "/lean/server/main.lean"
"""Where a worker sees the program it runs."""
COMPILE = "/lean/server/compile.lean"
"""Where the one compilation of the server sees its program."""

MAX_HEAP_BYTES = 1_400 * 2**20
"""WebAssembly memory that Lean may fill; it begins with less than a quarter of it."""

_READ_ONLY = """
for(const name of ["setattr","mknod","rename","unlink","rmdir","symlink"])
NODEFS.node_ops[name]=()=>{throw new FS.ErrnoError(69)};
NODEFS.stream_ops.setattr=NODEFS.stream_ops.write=()=>{throw new FS.ErrnoError(69)};
NODEFS.openForReading=NODEFS.stream_ops.open;
NODEFS.stream_ops.open=stream=>{
if(stream.flags&(1|2|64|512|1024))throw new FS.ErrnoError(69);
NODEFS.openForReading(stream)};
"""

_REPLACEMENTS: tuple[tuple[str, str, int], ...] = (
    # A scan of 200,000 names for each symbol took 127 of the 150 seconds of a start.
    (
        "newSymIndex=Object.keys(lib.exports).indexOf(symbol);if(newSymIndex==-1||",
        "if(!(symbol in lib.exports)||",
        1,
    ),
    (
        "(growMemViews(),HEAPU32)[symbolIndex>>2]=newSymIndex",
        "(growMemViews(),HEAPU32)[symbolIndex>>2]=exportIndex(lib).get(symbol)",
        1,
    ),
    (
        "var symName=Object.keys(symDict)[symbolIndex];",
        "var symName=exportNames(lib)[symbolIndex];",
        1,
    ),
    (
        "var __dlsym_catchup_js=",
        "var exportAddresses;var exportAddress=name=>{if(!exportAddresses){"
        'var lines=fs.readFileSync(__dirname+"/lean.exports","utf8").split("\\n");'
        "var first=Number(lines[0]);exportAddresses=new Map;"
        "for(var i=1;i<lines.length;i++)exportAddresses.set(lines[i],first+i-1)}"
        "return exportAddresses.get(name)};"
        "var exportNames=lib=>lib.exportNames??=Object.keys(lib.exports);"
        "var exportIndex=lib=>lib.exportIndex??="
        "new Map(exportNames(lib).map((name,index)=>[name,index]));"
        "var __dlsym_catchup_js=",
        1,
    ),
    # Functions have places in the table instead of exports (`exports.py`), the same ones in every
    # thread; each used to get a place of its own, and a global, in each thread.
    (
        "symbol=UTF8ToString(symbol);var result;",
        "symbol=UTF8ToString(symbol);var result=exportAddress(symbol);"
        "if(result!==undefined)return result;",
        1,
    ),
    (
        "newValue=addFunction(value)}else if(typeof value.value",
        "newValue=exportAddress(symName)??addFunction(value)}else if(typeof value.value",
        1,
    ),
    (
        "functionsInTableMap=new WeakMap;updateTableMap(0,wasmTable.length)",
        "functionsInTableMap=new WeakMap",
        1,
    ),
    # An array with holes of this size would become a dictionary, which each call looks through.
    (
        "wasmTableMirror=[];",
        "wasmTableMirror=[];var tableMirror=()=>{while(wasmTableMirror.length<wasmTable.length)"
        "wasmTableMirror.push(null);return wasmTableMirror};",
        1,
    ),
    ("wasmTableMirror[funcPtr]=func=", "tableMirror()[funcPtr]=func=", 1),
    ("wasmTableMirror[idx]=wasmTable", "tableMirror()[idx]=wasmTable", 1),
    # The imports need not hold a copy of every export: looking them up behind is enough.
    (
        "mergeLibSymbols=(exports,libName)=>{for(var[sym,exp]of Object.entries(exports)){",
        "mergeLibSymbols=(exports,libName)=>{Object.setPrototypeOf(wasmImports,exports);"
        'for(var sym of["main","__main_argc_argv"]){var exp=exports[sym];if(!exp)continue;',
        1,
    ),
    # Each thread instantiates all the exports again; the server uses one.
    ("var pthreadPoolSize=4", "var pthreadPoolSize=1", 1),
    # A program is judged in a thread, and deep syntax needs a deep stack.
    (
        'new Worker(pthreadMainJs,{workerData:"em-pthread",name:"em-pthread"})',
        'new Worker(pthreadMainJs,{workerData:"em-pthread",name:"em-pthread",'
        "resourceLimits:{stackSizeMb:192}})",
        1,
    ),
    # The worker sees the library and the server, read-only, and nothing of the host.
    ('process.binding("constants")["fs"]', 'require("fs").constants', 1),
    (
        'FS.mount(NODEFS,{root:"/home"},"/home");FS.mount(NODEFS,{root:"/tmp"},"/tmp");'
        'var cwd=process.cwd();if(cwd.startsWith("/private/tmp/")){'
        'cwd=cwd.replace("/private/tmp/","/tmp/")}else if(cwd==="/private/tmp"){cwd="/tmp"}'
        "FS.chdir(cwd)",
        'FS.mkdir("/lean");FS.mkdir("/lean/bin");FS.mkdir("/lean/lib");FS.mkdir("/lean/server");'
        'FS.mount(NODEFS,{root:require("path").join(__dirname,"..","lib")},"/lean/lib");'
        'FS.mount(NODEFS,{root:process.argv[2]},"/lean/server");'
        'FS.chdir("/lean/server")',
        1,
    ),
    ('thisProgram=process.argv[1].replace(/\\\\/g,"/")', 'thisProgram="/lean/bin/lean"', 1),
    ("arguments_=process.argv.slice(2)", "arguments_=process.argv.slice(3)", 1),
    ("if(isNode){path=__filename}", 'if(isNode){path="/lean/bin/lean"}', 1),
    (
        'var lean_path=process.env["LEAN_PATH"];if(lean_path){ENV["LEAN_PATH"]=lean_path}',
        'ENV["LEAN_PATH"]="/lean/lib/lean:/lean/server";',
        1,
    ),
    # Reading `process.stdin` makes the pipe non-blocking, so that an empty pipe is an error;
    # decoding pieces of 256 bytes as text breaks a character that lies across two; and a read must
    # end with a line, not when its buffer is full.
    ("var fd=process.stdin.fd;", "var fd=0;", 1),
    ("var BUFSIZE=256;", "var BUFSIZE=4096;", 1),
    (
        'if(bytesRead>0){result=buf.slice(0,bytesRead).toString("utf-8")}',
        "if(bytesRead>0){FS_stdin_getChar_buffer=Array.from(buf.subarray(0,bytesRead));"
        "return FS_stdin_getByte()}",
        1,
    ),
    ("return FS_stdin_getChar_buffer.shift()};var TTY=", "return FS_stdin_getByte()};var TTY=", 1),
    (
        "var FS_stdin_getChar=()=>{if(!FS_stdin_getChar_buffer.length){",
        "var FS_stdin_lineEnded=false;var FS_stdin_getByte=()=>{"
        "var byte=FS_stdin_getChar_buffer.shift();"
        "FS_stdin_lineEnded=byte===10&&!FS_stdin_getChar_buffer.length;return byte};"
        "var FS_stdin_getChar=()=>{if(!FS_stdin_getChar_buffer.length){"
        "if(FS_stdin_lineEnded){FS_stdin_lineEnded=false;return null}",
        1,
    ),
    (
        "throw new FS.ErrnoError(60)}var bytesRead=0;",
        "throw new FS.ErrnoError(60)}FS_stdin_lineEnded=false;var bytesRead=0;",
        1,
    ),
    # The library is imported by a thread, and a thread asks the main one about every path: about
    # the library's files it can see for itself.
    (
        "if(ENVIRONMENT_IS_PTHREAD)return proxyToMainThread(45,0,1,path,buf);",
        "if(ENVIRONMENT_IS_PTHREAD){var known=libraryStat(path,buf);if(known!==undefined)"
        "return known;return proxyToMainThread(45,0,1,path,buf)}",
        1,
    ),
    (
        "function ___syscall_stat64(path,buf){",
        "function libraryStat(path,buf){var name=UTF8ToString(path);"
        'if(!name.startsWith("/lean/lib/")||name.includes(".."))return;'
        'var stat=fs.lstatSync(__dirname+"/../lib/"+name.slice(10),{throwIfNoEntry:false});'
        "return stat?SYSCALLS.writeStat(buf,stat):-44}"
        "function ___syscall_stat64(path,buf){",
        1,
    ),
    # Lean's own memory: with Node's 0.6 GB a worker stays below 2.2 GB whatever a program does.
    ("getHeapMax=()=>2147483648", f"getHeapMax=()=>{MAX_HEAP_BYTES}", 1),
    # No shell and no sockets, whatever the modules of the host may offer.
    ('require("child_process")', "null", 1),
    ('require("ws")', "null", 2),
)


def fingerprint() -> str:
    """Names the published loader and the changes made to it and to the module."""
    rewriting = Path(exports.__file__).read_text("utf-8")
    parts = repr((LOADER_SHA256, _REPLACEMENTS, _READ_ONLY, rewriting))
    return hashlib.sha256(parts.encode("utf-8")).hexdigest()


class UnknownLoader(ValueError):
    """The loader is not the published file, or a change found nothing to change."""


def patch(source: bytes, *, read_only: bool = True) -> bytes:
    """The loader as the sandbox runs it; `read_only=False` makes the one that compiles the server.

    Raises:
        UnknownLoader: `source` is not the published `lean.js`.
    """
    digest = hashlib.sha256(source).hexdigest()
    if digest != LOADER_SHA256:
        raise UnknownLoader(f"lean.js has sha256 {digest}, not {LOADER_SHA256}")
    text = _without_unused_exports(source.decode("utf-8"))
    for old, new, times in _REPLACEMENTS:
        if text.count(old) != times:
            raise UnknownLoader(f"expected {times} of {old[:60]!r}, found {text.count(old)}")
        text = text.replace(old, new)
    end_of_files = text.index("var FS_createDataFile=")
    if read_only:
        text = text[:end_of_files] + _READ_ONLY.strip() + text[end_of_files:]
    return text.encode("utf-8")


def words(source: bytes) -> set[str]:
    """Every name in a loader: an export that is not among them is not asked for by name."""
    return set(re.findall(r"[A-Za-z_$][A-Za-z0-9_$]*", source.decode("utf-8")))


def _without_unused_exports(text: str) -> str:
    """Drop 201,000 global variables that only repeat the module's exports (88 of 89 MB)."""
    opening = "function assignWasmExports(wasmExports){"
    start = text.index(opening)
    end = text.index("}", start) + 1
    names_start = text.rindex("var _main,", 0, start)
    names_end = text.index(";", names_start)
    names = text[names_start + len("var ") : names_end].split(",")
    used = set(re.findall(r"[A-Za-z_$][A-Za-z0-9_$]*", text[:names_start] + text[end:]))
    kept = {name for name in names if name in used}
    assignments = text[start + len(opening) : end - 1].split(";")
    kept_assignments = ";".join(a for a in assignments if a.partition("=")[0] in kept)
    declaration = "var " + ",".join(name for name in names if name in kept) + ";"
    return f"{text[:names_start]}{declaration}{opening}{kept_assignments}}}{text[end:]}"
