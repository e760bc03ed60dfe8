#!/usr/bin/env python3
"""Reports #includes between modules that are not allowed, and banned headers and calls.

    layers.py ROOT               checks lib/ and app/ (and tests/ for sleeping) below ROOT
    layers.py ROOT --self-test   checks on a generated tree that each rule catches a violation
"""
import pathlib
import re
import sys
import tempfile
from typing import Iterator, NamedTuple, Optional

# Each module and its layer. A module may include modules of lower layers only, not of its own.
LAYERS = {
    "lib/base": 1,
    "lib/ledger": 2,
    "lib/event": 2,
    "lib/store": 3,
    "lib/logs": 3,
    "lib/process": 3,
    "lib/runner": 4,
    "lib/jobs": 5,
    "lib/client": 6,
    "app/rpc": 6,
    "app/view": 6,
    "app/mcp": 7,
    "app/cli": 8,
    "app/follow_gp": 9,  # a separate program
    "app": 9,  # main.cpp, which belongs to no module
}

# Layers of the folders within a module. A folder may include folders of the same layer and of lower
# ones. Files beside the folders may include all of them, and all may include those.
FOLDERS = {
    "lib/store/sqlite": {"file": 1, "connection": 2, "queries": 3, "verbs": 4, "transfer": 5},
    "lib/runner": {"async": 1, "progress": 1, "attempt": 2, "maintenance": 3, "worker": 3},
    "app/cli": {"options": 1, "terminal": 1, "help": 1, "jobs": 2, "commands": 3},
}

SOURCE_SUFFIXES = {".h", ".hpp", ".c", ".cc", ".cpp"}
INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')
COMMENT_OR_LITERAL = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"([^\s()\\]{0,16})\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'',
    re.DOTALL,
)


class Ban(NamedTuple):
    """Includes or calls that are allowed in some files only."""

    pattern: re.Pattern
    allowed: re.Pattern  # matched against the file's path from the root
    rule: str


INCLUDE_BANS = [
    Ban(re.compile(r"CLI/"), re.compile(r"app/cli/"), "only app/cli may use CLI11"),
    Ban(re.compile(r"curl/"), re.compile(r"app/follow_gp/"), "only app/follow_gp may use libcurl"),
    Ban(re.compile(r"sqlite3\.h|SQLiteCpp/"), re.compile(r"lib/store/"), "only lib/store may use SQLite"),
    Ban(re.compile(r"nlohmann/json\.hpp"), re.compile(r".*\.(c|cc|cpp)$"),
        "headers include nlohmann/json_fwd.hpp; the full header costs every includer seconds"),
    Ban(re.compile(r"nlohmann/|uv\.h"), re.compile(r"(?!lib/ledger/)"),
        "lib/ledger must not use a JSON library or an event loop"),
    Ban(re.compile(r"re2/"), re.compile(r"lib/base/regex\.cpp"), "only lib/base/regex.cpp may use RE2"),
    Ban(re.compile(r"logs/(?!open\.h$)"), re.compile(r"lib/logs/|tests/"),
        "only lib/logs knows files of output: use ledger/log_store.h"),
    Ban(re.compile(r"logs/open\.h$"), re.compile(r"(lib/logs|lib/client|app|tests)/"),
        "lib/runner and lib/jobs are given a LogStore"),
    Ban(re.compile(r"iostream$"), re.compile(r"(?!)"),
        "its global streams cost start-up time; use {fmt} and write(2)"),
]
CODE_BANS = [
    Ban(re.compile(r"\bsystem_clock\b"), re.compile(r"lib/base/clock\.cpp$|tests/base/time_test\.cpp$"),
        "take the time as an argument; only SystemClock reads the system clock"),
    Ban(re.compile(r"\b(sleep_for|sleep_until)\b|\b(sleep|usleep|nanosleep|clock_nanosleep)\s*\("),
        re.compile(r"(?!)"), "do not sleep; wait for a descriptor, a condition or a process"),
]


# The Store functions that change a job, a queue or a worker; import, backup and gc are not among them.
WRITES = (
    "submit|submit_all|claim|finish_and_claim|start|note_process|heartbeat|report|finish|release|"
    "request_cancel|retry|edit|remove|pause|resume|note_event|register_worker|worker_heartbeat|"
    "unregister_worker|mark_suspect|reap|prune|drop_tombstones|take_hook"
)
CODE_BANS.append(
    Ban(re.compile(rf"(?i)\b\w*store\w*\)?(->|\.)({WRITES})\("), re.compile(r"lib/(?!client/)|tests/"),
        "only lib/jobs changes jobs: call its function"))

# String literals that are the name of one of our options, or of a command with an unmistakable name.
# app/mcp/actions lists options of other programs; placed_exec passes some to systemd-run.
NAMES = Ban(re.compile(r'"(--[a-z][a-z-]*|supervise)"'),
            re.compile(r"app/(cli|follow_gp|mcp/actions)/|lib/runner/attempt/placed_exec|tests/"),
            "only app/cli knows names of options and commands: take the argv from there")


