"""Neighbour graphs at scale: time by phase, memory, recall, and how they grow.

    python3 bench/knn/scale.py BUILD_DIR [--runs small,growth,10m_500k,10m] [--folder DIR] [--peers PYTHON]

Makes hard vectors (100 dimensions, clusters that overlap and spread in 12 dimensions), runs the
`partita` command on them, and prints one JSON line a run:

    small     500,000 x 500,000, and by the angle for rising recall, and with --peers Annoy, hnswlib
              and FAISS IVF on the same vectors by the angle
    growth    1 and 3 million vectors among themselves
    10m_500k  500,000 queries in 10 million vectors
    10m       10 million among themselves, on one rank of two threads and on two ranks of one

seconds are by phase, as the command's events tell them. The peak of memory is that of the ranks'
private memory and of one copy of each mapped file, the index included; processor_seconds are those of
all threads and of mpirun. Recall is measured on 1,000 queries
whose neighbours are computed exactly. share_of_peak compares the multiplications that the search
needs (coarse step and lists) with what the cores could do in the time that it took.
PYTHON has numpy, annoy, hnswlib and faiss-cpu: python3 -m venv, pip install.
"""

import argparse
import json
import math
import os
import re
import resource
import shutil
import struct
import subprocess
import sys
import tempfile
import time

from search_memory import node_bytes

DIM, K, NEIGHBORS_SAMPLED = 100, 10, 1000
HERE = os.path.dirname(os.path.abspath(__file__))
ENVIRONMENT = dict(os.environ, OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1",
                   OMPI_MCA_rmaps_base_oversubscribe="1", OMPI_MCA_hwloc_base_binding_policy="none")


def say(text):
    print(f"[{time.strftime('%H:%M:%S')}] {text}", file=sys.stderr, flush=True)


def emit(**line):
    print(json.dumps(line), flush=True)


