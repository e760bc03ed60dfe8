#!/usr/bin/env python3
"""Fails on an #include that points up or sideways in the house, and on what a floor must not know.

    layers.py ROOT               checks lib/ and app/ (and tests/ for sleeping) below ROOT
    layers.py ROOT --self-test   proves on a bad tree of its own that each rule catches something
"""
import pathlib
import re
import sys
import tempfile
from typing import Iterator, NamedTuple, Optional

# A room and its floor. A room may include rooms of lower floors only; rooms of one floor do not
# know each other.
FLOORS = {
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
    "app/follow_gp": 9,  # a program of its own
    "app": 9,  # main.cpp, which lives in no room
}

# The folders of a room and their floors. A folder may include folders of the same floor and of lower
# ones; files beside the folders may include all of them and be included by all. app/mcp gets its
# floors once its layers are merged.
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
    """What may be included, or called, in some files only."""

    pattern: re.Pattern
    allowed: re.Pattern  # of the file's path from the root
    rule: str


INCLUDE_BANS = [
    Ban(re.compile(r"CLI/"), re.compile(r"app/cli/"), "only app/cli knows CLI11"),
    Ban(re.compile(r"curl/"), re.compile(r"app/follow_gp/"), "only app/follow_gp knows libcurl"),
    Ban(re.compile(r"sqlite3\.h|SQLiteCpp/"), re.compile(r"lib/store/"), "only lib/store knows SQLite"),
    Ban(re.compile(r"nlohmann/json\.hpp"), re.compile(r".*\.(c|cc|cpp)$"),
        "a header includes nlohmann/json_fwd.hpp, the whole of it costs every includer seconds"),
    Ban(re.compile(r"nlohmann/|uv\.h"), re.compile(r"(?!lib/ledger/)"),
        "the ledger knows no JSON library and no event loop"),
    Ban(re.compile(r"iostream$"), re.compile(r"(?!)"),
        "its global streams cost start-up time: use {fmt} and write(2)"),
]
CODE_BANS = [
    Ban(re.compile(r"\bsystem_clock\b"), re.compile(r"lib/base/clock\.cpp$|tests/base/time_test\.cpp$"),
        "time is an argument: only SystemClock asks the system"),
    Ban(re.compile(r"\b(sleep_for|sleep_until)\b|\b(sleep|usleep|nanosleep|clock_nanosleep)\s*\("),
        re.compile(r"(?!)"), "nothing sleeps: wait for a descriptor, a condition or a process"),
]


# What changes a job, a queue or a worker. Reading, carrying (import, backup) and tidying are no verbs.
WRITES = (
    "submit|submit_all|claim|finish_and_claim|start|note_process|heartbeat|report|finish|release|"
    "request_cancel|retry|edit|remove|pause|resume|note_event|register_worker|worker_heartbeat|"
    "unregister_worker|mark_suspect|reap|prune|drop_tombstones|take_hook"
)
CODE_BANS.append(
    Ban(re.compile(rf"\bstore_?(->|\.)({WRITES})\("), re.compile(r"lib/|tests/"),
        "a verb's steps stand in lib/jobs: call that"))

# A string that is nothing but the name of an option or of our command that no other word means.
# What other programs' options mean is for app/mcp/actions to know.
NAMES = Ban(re.compile(r'"(--[a-z][a-z-]*|supervise)"'),
            re.compile(r"app/(cli|follow_gp|mcp/actions)/|tests/"),
            "names of commands and options are for app/cli to know: take the argv from there")


def folder_floor(path: str) -> Optional[tuple[str, int]]:
    """The room of a file that lies in one of its folders, and that folder's floor."""
    for room, floors in FOLDERS.items():
        folder, _, rest = path.removeprefix(room + "/").partition("/")
        if path.startswith(room + "/") and rest and folder in floors:
            return room, floors[folder]
    return None


def room_of(path: str) -> Optional[str]:
    rooms = (room for room in FLOORS if path.startswith(room + "/"))
    return max(rooms, key=len, default=None)


def without_comments_and_literals(code: str) -> str:
    """The code alone, line numbers kept."""
    return COMMENT_OR_LITERAL.sub(lambda found: "\n" * found[0].count("\n"), code)


def included_path(root: pathlib.Path, header: str) -> Optional[str]:
    return next((f"{top}/{header}" for top in ("lib", "app") if (root / top / header).exists()), None)


def included_room(root: pathlib.Path, header: str) -> Optional[str]:
    path = included_path(root, header)
    return path and room_of(path)


def points_up_in_room(root: pathlib.Path, path: str, header: str) -> bool:
    theirs = included_path(root, header)
    floors = folder_floor(path), theirs and folder_floor(theirs)
    return all(floors) and floors[0][0] == floors[1][0] and floors[0][1] < floors[1][1]


def check_include(root: pathlib.Path, path: str, form: str, header: str) -> Iterator[str]:
    mine, theirs = room_of(path), included_room(root, header)
    if mine is None:  # a test: it may know everything
        return
    for ban in INCLUDE_BANS:
        if ban.pattern.match(header) and not ban.allowed.match(path):
            yield f"must not include {header}: {ban.rule}"
    if points_up_in_room(root, path, header):
        yield f"must not include {header}: that folder is above this one"
    if theirs is None or theirs == mine:
        return
    if form == "<":
        yield f'includes {header} with <>: ours are included with ""'
    if FLOORS[theirs] >= FLOORS[mine]:
        way = "sideways" if FLOORS[theirs] == FLOORS[mine] else "up"
        yield f"{mine} must not include {theirs}: that points {way}"


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


