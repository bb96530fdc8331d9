"""A hub as in production and the machines that send to it, for the benches of this folder. Time runs as it does."""
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

from desk import KEY, Desk, private
from measure import memory

HUB = "431321/hub"
NODE = "431321/bench"
PATIENCE_S = 3600


def beside_servers():
    """Starts this program again beside servers of its own, unless the environment names some."""
    if not os.environ.get("TONGCHA_PG_URL"):
        servers = os.path.join(os.path.dirname(os.path.realpath(__file__)), "servers")
        os.execv(servers, [servers, sys.executable, os.path.realpath(sys.argv[0]), *sys.argv[1:]])


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def until(happened, what, pause=0.1):
    """Waits for something, not for ever."""
    end = time.monotonic() + PATIENCE_S
    while not happened():
        if time.monotonic() > end:
            sys.exit(f"{what}: not within {PATIENCE_S} s")
        time.sleep(pause)


class Hub:
    """`tongcha hub` with its default limits and a schema of its own, which is dropped at the end. Its questions to
    the database are the only ones of the benches that know a table of the product."""

    def __init__(self, tool, nodes=(NODE,)):
        self.tool = tool
        self.place = tempfile.TemporaryDirectory()
        self.folder = self.place.name
        self.schema = f"bench_{os.getpid()}_{os.path.basename(self.folder).lower()}"
        self.port = free_port()
        self.keys = os.path.join(self.folder, "keys")
        self.env = dict(os.environ, BENCH_KEY=KEY, BENCH_SEAL=KEY)
        subprocess.run([tool, "keys", "node", self.keys], check=True, stdout=subprocess.DEVNULL)
        self.config = private(os.path.join(self.folder, "hub.toml"), (
            f'[hub]\nname = "{HUB}"\nlisten = "127.0.0.1:{self.port}"\npages = "127.0.0.1:{free_port()}"\n'
            'spool = "spool"\nseal_env = "BENCH_SEAL"\nmost_waiting = 1000000\n'
            f'[database]\nurl_env = "TONGCHA_PG_URL"\nschema = "{self.schema}"\n'
            '[bus]\nurl_env = "TONGCHA_AMQP_URL"\n'
            + "".join(f'[[node]]\nname = "{node}"\npublic_key_file = "keys/node.pub"\n' for node in nodes)))

    def start(self):
        """Starts the process, and waits until it takes data."""
        self.process = subprocess.Popen([self.tool, "hub", "--config", self.config],
                                        env=dict(self.env, TONGCHA_LOG="info"), stderr=self.log)
        until(self.answers, "the hub listens")

    def stop(self):
        """Ends the process in order; what it stored stays."""
        self.process.terminate()
        self.process.wait()

    def __enter__(self):
        self.log = open(os.path.join(self.folder, "hub.log"), "w+", encoding="utf-8")
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.query(f"drop schema if exists {self.schema} cascade")
        self.log.close()
        self.place.cleanup()

    def answers(self):
        """Whether it takes data; ends the bench where it has died."""
        if self.process.poll() is not None:
            self.log.seek(0)
            sys.exit(self.log.read())
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/v1/health", timeout=5) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def query(self, text):
        """What psql prints, of its tables."""
        env = dict(os.environ, PGOPTIONS=f"-c search_path={self.schema}")
        done = subprocess.run(["psql", os.environ["TONGCHA_PG_URL"], "-XAtqc", text], env=env, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode:
            sys.exit(f"psql: {done.stderr}")
        return done.stdout.strip()

    def envelopes(self):
        """Envelopes admitted."""
        return int(self.query("select count(*) from envelope"))

    def whole(self):
        """Whether every record that was admitted is decided."""
        return self.query("select count(*) from envelope where completed_ms is null") == "0"

    def last_commit(self):
        """When the last envelope was decided to its end, in seconds since 1970."""
        return int(self.query("select max(completed_ms) from envelope")) / 1000

    def duplicates(self):
        """Records that were known."""
        return int(self.query("select coalesce(sum(duplicate), 0) from envelope"))

    def cards(self):
        """Cards that stand."""
        return int(self.query("select count(*) from card"))

    def carded(self):
        """Numbers of the cases that have a card."""
        return set(self.query("select distinct case_no from card").split())

    def asker(self):
        """A connection that stays open, for questions that are asked often: gives the lines of an answer."""
        env = dict(os.environ, PGOPTIONS=f"-c search_path={self.schema}")
        psql = subprocess.Popen(["psql", os.environ["TONGCHA_PG_URL"], "-XAtq"], env=env, text=True,
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE)

        def ask(text):
            psql.stdin.write(text + ";\n\\echo .\n")
            psql.stdin.flush()
            return [line.rstrip("\n") for line in iter(psql.stdout.readline, ".\n") if line or sys.exit("psql ended")]

        return ask

    @staticmethod
    def carded_among(ask, numbers):
        """Which of these cases have a card."""
        listed = ",".join(f"'{number}'" for number in numbers)
        return set(ask("select case_no from card where space = (select min(space) from card)"
                       f" and case_no in ({listed})"))

    def rows(self):
        """Rows of the 14 tables, about."""
        self.query("analyze")
        return round(float(self.query("select coalesce(sum(reltuples), 0) from pg_class where relkind = 'r'"
                                      f" and relname like 'el\\_%' and relnamespace = '{self.schema}'::regnamespace")))

    def settle(self):
        """Waits until all is decided, and no card has come for some looks."""
        until(self.whole, "every record is decided")
        seen = []
        until(lambda: seen.append(self.cards()) or seen[-6:] == [seen[-1]] * 6, "every case is judged", 1)

    def put_off(self):
        """How often a sender was put off so far."""
        self.log.flush()
        with open(self.log.name, encoding="utf-8") as text:
            return len(re.findall("put off|not admitted", text.read()))

    def memory(self, key="VmHWM"):
        """A line of its /proc/PID/status, in MiB."""
        return memory(self.process.pid, key) / 1024

    def desk(self, name="desk", files_per_envelope=1):
        """A machine with an exchange directory, whose files are of the load generator's format."""
        folder = os.path.join(self.folder, name)
        drop = os.path.join(folder, "drop")
        desk = Desk(self.tool, folder, self.port, (
            f'kind = "xml_dir"\ndir = "drop"\ndialect = "bench14"\nquiet_seconds = 0\n'
            f'files_per_envelope = {files_per_envelope}'), node=NODE, key=f'key_file = "{self.keys}/node.key"')
        os.mkdir(drop)
        desk.drop = drop
        return desk


def drop(desk, cases, by, files=None):
    """Lays all files of the cases, or the first so many, into the exchange directory, their numbers shifted."""
    for path in cases.files()[:files]:
        put(desk, os.path.basename(path).replace(".xml", f"-{by}.xml"), cases.shifted(path, by))


def put(desk, name, text):
    """Lays a file into the exchange directory: written beside it and renamed, as the manual asks."""
    draft = os.path.join(desk.folder, name)
    with open(draft, "wb") as out:
        out.write(text)
    os.rename(draft, os.path.join(desk.drop, name))


def take(desk):
    """The agent takes and sends all there is; seconds until it has every receipt, and when it began."""
    began, at = time.monotonic(), time.time()
    child = desk.start("--once")
    if child.wait() != 0:
        # It ends with 1 where a record was refused, which the generator's files hold by intention.
        if left := [name for name in os.listdir(desk.drop) if name.endswith(".xml")]:
            sys.exit(f"the agent left {len(left)} files")
    return time.monotonic() - began, at
