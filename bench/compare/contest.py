"""Runs the contestants of a job, each in processes of its own, and watches their memory."""

import glob
import json
import os
import subprocess
import sys
import threading
import time


def tree_of(process):
    """A process and all that it started."""
    children = {}
    for path in glob.glob("/proc/[0-9]*/stat"):
        try:
            with open(path) as file:
                fields = file.read().rpartition(")")[2].split()
            children.setdefault(int(fields[1]), []).append(int(path.split("/")[2]))
        except OSError:
            pass
    found = [process]
    for one in found:
        found += children.get(one, [])
    return found


def memory_of(process):
    """Bytes of a process tree; what processes share is counted once (proportional sizes)."""
    total = 0
    for one in tree_of(process):
        try:
            with open(f"/proc/{one}/smaps_rollup") as file:
                total += sum(int(line.split()[1]) for line in file if line.startswith("Pss:"))
        except OSError:
            pass
    return total * 1024


class Watched:
    """Runs a command; afterwards: seconds, the most memory it had, what it printed."""

    def __init__(self, command, errors):
        start = time.perf_counter()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=errors, text=True)
        self.peak, ended = 0, threading.Event()

        def watch():
            while not ended.wait(0.1):
                self.peak = max(self.peak, memory_of(process.pid))

        watcher = threading.Thread(target=watch)
        watcher.start()
        self.output = process.communicate()[0]
        self.seconds = time.perf_counter() - start
        ended.set()
        watcher.join()
        self.status = process.returncode


class Contest:
    def __init__(self, job, inputs, folder):
        self.job, self.inputs, self.folder = job, inputs, folder
        self.rows = []

    def answer(self, name):
        return os.path.join(self.folder, f"{self.job}.{name}." +
                            ("npy" if self.job == "graph" else "csv"))

    def run(self, name, commands):
        for path in (self.answer(name), self.answer(name) + ".h5"):
            if os.path.exists(path):
                os.remove(path)
        whole = job = peak = 0
        with open(os.path.join(self.folder, f"{self.job}.{name}.log"), "w") as errors:
            for i, command in enumerate(commands):
                done = Watched(command, errors)
                if done.status != 0:
                    print(f"compare: {self.job} by {name} failed or is not installed: see "
                          f"{errors.name}", file=sys.stderr)
                    return
                whole, peak = whole + done.seconds, max(peak, done.peak)
                job += self.job_seconds(name, i, done)
        self.rows.append({"job": self.job, "by": name, "whole_seconds": round(whole, 3),
                          "job_seconds": round(job, 3), "peak_bytes": peak})
        print(json.dumps(self.rows[-1]), file=sys.stderr, flush=True)

    def job_seconds(self, name, i, done):
        """Without starting: partita's own event, or what a peer printed."""
        if name != "partita":
            return json.loads(done.output.splitlines()[-1])["seconds"]
        with open(f"{self.answer(name)}.{i}.events") as file:
            for line in file:
                if '"finish"' in line:
                    return json.loads(line)["elapsed_seconds"]
        return 0

    def compare(self, agree, python):
        ours = self.rows[0] if self.rows and self.rows[0]["by"] == "partita" else None
        if ours is None:
            sys.exit(f"compare: {self.job} by partita failed: see its log in {self.folder}")
        for row in self.rows:
            row["agrees"], row["how"] = agree(self, row["by"], python)
            row["ratio_job"] = round(row["job_seconds"] / ours["job_seconds"], 2)
            row["ratio_whole"] = round(row["whole_seconds"] / ours["whole_seconds"], 2)


def write_table(path, contests):
    lines = ["| job | by | s, reading to writing | times ours | s, whole process | times ours | "
             "peak memory, MB | answer |", "|---|---|---|---|---|---|---|---|"]
    for contest in contests:
        for row in contest.rows:
            ours = row["by"] == "partita"
            lines.append("| " + " | ".join([
                contest.job if ours else "", row["by"], f"{row['job_seconds']:.2f}",
                "" if ours else f"{row['ratio_job']:.1f}", f"{row['whole_seconds']:.2f}",
                "" if ours else f"{row['ratio_whole']:.1f}", f"{row['peak_bytes'] / 1e6:.0f}",
                row["how"] if row["agrees"] else f"**DIFFERS**: {row['how']}"]) + " |")
    with open(path, "w") as file:
        file.write("\n".join(lines) + "\n")
