"""Types lines and TAB into a zsh on a pseudo-terminal and looks at what it lists.

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
PATIENCE = 120  # Seconds until a shell that says nothing is given up.
ESCAPES = re.compile(rb"\x1b\[[0-9;?]*[a-zA-Z]|\x1b[=>]|\r|\x07")


class Zsh:
    """A zsh at its prompt."""

    def __init__(self, load):
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.environ["TERM"] = "xterm"
            os.execlp("zsh", "zsh", "-f", "-i")
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 500, 160, 0, 0))
        self.seen = b""
        self.count = 0
        self.command("PS1='> '; unsetopt beep prompt_cr zle_bracketed_paste; LISTMAX=1000")
        self.command("stty rows 500 cols 160")
        self.command(load)

    def send(self, text):
        os.write(self.terminal, text.encode())

    def wait_for(self, text):
        """Reads on until all of it has been seen since the last clear."""
        wanted = text.encode()
        while wanted not in self.seen:
            ready, _, _ = select.select([self.terminal], [], [], PATIENCE)
            if not ready:
                sys.exit(f"zsh: no {text!r} in {self.seen.decode(errors='replace')!r}")
            self.seen += ESCAPES.sub(b"", os.read(self.terminal, 65536))

    def command(self, line):
        """Runs a line, to its end."""
        self.count += 1
        self.send(f"{line}\nprint -r -- done''-{self.count}-\n")
        self.wait_for(f"done-{self.count}-")
        self.seen = b""

    def complete(self, line, expected, unexpected=()):
        """Types the line and TAB; all of `expected` must come, and none of `unexpected`."""
        self.send(line + "\t")
        for text in expected:
            self.wait_for(text)
        # The line is thrown away; what the list still had to say comes before this is answered.
        self.count += 1
        self.send(f"\x15print -r -- done''-{self.count}-\n")
        self.wait_for(f"done-{self.count}-")
        for text in unexpected:
            if text.encode() in self.seen:
                sys.exit(f"zsh: {line!r} offers {text!r}: {self.seen.decode(errors='replace')!r}")
        self.seen = b""


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
    # A ledger that is not there: nothing is made and nothing complained of.
    zsh.complete(f"atlasjob --ledger {SCRATCH}/empty/l.db status ", [], ["atlasjob:", "rror"])
    if os.listdir(f"{SCRATCH}/empty"):
        sys.exit("zsh: completing made a ledger")


START = "autoload -Uz compinit && compinit -u -d $HOME/.zcompdump"
os.chdir(SCRATCH)
# As a package installs it, and as a person loads it.
check(Zsh(f"fpath=({SCRATCH}/functions $fpath); {START}"))
check(Zsh(f"{START}; source <(atlasjob completion zsh)"))
