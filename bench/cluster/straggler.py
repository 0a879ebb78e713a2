#!/usr/bin/env python3
"""How much a job suffers when one of its ranks is five times slower than the others.

    bench/cluster/straggler.py build/release/bin/partita [--ranks 2] [--rounds 3] [--only "knn search"]
        [--most 1.3]

The last rank is held by SIGSTOP for four fifths of the time. Ranks of speeds 1, 1 ... and 1/5 would
ideally take ranks / (ranks - 4/5) times as long as equal ones; with equal shares for all it would be
5 times. One JSON line for each job: seconds of equal ranks and with a slow one (medians), the ideal,
and the ratio to it. With --most, a larger ratio is an error: exit status 1.
"""

import argparse
import json
import os
import signal
import statistics
import subprocess
import tempfile
import threading
import time
from pathlib import Path

SLOWDOWN = 5
PERIOD_SECONDS = 0.05


def ranks_of(launcher, binary):
    """The job's processes, by rank."""
    found = {}
    for child in Path(f"/proc/{launcher}/task/{launcher}/children").read_text().split():
        try:
            if os.path.samefile(os.readlink(f"/proc/{child}/exe"), binary):
                variables = Path(f"/proc/{child}/environ").read_bytes().split(b"\0")
                rank = [v for v in variables if v.startswith(b"OMPI_COMM_WORLD_RANK=")][0]
                found[int(rank.split(b"=")[1])] = int(child)
        except OSError:
            pass
    return found


class Brake(threading.Thread):
    """Lets a process run for a fifth of the time."""

    def __init__(self, process):
        super().__init__(daemon=True)
        self.process, self.over = process, threading.Event()

    def run(self):
        try:
            while not self.over.is_set():
                os.kill(self.process, signal.SIGSTOP)
                self.over.wait(PERIOD_SECONDS * (SLOWDOWN - 1) / SLOWDOWN)
                os.kill(self.process, signal.SIGCONT)
                self.over.wait(PERIOD_SECONDS / SLOWDOWN)
        except ProcessLookupError:
            pass


def seconds(options, folder, command, begin, slow):
    """The time from an event to the job's end, as the job says so."""
    events = os.path.join(folder, "events")
    os.mkfifo(events)
    job = subprocess.Popen(
        ["mpirun", "-q", "--oversubscribe", "--allow-run-as-root", "--bind-to", "none", "-n",
         str(options.ranks), options.partita, *command, "--threads", "1", "--overwrite",
         "--events", events], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    brake, start, end = None, None, None
    with open(events) as lines:
        for line in lines:
            event = json.loads(line)
            if event["event"] == begin:
                start = time.monotonic()
                if slow:
                    brake = Brake(ranks_of(job.pid, options.partita)[options.ranks - 1])
                    brake.start()
            if event["event"] == "finish":
                end = time.monotonic()
                if brake:
                    brake.over.set()
    if brake:
        brake.join()
    if job.wait() != 0:
        raise SystemExit(f"{command}: exit status {job.returncode}")
    os.remove(events)
    return end - start


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("partita", type=os.path.abspath)
    parser.add_argument("--ranks", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="", help="jobs whose names begin so")
    parser.add_argument("--most", type=float, help="fail where a ratio to the ideal is larger")
    options = parser.parse_args()
    too_slow = []
    with tempfile.TemporaryDirectory(prefix="partita-straggler-") as folder:
        def run(*command):
            subprocess.run([options.partita, *command], cwd=folder, check=True,
                           stdout=subprocess.DEVNULL)
        run("make-data", "v.npy", "--rows", "200000", "--dim", "64", "--kind", "hard")
        run("knn", "build", "v.npy", "--type", "ivf", "--out", "v.index")
        rows = "".join(f"{i},{i % 89}.5,{i % 7},{i % 3}\n" for i in range(40000))
        Path(folder, "small.csv").write_text("id,a,b,c\n" + rows)
        Path(folder, "big.csv").write_text("id,a,b,c\n" + rows * 300)
        words = "".join(f"word{i * 7919 % 5003} of line {i % 977}\n" for i in range(200000))
        Path(folder, "text.txt").write_text(words * 200)
        run("train", "kmeans", "small.csv", "--features", "a,b,c", "-k", "40", "--out", "m")
        search = ["knn", "search", "v.index", "v.npy", "--nprobe", "64", "--out"]
        jobs = {"knn search": ([*search, "nn.h5"], "knn.broadcast"),
                "knn search to csv": ([*search, "nn.csv"], "knn.broadcast"),
                "knn search to csr": ([*search, "nn.csr.h5", "--format", "csr"], "knn.broadcast"),
                "knn graph": (["knn", "graph", "v.npy", "--type", "ivf", "--nprobe", "64", "--out",
                               "graph.h5"], "knn.broadcast"),
                "predict": (["predict", "m", "big.csv", "--id", "id", "--proba", "--out", "s.csv"],
                            "table.open"),
                "wordcount": (["wordcount", "text.txt", "--out", "w.csv"],
                              "text.open")}
        for name, (command, begin) in jobs.items():
            if not name.startswith(options.only):
                continue
            equal, slowed = [], []
            for _ in range(options.rounds):
                equal.append(seconds(options, folder, command, begin, False))
                slowed.append(seconds(options, folder, command, begin, True))
            ideal = statistics.median(equal) * options.ranks / (options.ranks - 1 + 1 / SLOWDOWN)
            ratio = round(statistics.median(slowed) / ideal, 3)
            if options.most is not None and ratio > options.most:
                too_slow.append(f"{name}: {ratio} times the ideal, expected {options.most} at most")
            print(json.dumps({"name": f"straggler {name}", "ranks": options.ranks,
                              "equal_seconds": round(statistics.median(equal), 3),
                              "slow_seconds": round(statistics.median(slowed), 3),
                              "ideal_seconds": round(ideal, 3),
                              "ratio_to_ideal": ratio}), flush=True)
    if too_slow:
        raise SystemExit("straggler: " + "; ".join(too_slow))


if __name__ == "__main__":
    main()