def processor_seconds():
    """Of all processes that this one has waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Bench:
    def __init__(self, build, folder):
        self.binary = os.path.abspath(f"{build}/bin/partita")
        self.folder = folder
        line = subprocess.run([f"{build}/bench/knn/exact_bench", "--base", "20000", "--queries", "2000",
                               "-k", "10", "--threads", "2", "--no-peers"], check=True,
                              capture_output=True, text=True, env=ENVIRONMENT).stdout
        self.peak_per_core = json.loads(line)["peak_gflops_per_core"]
        say(f"peak {self.peak_per_core:.0f} GFLOP/s a core")

    def run(self, *command):
        subprocess.run([self.binary, *map(str, command)], check=True, env=ENVIRONMENT)

    def vectors(self, rows):
        path = f"{self.folder}/hard_{rows}.fbin"
        if not os.path.exists(path):
            say(f"making {rows:,} x {DIM}")
            self.run("make-data", path, "--rows", rows, "--dim", DIM, "--kind", "hard",
                     "--clusters", 400, "--quiet")
        return path

    def queries(self, rows, count):
        """`count` more vectors of the set that the first `rows` make."""
        path = f"{self.folder}/hard_{rows}_next_{count}.fbin"
        if not os.path.exists(path):
            longer = self.vectors(rows + count)
            with open(longer, "rb") as source, open(path, "wb") as target:
                source.seek(8 + rows * DIM * 4)
                target.write(struct.pack("<II", count, DIM))
                shutil.copyfileobj(source, target, 1 << 24)
            os.remove(longer)
        return path

    def job(self, ranks, threads, *arguments):
        """Run the command; returns wall and processor seconds, peak bytes and its events."""
        events = f"{self.folder}/events.json"
        if os.path.exists(events):
            os.remove(events)
        command = [self.binary, *map(str, arguments), "--threads", str(threads), "--overwrite",
                   "--scratch", self.folder, "--memory", f"{4096 // ranks}M", "--quiet", "--events", events]
        if ranks > 1:
            command = ["mpirun", "-q", "-n", str(ranks), *command]
        start, peak, last, before = time.monotonic(), 0, 0.0, processor_seconds()
        job = subprocess.Popen(command, env=ENVIRONMENT, stdin=subprocess.DEVNULL)
        while job.poll() is None:
            peak = max(peak, node_bytes(self.binary))
            if time.monotonic() - last > 10:
                last = time.monotonic()
                say(f"{' '.join(map(str, arguments[:2]))}: {last - start:.0f} s, {peak / 2**30:.2f} GiB at most")
            time.sleep(0.2)
        seconds, processor = time.monotonic() - start, processor_seconds() - before
        if job.returncode != 0:
            sys.exit(f"{' '.join(command)} ended with {job.returncode}")
        with open(events) as file:
            return seconds, processor, peak, [json.loads(line) for line in file]

    def recall(self, result):
        text = subprocess.run([self.binary, "knn", "eval", result, "--exact-sample",
                               str(NEIGHBORS_SAMPLED)], check=True, capture_output=True, text=True,
                              env=ENVIRONMENT).stdout
        return float(re.search(r"by id\s+([\d.]+)", text).group(1))

    def phases(self, total, events):
        seconds = {e["event"].removeprefix("knn."): round(e["seconds"], 2) for e in events
                   if e["event"].startswith("knn.") and "seconds" in e}
        seconds["rest"] = round(total - sum(seconds.values()), 2)  # search, where it has no event
        return dict(seconds, total=round(total, 2))

    def share_of_peak(self, rows, queries, lists, nprobe, seconds):
        # The coarse step looks at all centroids, or at those of a quarter of the groups.
        groups = round(math.sqrt(lists))
        coarse = lists if lists < 4096 else groups + lists / groups * (groups // 4 + nprobe // 4)
        gflop = 2e-9 * DIM * queries * (coarse + nprobe * rows / lists)
        return round(gflop / seconds / (2 * self.peak_per_core), 3)

    def graph(self, rows, nprobe, ranks=1, threads=2, metric="l2", lists=None):
        result = f"{self.folder}/graph.h5"
        vectors = self.vectors(rows)
        total, processor, peak, events = self.job(
            ranks, threads, "knn", "graph", vectors, "--type", "ivf", "--metric", metric, "-k", K,
            *(("--lists", lists) if lists else ()), "--nprobe", nprobe, "--out", result)
        lists = next(e["lists"] for e in events if e["event"] == "knn.train")
        phases = self.phases(total, events)
        emit(name="knn.scale.graph", metric=metric, rows=rows, dim=DIM, k=K, lists=lists, nprobe=nprobe, ranks=ranks,
             threads=threads, seconds=phases, processor_seconds=round(processor, 2),
             peak_bytes=peak, recall=self.recall(result), share_of_peak=self.share_of_peak(rows, rows, lists, nprobe,
                                              phases.get("search", phases["rest"])))

    def search(self, rows, queries, nprobe):
        index, result = f"{self.folder}/base.index", f"{self.folder}/search.h5"
        built, _, build_peak, events = self.job(1, 2, "knn", "build", self.vectors(rows), "--type", "ivf",
                                             "--out", index)
        lists = next(e["lists"] for e in events if e["event"] == "knn.train")
        total, processor, peak, _ = self.job(1, 2, "knn", "search", index, self.queries(rows, queries),
                                             "-k", K, "--nprobe", nprobe, "--out", result)
        emit(name="knn.scale.search", rows=rows, queries=queries, dim=DIM, k=K, lists=lists,
             nprobe=nprobe, ranks=1, threads=2, seconds=dict(self.phases(built, events), search=total),
             processor_seconds_of_search=round(processor, 2),
             peak_bytes=max(peak, build_peak), recall=self.recall(result),
             share_of_peak=self.share_of_peak(rows, queries, lists, nprobe, total))
        os.remove(index)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--runs", default="small,growth,10m_500k,10m")
    parser.add_argument("--folder", help="for vectors, which are kept, and results (20 GB)")
    parser.add_argument("--peers", help="a Python that has numpy, annoy, hnswlib and faiss")
    parser.add_argument("--nprobe", type=int, default=16)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir="/var/tmp") as temporary:
        bench = Bench(arguments.build, arguments.folder or temporary)
        runs = arguments.runs.split(",")
        if "small" in runs:
            bench.graph(500_000, 8)
            bench.graph(500_000, 16)
            bench.graph(500_000, 2, metric="cosine", lists=1_000)
            for nprobe in (8, 16, 32, 64, 128):
                bench.graph(500_000, nprobe, metric="cosine")
            if arguments.peers:
                subprocess.run([arguments.peers, f"{HERE}/scale_peers.py", bench.vectors(500_000)],
                               check=True)
        if "growth" in runs:
            for millions in (1, 3):
                bench.graph(millions * 1_000_000, arguments.nprobe)
        if "10m_500k" in runs:
            bench.search(10_000_000, 500_000, arguments.nprobe)
        if "10m" in runs:
            bench.graph(10_000_000, arguments.nprobe)
            bench.graph(10_000_000, arguments.nprobe, ranks=2, threads=1)


if __name__ == "__main__":
    main()