def folder_layer(path: str) -> Optional[tuple[str, int]]:
    """The module of a file in one of its folders, and that folder's layer."""
    for module, layers in FOLDERS.items():
        folder, _, rest = path.removeprefix(module + "/").partition("/")
        if path.startswith(module + "/") and rest and folder in layers:
            return module, layers[folder]
    return None


def module_of(path: str) -> Optional[str]:
    modules = (module for module in LAYERS if path.startswith(module + "/"))
    return max(modules, key=len, default=None)


def without_comments_and_literals(code: str) -> str:
    """The code with line numbers preserved."""
    return COMMENT_OR_LITERAL.sub(lambda found: "\n" * found[0].count("\n"), code)


def included_path(root: pathlib.Path, header: str) -> Optional[str]:
    return next((f"{top}/{header}" for top in ("lib", "app") if (root / top / header).exists()), None)


def included_module(root: pathlib.Path, header: str) -> Optional[str]:
    path = included_path(root, header)
    return path and module_of(path)


def is_higher_folder(root: pathlib.Path, path: str, header: str) -> bool:
    target = included_path(root, header)
    source_layer, target_layer = folder_layer(path), target and folder_layer(target)
    if not source_layer or not target_layer or source_layer[0] != target_layer[0]:
        return False
    return source_layer[1] < target_layer[1]


def check_include(root: pathlib.Path, path: str, form: str, header: str) -> Iterator[str]:
    source, target = module_of(path), included_module(root, header)
    if source is None:  # a test, which may include everything
        return
    for ban in INCLUDE_BANS:
        if ban.pattern.match(header) and not ban.allowed.match(path):
            yield f"must not include {header}: {ban.rule}"
    if is_higher_folder(root, path, header):
        yield f"must not include {header}: it is in a higher folder"
    if target is None or target == source:
        return
    if form == "<":
        yield f'includes {header} with <>: headers of the project are included with ""'
    if LAYERS[target] >= LAYERS[source]:
        layer = "the same layer" if LAYERS[target] == LAYERS[source] else "a higher layer"
        yield f"{source} must not include {target}: it is in {layer}"


def check_file(root: pathlib.Path, source: pathlib.Path) -> Iterator[str]:
    path = source.relative_to(root).as_posix()
    text = source.read_text(encoding="utf-8", errors="replace")
    for number, line in enumerate(text.splitlines(), 1):
        if include := INCLUDE.match(line):
            for complaint in check_include(root, path, include[1], include[2]):
                yield f"{path}:{number}: {complaint}"
        if NAMES.pattern.search(line.split("//")[0]) and not NAMES.allowed.match(path):
            yield f"{path}:{number}: {NAMES.rule}"
    for number, line in enumerate(without_comments_and_literals(text).splitlines(), 1):
        for ban in CODE_BANS:
            if ban.pattern.search(line) and not ban.allowed.match(path):
                yield f"{path}:{number}: {ban.rule}"


def check_modules(root: pathlib.Path) -> Iterator[str]:
    """Reports modules without a layer; no include rule would apply to them."""
    for top in ("lib", "app"):
        for folder in sorted(p for p in (root / top).glob("*") if p.is_dir()):
            module = folder.relative_to(root).as_posix()
            if module not in LAYERS:
                yield f"{module}: a module without a layer; add it to LAYERS in tests/layers/layers.py"


def check_writes(root: pathlib.Path) -> Iterator[str]:
    """A renamed function would no longer be banned."""
    interface = root / "lib/ledger/store.h"
    text = interface.read_text(encoding="utf-8") if interface.exists() else ""
    for name in WRITES.split("|") if "virtual" in text else []:
        if not re.search(rf"\b{name}\(", text):
            yield f"tests/layers/layers.py: Store has no function {name}"


def check_tree(root: pathlib.Path) -> list[str]:
    complaints = list(check_modules(root)) + list(check_writes(root))
    for top in ("lib", "app", "tests"):
        for source in sorted((root / top).rglob("*")):
            if source.suffix in SOURCE_SUFFIXES and "node_modules" not in source.parts:
                complaints += check_file(root, source)
    return complaints


# --- Self-test: source files and the complaints expected about them -----------------------------

