"""Documents for the benches of this folder: the native one of any size, and those of the load generator.

  python3 cases.py CASES     makes CASES cases in files of 100, unless they are there, and prints their folder
"""
import json
import os
import re
import shutil
import subprocess
import sys

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
PER_FILE = 100


def generate(binary, path, size):
    """The sample case again and again under other numbers; gives how many cases."""
    sample = subprocess.run([binary, "schema", "sample"], check=True, stdout=subprocess.PIPE, text=True).stdout
    start, rest = re.split(r"(?=\n    <Case )", sample, maxsplit=1)
    case, end = re.split(r"(?<=</Case>)", rest, maxsplit=1)
    number = re.search(r'caseId="([^"]*)"', case).group(1)
    records = sample.count(" seq=")
    cases = max(1, size // len(case.encode()))
    start = re.sub(r"(<RecordCount>)\d+", lambda m: m.group(1) + str(cases * records), start)
    parts = case.split(number)
    with open(path, "w", encoding="utf-8") as out:
        out.write(start)
        for n in range(cases):
            out.write(f"{number[:-7]}{n:07d}".join(parts))
        out.write(end)
    return cases


def peers():
    """The folder of the generator and the peers, which are no part of this repository."""
    folder = os.path.realpath(os.environ.get("TONGCHA_BENCH") or os.path.join(ROOT, "..", "shared", "bench"))
    if not os.path.exists(os.path.join(folder, "gen.py")):
        sys.exit(f"no generator in {folder}\nhint: TONGCHA_BENCH names its folder")
    return folder


def work():
    """The folder for what the benches make and keep."""
    target = os.environ.get("CARGO_TARGET_DIR") or os.path.join(ROOT, "target")
    folder = os.path.realpath(os.environ.get("TONGCHA_BENCH_WORK") or os.path.join(target, "bench"))
    os.makedirs(folder, exist_ok=True)
    return folder


class Cases:
    """So many cases of the generator, in files of 100, kept for the next run. Its folder also holds the scripts
    of the peers that look for the fields and the data beside themselves."""

    def __init__(self, count):
        if count < PER_FILE or count % PER_FILE:
            sys.exit(f"{count} cases: a multiple of {PER_FILE} is wanted")
        self.folder = os.path.join(work(), f"cases-{count}")
        counts = os.path.join(self.folder, "data", "expected.json")
        if not os.path.exists(counts):
            shutil.rmtree(self.folder, ignore_errors=True)
            os.makedirs(self.folder)
            for name in ("gen.py", "fields.tsv"):
                shutil.copyfile(os.path.join(peers(), name), os.path.join(self.folder, name))
            subprocess.run([sys.executable, "gen.py", str(count), str(PER_FILE)], cwd=self.folder,
                           check=True, stdout=subprocess.DEVNULL)
            # Nothing here reads it.
            shutil.rmtree(os.path.join(self.folder, "data", "gbk"))
        shutil.rmtree(os.path.join(self.folder, "peers"), ignore_errors=True)
        os.mkdir(os.path.join(self.folder, "peers"))
        for name in os.listdir(os.path.join(peers(), "peers")):
            if name.endswith(".py"):
                shutil.copyfile(os.path.join(peers(), "peers", name), os.path.join(self.folder, "peers", name))
        with open(counts, encoding="ascii") as file:
            self.expected = json.load(file)
        self.data = os.path.join(self.folder, "data", "utf8")
        self.count = count

    def files(self):
        """Its files, in order."""
        return [os.path.join(self.data, name) for name in sorted(os.listdir(self.data))]

    def numbers(self, path):
        """The numbers of a file's cases, in order."""
        with open(path, "rb") as file:
            return [number.decode() for number in re.findall(rb"<CASE_NO>(\d+)", file.read())]

    @staticmethod
    def number(number, by):
        """A case's number in a shifted file."""
        return f"{number[:14]}{int(number[14:]) + by:08d}"

    def shifted(self, path, by):
        """The bytes of a file, each case under a number and an exchange of its own that are greater by so many
        cases."""
        with open(path, "rb") as file:
            text = file.read()
        text = re.sub(rb"(?<=<CASE_NO>)(\d{14})(\d{8})", lambda m: m[1] + b"%08d" % (int(m[2]) + by), text)
        return re.sub(rb"(?<=<EXCHANGE_ID>)([0-9a-f]{24})([0-9a-f]{8})",
                      lambda m: m[1] + b"%08x" % ((int(m[2], 16) + by) % (1 << 32)), text)


if __name__ == "__main__":
    if len(sys.argv) != 2 or not sys.argv[1].isdigit():
        sys.exit(__doc__)
    print(Cases(int(sys.argv[1])).folder)
