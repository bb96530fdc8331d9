"""A front-end machine with an outbox of its own, for the benches of this folder."""
import base64
import hashlib
import json
import os
import sqlite3
import subprocess
import time

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
KEY = base64.b64encode(bytes(range(32))).decode()


def binary(*features):
    """The release binary, built with these features beside the default ones, or what TONGCHA_BINARY names."""
    if os.environ.get("TONGCHA_BINARY"):
        return os.path.realpath(os.environ["TONGCHA_BINARY"])
    more = ["--features", ",".join(features)] if features else []
    out = subprocess.run(
        ["cargo", "build", "--release", "--locked", "--message-format=json", *more],
        cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    found = [json.loads(line).get("executable") for line in out.splitlines() if line.startswith("{")]
    return [path for path in found if path and os.path.basename(path) == "tongcha"][-1]


def private(path, text):
    """Writes a file that only its owner reads."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        out.write(text)
    return path


def cpu(usage):
    return usage.ru_utime + usage.ru_stime


# Rows of one group, as the agent makes them.
GROUP = 1_000


def plain_bytes(table, key, columns, lines, envelope):
    """Bytes of a table's groups: `lines` are those of all rows' values without the line's end."""
    head = len(json.dumps({"table": table, "key": key, "columns": columns}, separators=(",", ":")).encode()) + 1
    rows = len(lines)
    whole, rest = divmod(rows, envelope)
    groups = whole * -(-envelope // GROUP) + -(-rest // GROUP)
    return groups * head + sum(lines) + rows


class Desk:
    """The machine. Where nobody listens at its hub's address, what it takes stays in the outbox."""

    def __init__(self, tool, folder, port, source, node="431321/bench", key='key_env = "BENCH_KEY"', **env):
        os.mkdir(folder)
        self.folder = folder
        self.outbox = os.path.join(folder, "outbox.db")
        self.config = private(os.path.join(folder, "agent.toml"), (
            f'[node]\nname = "{node}"\norg = "12441500196720244T"\n{key}\n'
            f'[hub]\nname = "431321/hub"\nurl = "http://127.0.0.1:{port}"\n'
            '[outbox]\nfile = "outbox.db"\nseal_env = "BENCH_SEAL"\n'
            f'[[source]]\nname = "bench"\n{source}\n'))
        self.env = dict(os.environ, BENCH_KEY=KEY, BENCH_SEAL=KEY, **env)
        self.tool = tool

    def start(self, *args):
        # It tells on stderr, and with exit code 1, that the parcels wait: that is what is wanted here.
        return subprocess.Popen([self.tool, "agent", *args, "--config", self.config], env=self.env,
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def run(self):
        """Seconds, CPU seconds, and peak memory in KiB of taking all there is."""
        began = time.monotonic()
        child = self.start("--once")
        _, _, usage = os.wait4(child.pid, 0)
        return time.monotonic() - began, cpu(usage), usage.ru_maxrss

    def items(self, of_files=False):
        """Items in whole envelopes, and a digest of their sealed bytes, in the order of their lots. Equal
        rows are sealed to equal bytes under one key; a file is sealed with the time at which it was claimed,
        so that of files the compressed sizes are compared."""
        store = sqlite3.connect(f"file:{self.outbox}?mode=ro", uri=True, timeout=60)
        digest, items, last = hashlib.sha256(), 0, None
        for lot, item, sealed in store.execute(
                "select lot_key, item, bytes from parcel join chunk using (parcel)"
                " where state <> 'packing' order by lot_key, chunk"):
            items += (lot, item) != last
            last = (lot, item)
            digest.update(b"%d/" % len(sealed) if of_files else f"{lot}/{item}/{len(sealed)}/".encode() + sealed)
        store.close()
        return items, digest.hexdigest()

    def plain(self):
        """Bytes of all items in whole envelopes, before they were compressed: of a table, its groups of rows."""
        store = sqlite3.connect(f"file:{self.outbox}?mode=ro", uri=True, timeout=60)
        try:
            return store.execute("select coalesce(sum(plain_bytes), 0) from parcel"
                                 " where state <> 'packing'").fetchone()[0]
        finally:
            store.close()

    def envelopes(self):
        """Whole envelopes so far."""
        try:
            store = sqlite3.connect(f"file:{self.outbox}?mode=ro", uri=True, timeout=60)
            try:
                return store.execute("select count(*) from parcel where state <> 'packing'").fetchone()[0]
            finally:
                store.close()
        except sqlite3.OperationalError:
            return 0  # no file or no table yet