GOOD_TREE = {
    "lib/base/time.h": "#include <chrono>\n",
    "lib/base/clock.cpp": '#include "base/time.h"\nauto t = std::chrono::system_clock::now();\n',
    "lib/base/json.cpp": "#include <nlohmann/json.hpp>\n",
    "lib/ledger/job.h": '#include "base/time.h"\n#include "ledger/store.h"\n',
    "lib/ledger/store.h": "// std::this_thread::sleep_for would be wrong\n",
    "lib/store/open.h": '#include "ledger/job.h"\n#include <sqlite3.h>\n',
    "lib/logs/open.h": '#include "ledger/job.h"\n#include "logs/log_files.h"\n',
    "lib/logs/log_files.h": "",
    "lib/process/spawn.h": '#include "base/time.h"\nauto argv = "sleep (1)";\n',
    "lib/runner/run.h": '#include "ledger/store.h"\n#include "process/spawn.h"\n#include <uv.h>\n',
    "lib/jobs/cancel.cpp": '#include "runner/run.h"\nvoid f() { store.request_cancel(id); }\n',
    "lib/runner/attempt/a.h": "",
    "lib/runner/worker/w.h": '#include "runner/attempt/a.h"\nauto hint = "see --ledger";\n',
    "app/rpc/line.h": '#include "base/time.h"\n#include <nlohmann/json_fwd.hpp>\n',
    "app/view/job.h": '#include "ledger/job.h"\n',
    "app/mcp/server.h": '#include "rpc/line.h"\n#include "view/job.h"\n',
    "app/cli/cli.h": '#include "logs/open.h"\n#include "mcp/server.h"\n#include <CLI/CLI.hpp>\n',
    "app/main.cpp": '#include "cli/cli.h"\n',
    "tests/store/raw_test.h": '#include <sqlite3.h>\n#include <nlohmann/json.hpp>\n',
}
# Files added to the good tree one at a time, each with a part of the only complaint it must cause.
BAD_FILES = [
    ("lib/base/up.h", '#include "ledger/job.h"', "lib/base/up.h:1: lib/base must not include lib/ledger"),
    ("lib/base/up2.h", '\n #  include "cli/cli.h"', "lib/base/up2.h:2: lib/base must not include app/cli"),
    ("lib/store/side.h", '#include "process/spawn.h"', "in the same layer"),
    ("lib/process/side.cpp", '#include "store/open.h"', "in the same layer"),
    ("app/view/side.h", '#include "rpc/line.h"', "in the same layer"),
    ("lib/runner/up.h", '#include "view/job.h"', "in a higher layer"),
    ("app/cli/up.h", '#include "main.h"\n', "in a higher layer"),
    ("lib/runner/form.h", "#include <ledger/job.h>", 'included with ""'),
    ("app/mcp/options.cpp", "#include <CLI/CLI.hpp>", "only app/cli may use CLI11"),
    ("app/cli/fetch.cpp", "#include <curl/curl.h>", "only app/follow_gp may use libcurl"),
    ("app/cli/peek.cpp", "#include <sqlite3.h>", "only lib/store may use SQLite"),
    ("lib/runner/peek.cpp", "#include <SQLiteCpp/Database.h>", "only lib/store may use SQLite"),
    ("app/view/heavy.h", "#include <nlohmann/json.hpp>", "json_fwd"),
    ("lib/ledger/json.cpp", "#include <nlohmann/json.hpp>", "must not use a JSON library"),
    ("lib/ledger/json.h", "#include <nlohmann/json_fwd.hpp>", "must not use a JSON library"),
    ("lib/ledger/loop.cpp", "#include <uv.h>", "or an event loop"),
    ("lib/runner/match.cpp", "#include <re2/re2.h>", "only lib/base/regex.cpp may use RE2"),
    ("app/cli/path.cpp", '#include "logs/log_files.h"', "only lib/logs knows files of output"),
    ("lib/runner/logs.cpp", '#include "logs/open.h"', "are given a LogStore"),
    ("app/cli/print.cpp", "#include <iostream>", "global streams cost"),
    ("lib/store/now.cpp", "auto t = std::chrono::system_clock::now();", "take the time as an argument"),
    ("lib/runner/nap.cpp", "/* x */ std::this_thread::sleep_for(s);", "do not sleep"),
    ("lib/runner/nap2.cpp", 'f("a"); ::usleep (10);', "do not sleep"),
    ("lib/runner/nap3.c", "nanosleep(&t, nullptr);", "do not sleep"),
    ("tests/nap_test.cpp", "\n\nsleep(1);", "tests/nap_test.cpp:3: do not sleep"),
    ("app/cli/do.cpp", "store->finish(key);", "only lib/jobs changes jobs"),
    ("lib/client/do.cpp", "job.store->report(key, report);", "only lib/jobs changes jobs"),
    ("lib/runner/attempt/b.h", '#include "runner/worker/w.h"', "in a higher folder"),
    ("lib/runner/argv.cpp", 'f("--ledger");', "names of options and commands"),
    ("app/mcp/argv.cpp", 'f("supervise");', "names of options and commands"),
    ("lib/attic/old.h", "", "lib/attic: a module without a layer"),
]


def write(root: pathlib.Path, path: str, text: str) -> None:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def complaints_about(bad_files: dict[str, str]) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for path, text in {**GOOD_TREE, **bad_files}.items():
            write(root, path, text)
        return check_tree(root)


def self_test() -> list[str]:
    failures = [f"the good tree: {complaint}" for complaint in complaints_about({})]
    for path, text, expected in BAD_FILES:
        extra = {path: text}
        if '"main.h"' in text:
            extra["app/main.h"] = ""
        found = complaints_about(extra)
        if len(found) != 1 or expected not in found[0]:
            failures.append(f"{path}: expected one complaint with '{expected}', got {found}")
    return failures


def main() -> int:
    complaints = self_test() if "--self-test" in sys.argv[2:] else check_tree(pathlib.Path(sys.argv[1]))
    print("\n".join(complaints), end="\n" if complaints else "")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
