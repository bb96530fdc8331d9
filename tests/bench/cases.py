"""A native document of any size, for the benches of this folder."""
import re
import subprocess


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
