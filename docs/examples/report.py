#!/usr/bin/env python3
"""A job that reports its progress, in Python: one JSON object per line on the report channel.

    atlasjob submit --kind demo -- docs/examples/report.py
"""

import json
import os


def open_channel():
    """The report channel, or None outside a job. The descriptor stays open for child processes."""
    fd = os.environ.get("ATLASJOB_REPORT_FD")
    return os.fdopen(int(fd), "w", buffering=1, closefd=False) if fd else None


CHANNEL = open_channel()


def report(**what):
    """Any of progress, phase, message, current, total, result."""
    if CHANNEL:
        # One write per line, so that several processes of one job can report.
        CHANNEL.write(json.dumps(what) + "\n")


def main():
    total = 4
    for current in range(1, total + 1):
        report(phase="counting", current=current, total=total, progress=current / total)
    report(message=f"counted to {total}", result={"counted": total})


if __name__ == "__main__":
    main()
