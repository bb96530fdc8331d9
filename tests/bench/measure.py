"""Runs a command and writes down what it took, for the benches of this folder.

  python3 measure.py FILE [--alone] [--runs=N] [NAME=PID]... -- COMMAND...

One line is added to FILE: peak memory in MiB, CPU seconds of the command, then those that each named server
and what stands below it used meanwhile. The peak is the sum of each process's own peak (VmHWM), looked at
twenty times a second; with --alone that of the command's first process, whose children do not count (a command
line of the broker, say). Where the command does its work N times, CPU seconds are
divided by it. Ends with the exit code of the command.
"""
import glob
import os
import subprocess
import sys
import time

TICKS = os.sysconf("SC_CLK_TCK")


def stat(pid):
    """Fields of /proc/PID/stat from the state on; none where it has gone."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(") ")[2].split()
    except OSError:
        return None


def below(pid):
    """The process and all below it."""
    found, left = [], [pid]
    while left:
        one = left.pop()
        found.append(one)
        for path in glob.glob(f"/proc/{one}/task/*/children"):
            try:
                with open(path, encoding="ascii") as file:
                    left += map(int, file.read().split())
            except OSError:
                pass  # it has ended
    return found


def cpu(pid, alone=False):
    """CPU seconds of a process; with those below it unless alone, and those of its children that ended."""
    ticks = 0
    for one in [pid] if alone else below(pid):
        if fields := stat(one):
            ticks += sum(map(int, fields[11:13] if alone else fields[11:15]))
    return ticks / TICKS


def memory(pid, key="VmHWM"):
    """A line of /proc/PID/status in KiB; 0 where the process has gone."""
    try:
        with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as file:
            return next((int(line.split()[1]) for line in file if line.startswith(f"{key}:")), 0)
    except OSError:
        return 0


class Watch:
    """What a command has taken so far."""

    def __init__(self, pid, alone):
        self.pid, self.alone, self.peaks = pid, alone, {}

    def look(self):
        for one in [self.pid] if self.alone else below(self.pid):
            self.peaks[one] = max(self.peaks.get(one, 0), memory(one))

    def until_the_end(self):
        """Waits; gives the exit code, the peak in MiB and the CPU seconds."""
        while True:
            self.look()
            # Left unreaped until its figures are read.
            if os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                break
            time.sleep(0.05)
        used = cpu(self.pid, self.alone)
        _, status = os.waitpid(self.pid, 0)
        return os.waitstatus_to_exitcode(status), sum(self.peaks.values()) / 1024, used


def main(words):
    at = words.index("--")
    file, more = words[0], words[1:at]
    alone = "--alone" in more
    runs = next((int(word.partition("=")[2]) for word in more if word.startswith("--runs=")), 1)
    servers = [int(word.partition("=")[2]) for word in more if "=" in word and not word.startswith("-")]
    before = [cpu(pid) for pid in servers]
    child = subprocess.Popen(words[at + 1:])
    code, peak, used = Watch(child.pid, alone).until_the_end()
    after = [cpu(pid) for pid in servers]
    with open(file, "a", encoding="ascii") as out:
        print(f"{peak:.0f} {used / runs:.2f}", *(f"{(b - a) / runs:.2f}" for a, b in zip(before, after)), file=out)
    sys.exit(code if code >= 0 else 128 - code)


if __name__ == "__main__":
    main(sys.argv[1:])
