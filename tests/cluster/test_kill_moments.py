"""A random rank is killed at a random moment; the job goes on from there, or, where it is short,
from its beginning, and makes the same bytes.

MOMENTS=30 kills so often in each job (default 1); TEST_SEED repeats a run.
"""

import os
import random
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
from partita_case import BINARY, MPIEXEC, PartitaCase, ranks_of  # noqa: E402

SEED = int(os.environ.get("TEST_SEED", random.randrange(1 << 30)))
MOMENTS = int(os.environ.get("MOMENTS", "1"))


class KillMoments(PartitaCase):
    def setUp(self):
        super().setUp()
        self.random = random.Random(SEED)
        self.succeed("make-data", "v.npy", "--rows", "20000", "--dim", "32", "--kind", "hard")

    def start(self, ranks, *arguments):
        variables = {k: v for k, v in os.environ.items() if not k.startswith("PARTITA_")}
        # No rank has this number: nobody dies of it, and a record is made whenever it can be.
        variables.update(PARTITA_BIND="keep", PARTITA_KILL_AT="99:0:never")
        return subprocess.Popen([MPIEXEC, "-q", "--timeout", "100", "-n", str(ranks), BINARY,
                                 *arguments], cwd=self.folder, env=variables,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True)

    def kill_one(self, job, moment):
        """Whether a rank was killed before the job was done."""
        try:
            job.wait(moment)
            return False
        except subprocess.TimeoutExpired:
            ranks = ranks_of(job)
        if not ranks:
            return False
        try:
            os.kill(self.random.choice(ranks), signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True

    def check(self, out, *command, resume=("--resume",)):
        """Kill it at random moments of the time that it takes, resume on other numbers of ranks."""
        start = time.monotonic()
        whole = self.start(3, *command, "--out", "whole-" + out)
        said, _ = whole.communicate(timeout=100)
        self.assertEqual(whole.returncode, 0, said)
        seconds = time.monotonic() - start
        killed = 0
        for _ in range(MOMENTS):
            moment, what = self.random.uniform(0.1, seconds), f"TEST_SEED={SEED}"
            ranks, again = self.random.sample((1, 2, 3, 4), 2)
            job = self.start(ranks, *command, "--out", out, *resume)
            hit = self.kill_one(job, moment)
            job.communicate(timeout=100)
            if hit:
                killed += job.returncode != 0
                end = self.start(again, *command, "--out", out, *resume, "--overwrite")
                said, _ = end.communicate(timeout=100)
                self.assertEqual(end.returncode, 0, f"{what}: {said}")
            same = self.read(out) == self.read("whole-" + out)
            self.assertTrue(same, f"{what}: {ranks} ranks killed after {moment:.2f} s, then {again}")
            os.remove(self.path(out))
            left = [name for name in os.listdir(self.folder) if ".partial" in name]
            self.assertEqual(left, [], what)
        self.assertTrue(killed > 0 or MOMENTS < 5, f"TEST_SEED={SEED}: none of {MOMENTS} was killed")
        print(f"{command[0]} {out}: {killed} of {MOMENTS} killed in {seconds:.1f} s")

    def test_graph(self):
        self.check("nn.h5", "knn", "graph", "v.npy", "--type", "ivf", "--nprobe", "40",
                   "--train-sample", "2000", "--memory", "1MiB")

    def test_search(self):
        self.succeed("knn", "build", "v.npy", "--type", "flat", "--out", "v.index")
        self.check("nn.csv", "knn", "search", "v.index", "v.npy", "--memory", "1MiB")

    def test_predictions(self):
        rows = "".join(f"{i},{i % 89}.5,{i % 7}\n" for i in range(40000))
        self.write("small.csv", "id,a,b\n" + rows)
        self.write("big.csv", "id,a,b\n" + rows * 60)
        self.succeed("train", "kmeans", "small.csv", "--features", "a,b", "-k", "5", "--out", "m")
        for out in ("scores.csv", "scores.h5"):
            self.check(out, "predict", "m", "big.csv", "--id", "id", "--proba", "--memory", "4MiB")

    def test_jobs_that_begin_anew(self):
        self.write("text.txt", "".join(f"word{i * 7919 % 5003} of line {i % 977}\n"
                                       for i in range(100000)))
        self.write("table.csv", "id,key,x,label\n" + "".join(
            f"{i},k{i * 31 % 1013},{i * 37 % 101},{int(i * 37 % 101 + i % 13 > 55)}\n"
            for i in range(40000)))
        for out, *command in (
                ("words.csv", "wordcount", "text.txt"),
                ("sums.csv", "reduce", "table.csv", "--key", "key", "--value", "x"),
                ("sorted.csv", "sort", "table.csv", "--key", "key", "--value", "x"),
                ("m.model", "train", "kmeans", "table.csv", "--features", "x,label", "-k", "5")):
            with self.subTest(out):
                self.check(out, *command, "--memory", "4MiB", resume=())


if __name__ == "__main__":
    unittest.main()
