"""Types lines and TAB into a zsh on a pseudo-terminal and checks the candidates it lists.

completion_zsh.py SCRATCH: SCRATCH/functions/_atlasjob is the completion function.
"""

import fcntl
import os
import pty
import re
import select
import struct
import sys
import termios

SCRATCH = sys.argv[1]
TIMEOUT_S = 120  # Without output from the shell.
ESCAPES = re.compile(rb"\x1b\[[0-9;?]*[a-zA-Z]|\x1b[=>]|\r|\x07")


class Zsh:
    """A zsh at its prompt."""

    def __init__(self, load):
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.environ["TERM"] = "xterm"
            os.execlp("zsh", "zsh", "-f", "-i")
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 500, 160, 0, 0))
        self.output = b""
        self.count = 0
        self.command("PS1='> '; unsetopt beep prompt_cr zle_bracketed_paste; LISTMAX=1000")
        self.command("stty rows 500 cols 160")
        self.command(load)

    def send(self, text):
        os.write(self.terminal, text.encode())

    def wait_for(self, text):
        """Reads until `text` is in the output since it was last cleared."""
        expected = text.encode()
        while expected not in self.output:
            ready, _, _ = select.select([self.terminal], [], [], TIMEOUT_S)
            if not ready:
                sys.exit(f"zsh: no {text!r} in {self.output.decode(errors='replace')!r}")
            self.output += ESCAPES.sub(b"", os.read(self.terminal, 65536))

    def command(self, line):
        """Runs a line and waits until it has finished."""
        self.count += 1
        self.send(f"{line}\nprint -r -- done''-{self.count}-\n")
        self.wait_for(f"done-{self.count}-")
        self.output = b""

    def complete(self, line, expected, unexpected=()):
        """Types the line and TAB; all of `expected` must be listed, and none of `unexpected`."""
        self.send(line + "\t")
        for text in expected:
            self.wait_for(text)
        # Ctrl-U discards the line; the rest of the list is printed before this command's output.
        self.count += 1
        self.send(f"\x15print -r -- done''-{self.count}-\n")
        self.wait_for(f"done-{self.count}-")
        for text in unexpected:
            if text.encode() in self.output:
                sys.exit(f"zsh: {line!r} offers {text!r}: {self.output.decode(errors='replace')!r}")
        self.output = b""


def check(zsh):
    zsh.complete("atlasjob ca\t", ["atlasjob cancel"])
    zsh.complete(
        "atlasjob ", ["submit ", "-- run a command in the background", "doctor"], ["on-end", "a-file"]
    )
    zsh.complete("atlasjob cancel --gr", ["--grace"])
    zsh.complete("atlasjob logs -", ["--follow", "-- follow the output"])
    zsh.complete("atlasjob list --color ", ["always", "never"])
    zsh.complete("atlasjob list --color=al", ["--color=always"])
    zsh.complete("atlasjob pause g", ["atlasjob pause gpu"])
    zsh.complete(
        "atlasjob status ",
        ["3 ", "-- running: sync", "-- done: nightly: all", "-- queued: make -j8"],
    )
    zsh.complete("atlasjob cancel ", ["-- running: sync", "-- queued: make -j8"], ["nightly"])
    zsh.complete("atlasjob retry ", ["-- done: nightly: all"], ["make -j8"])
    zsh.complete(f"atlasjob --ledger {SCRATCH}/other.db status ", ["-- queued: elsewhere"], ["sync"])
    zsh.complete("atlasjob submit --batch a-f", ["a-file.json"])
    zsh.complete("atlasjob run -- printe", ["printenv"])
    # Without a ledger completion creates nothing and prints no error.
    zsh.complete(f"atlasjob --ledger {SCRATCH}/empty/l.db status ", [], ["atlasjob:", "rror"])
    if os.listdir(f"{SCRATCH}/empty"):
        sys.exit("zsh: completion created a ledger")


START = "autoload -Uz compinit && compinit -u -d $HOME/.zcompdump"
os.chdir(SCRATCH)
# As a package installs the function, and as a user loads it.
check(Zsh(f"fpath=({SCRATCH}/functions $fpath); {START}"))
check(Zsh(f"{START}; source <(atlasjob completion zsh)"))