def check_rooms(root: pathlib.Path) -> Iterator[str]:
    """A room that is not on the plan would be checked against nothing."""
    for top in ("lib", "app"):
        for folder in sorted(p for p in (root / top).glob("*") if p.is_dir()):
            room = folder.relative_to(root).as_posix()
            if room not in FLOORS:
                yield f"{room}: a room without a floor; give it one in tests/layers/layers.py"


def check_tree(root: pathlib.Path) -> list[str]:
    complaints = list(check_rooms(root))
    for top in ("lib", "app", "tests"):
        for source in sorted((root / top).rglob("*")):
            if source.suffix in SOURCE_SUFFIXES and "node_modules" not in source.parts:
                complaints += check_file(root, source)
    return complaints


# --- The self-test: files of a tree, and what must be found in each -----------------------------

GOOD_TREE = {
    "lib/base/time.h": "#include <chrono>\n",
    "lib/base/clock.cpp": '#include "base/time.h"\nauto t = std::chrono::system_clock::now();\n',
    "lib/base/json.cpp": "#include <nlohmann/json.hpp>\n",
    "lib/ledger/job.h": '#include "base/time.h"\n#include "ledger/store.h"\n',
    "lib/ledger/store.h": "// std::this_thread::sleep_for would be wrong\n",
    "lib/store/open.h": '#include "ledger/job.h"\n#include <sqlite3.h>\n',
    "lib/process/spawn.h": '#include "base/time.h"\nauto argv = "sleep (1)";\n',
    "lib/runner/run.h": '#include "ledger/store.h"\n#include "process/spawn.h"\n#include <uv.h>\n',
    "lib/jobs/cancel.cpp": '#include "runner/run.h"\nvoid f() { store.request_cancel(id); }\n',
    "lib/runner/attempt/a.h": "",
    "lib/runner/worker/w.h": '#include "runner/attempt/a.h"\nauto hint = "see --ledger";\n',
    "app/rpc/line.h": '#include "base/time.h"\n#include <nlohmann/json_fwd.hpp>\n',
    "app/view/job.h": '#include "ledger/job.h"\n',
    "app/mcp/server.h": '#include "rpc/line.h"\n#include "view/job.h"\n',
    "app/cli/cli.h": '#include "mcp/server.h"\n#include <CLI/CLI.hpp>\n',
    "app/main.cpp": '#include "cli/cli.h"\n',
    "tests/store/raw_test.h": '#include <sqlite3.h>\n#include <nlohmann/json.hpp>\n',
}
# What is added to the good tree, one file at a time, and a part of the one complaint it must cause.
BAD_FILES = [
    ("lib/base/up.h", '#include "ledger/job.h"', "lib/base/up.h:1: lib/base must not include lib/ledger"),
    ("lib/base/up2.h", '\n #  include "cli/cli.h"', "lib/base/up2.h:2: lib/base must not include app/cli"),
    ("lib/store/side.h", '#include "process/spawn.h"', "points sideways"),
    ("lib/process/side.cpp", '#include "store/open.h"', "points sideways"),
    ("app/view/side.h", '#include "rpc/line.h"', "points sideways"),
    ("lib/runner/up.h", '#include "view/job.h"', "points up"),
    ("app/cli/up.h", '#include "main.h"\n', "points up"),
    ("lib/runner/form.h", "#include <ledger/job.h>", 'included with ""'),
    ("app/mcp/options.cpp", "#include <CLI/CLI.hpp>", "only app/cli knows CLI11"),
    ("app/cli/fetch.cpp", "#include <curl/curl.h>", "only app/follow_gp knows libcurl"),
    ("app/cli/peek.cpp", "#include <sqlite3.h>", "only lib/store knows SQLite"),
    ("lib/runner/peek.cpp", "#include <SQLiteCpp/Database.h>", "only lib/store knows SQLite"),
    ("app/view/heavy.h", "#include <nlohmann/json.hpp>", "json_fwd"),
    ("lib/ledger/json.cpp", "#include <nlohmann/json.hpp>", "the ledger knows no JSON library"),
    ("lib/ledger/json.h", "#include <nlohmann/json_fwd.hpp>", "the ledger knows no JSON library"),
    ("lib/ledger/loop.cpp", "#include <uv.h>", "no event loop"),
    ("app/cli/print.cpp", "#include <iostream>", "global streams cost"),
    ("lib/store/now.cpp", "auto t = std::chrono::system_clock::now();", "time is an argument"),
    ("lib/runner/nap.cpp", "/* x */ std::this_thread::sleep_for(s);", "nothing sleeps"),
    ("lib/runner/nap2.cpp", 'f("a"); ::usleep (10);', "nothing sleeps"),
    ("lib/runner/nap3.c", "nanosleep(&t, nullptr);", "nothing sleeps"),
    ("tests/nap_test.cpp", "\n\nsleep(1);", "tests/nap_test.cpp:3: nothing sleeps"),
    ("app/cli/do.cpp", "store->finish(key);", "a verb's steps stand in lib/jobs"),
    ("lib/runner/attempt/b.h", '#include "runner/worker/w.h"', "that folder is above this one"),
    ("lib/runner/argv.cpp", 'f("--ledger");', "names of commands and options"),
    ("app/mcp/argv.cpp", 'f("supervise");', "names of commands and options"),
    ("lib/attic/old.h", "", "lib/attic: a room without a floor"),
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
            failures.append(f"{path}: wanted one complaint with '{expected}', got {found}")
    return failures


def main() -> int:
    complaints = self_test() if "--self-test" in sys.argv[2:] else check_tree(pathlib.Path(sys.argv[1]))
    print("\n".join(complaints), end="\n" if complaints else "")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
