"""The batch scripts in slurm/, submitted to a real Slurm of this machine's own."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
from partita_case import BINARY  # noqa: E402
from slurm_cluster import SlurmCluster, until, why_not  # noqa: E402

SCRIPTS = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", "slurm"))
SMALL = ("--ntasks-per-node=1", "--ntasks-per-socket=1", "--cpus-per-task=1", "--mem=500")
FILES = ("v.npy", "q.npy", "table.csv", "text.txt")


def has_pending(process, number):
    """Whether a signal waits for a process that is stopped."""
    with open(f"/proc/{process}/status") as file:
        masks = re.findall(r"^(?:SigPnd|ShdPnd):\s*(\w+)", file.read(), re.M)
    return any(int(mask, 16) >> (number - 1) & 1 for mask in masks)


def go_on(process):
    try:
        os.kill(process, signal.SIGCONT)
    except ProcessLookupError:
        pass


@unittest.skipIf(why_not(), f"no Slurm: {why_not()}")
class Slurm(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="partita-slurm-")
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.cluster = SlurmCluster(os.path.join(cls.folder, "cluster"))
        cls.addClassCleanup(cls.cluster.stop)
        environment = cls.cluster.environment
        environment["PATH"] = os.path.dirname(BINARY) + ":" + environment["PATH"]
        environment["PARTITA_JOBS"] = os.path.join(cls.folder, "jobs")
        cls.cluster.start()
        cls.make_inputs()

    @classmethod
    def make_inputs(cls):
        cls.partita("make-data", "v.npy", "--rows", "3000", "--dim", "16")
        cls.partita("make-data", "q.npy", "--rows", "500", "--dim", "16", "--seed", "5")
        with open(os.path.join(cls.folder, "table.csv"), "w") as file:
            file.write("id,x,city,label\n")
            for i in range(5000):
                file.write(f"{i},{i * 37 % 101},c{i % 17},{int(i * 37 % 101 + i % 13 > 55)}\n")
        with open(os.path.join(cls.folder, "text.txt"), "w") as file:
            file.writelines(f"the {word} of line {i % 90}\n" for i in range(3000)
                            for word in ("wheel", "mill"))
        cls.partita("knn", "build", "v.npy", "--out", "v.index", "--type", "ivf")
        cls.partita("train", "logistic", "table.csv", "--label", "label", "--features", "x",
                    "--out", "one.model")

    @classmethod
    def partita(cls, *arguments):
        return cls.cluster.run(BINARY, *arguments, cwd=cls.folder)

    def read(self, name):
        with open(os.path.join(self.folder, name), "rb") as file:
            return file.read()

    def submit(self, script, *options, words=(), **settings):
        """The job's number; `words` stand behind the script."""
        settings = {name: str(value) for name, value in settings.items()}
        return int(self.cluster.run("sbatch", "--parsable", *SMALL, *options,
                                    os.path.join(SCRIPTS, script), *words, cwd=self.folder,
                                    settings=settings))

    def wait(self, number, state="COMPLETED", seconds=60):
        ended = ("COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL")
        until(lambda: self.cluster.job(number)["JobState"] in (state, *ended), seconds,
              f"job {number} is {state}")
        job = self.cluster.job(number)
        said = self.output(job)
        self.assertEqual(job["JobState"], state, said)
        return said

    def output(self, job):
        try:
            with open(job["StdOut"]) as file:
                return file.read()
        except OSError:
            return ""

    def start_again(self, number):
        """Do not wait the two minutes that Slurm gives a job that was requeued.

        But do wait until another second: a node takes what starts in that of the job's end for the
        job that ended.
        """
        until(lambda: self.cluster.job(number)["JobState"] == "PENDING", 40, f"{number} is requeued")
        self.cluster.run("scontrol", "update", f"jobid={number}", "starttime=now+2")

    def test_every_script_gives_what_one_rank_gives(self):
        mpirun = {"PARTITA_LAUNCH": "mpirun --bind-to none"}
        jobs = [
            ("knn-graph.sbatch", {"VECTORS": "v.npy"}, "graph.h5",
             ("knn", "graph", "v.npy", "--recall", "0.95")),
            ("knn-search.sbatch", {"INDEX": "v.index", "QUERIES": "q.npy", **mpirun}, "found.h5",
             ("knn", "search", "v.index", "q.npy", "--recall", "0.95")),
            ("sort.sbatch", {"TABLE": "table.csv", "KEY": "city", "VALUE": "x"}, "sorted.csv",
             ("sort", "table.csv", "--key", "city", "--value", "x")),
            ("predict.sbatch", {"MODEL": "one.model", "TABLE": "table.csv", "ID": "id", **mpirun},
             "scores.csv", ("predict", "one.model", "table.csv", "--id", "id")),
            ("train.sbatch", {"TABLE": "table.csv", "LABEL": "label",
                              "words": ("--features", "x")}, "m.model",
             ("train", "logistic", "table.csv", "--label", "label", "--features", "x")),
            ("wordcount.sbatch", {"TEXT": "text.txt", **mpirun}, "words.csv",
             ("wordcount", "text.txt", "--pattern", "[a-z]+", "--lower")),
        ]
        numbers = [self.submit(script, "--nodes=4" if i % 2 else "--nodes=2", OUT=out, **settings)
                   for i, (script, settings, out, _) in enumerate(jobs)]
        for number, (script, _, out, command) in zip(numbers, jobs):
            with self.subTest(script):
                self.partita(*command, "--out", "one-" + out)
                said = self.wait(number)
                self.assertRegex(said, r"memory .* [24] ranks with 1 thread each")
                self.assertEqual(self.read(out), self.read("one-" + out), said)

    def test_a_node_dies_and_the_requeued_job_goes_on(self):
        number = self.submit("knn-graph.sbatch", "--nodes=2", VECTORS="big.npy", OUT="big.h5",
                             RETRIES=1, **self.long_job())
        self.until_some_is_kept("big.h5", number)
        lost = self.cluster.job(number)["NodeList"].strip("n[]").replace("-", ",").split(",")[-1]
        self.cluster.kill_node(int(lost))
        self.addCleanup(self.bring_back, int(lost))
        self.start_again(number)
        said = self.wait(number)
        self.assertNotEqual(self.cluster.job(number)["Restarts"], "0")
        self.check_resumed(said, "big.h5")

    def test_a_warning_stops_a_job_and_it_goes_on(self):
        number = self.submit("knn-graph.sbatch", "--nodes=1", VECTORS="big.npy", OUT="warned.h5",
                             **self.long_job())
        self.until_some_is_kept("warned.h5", number)
        self.cluster.run("scancel", "--signal=USR1", "--batch", str(number))
        self.start_again(number)
        said = self.wait(number)
        self.assertIn("warned.h5: stopped on SIGUSR1", said)
        self.assertIn(f"job {number} goes back into the queue", said)
        self.check_resumed(said, "warned.h5")

    def test_the_time_limit_comes_near(self):
        # Slurm looks every 30 s whose warning is due before it looks again: it comes 25 to 55 s after
        # the job's start, when the job has kept something and is held.
        number = self.submit("knn-graph.sbatch", "--nodes=1", "--time=1", "--signal=B:USR1@5",
                             VECTORS="big.npy", OUT="timed.h5", **self.long_job())
        self.until_some_is_kept("timed.h5", number)
        rank = self.rank_that_writes("timed.h5")
        os.kill(rank, signal.SIGSTOP)
        self.addCleanup(go_on, rank)
        until(lambda: has_pending(rank, signal.SIGUSR1), 90, f"job {number} is warned")
        go_on(rank)
        self.start_again(number)
        said = self.wait(number)
        self.assertIn("timed.h5: stopped on SIGUSR1", said)
        self.check_resumed(said, "timed.h5")

    def test_a_job_of_more_weight_takes_the_node(self):
        number = self.submit("knn-graph.sbatch", "--nodes=1", "--partition=guests",
                             VECTORS="big.npy", OUT="preempted.h5", **self.long_job())
        self.until_some_is_kept("preempted.h5", number)
        node = self.cluster.job(number)["NodeList"]
        other = int(self.cluster.run("sbatch", "--parsable", f"--nodelist={node}", "--exclusive",
                                     "--output=/dev/null", "--wrap=exit 0", cwd=self.folder))
        self.wait(other)
        self.start_again(number)
        said = self.wait(number)
        self.assertIn("preempted.h5: stopped on SIGTERM", said)
        self.check_resumed(said, "preempted.h5")

    def rank_that_writes(self, out):
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/cmdline") as file:
                    words = file.read().split("\0")
            except OSError:
                continue
            if words[1:3] == ["knn", "graph"] and out in words:
                return int(pid)
        self.fail(f"no rank writes {out}")

    def bring_back(self, node):
        self.cluster.start_node(node)
        until(lambda: self.cluster.idle_nodes() == self.cluster.nodes, 40, f"n{node} is back")

    OPTIONS = "--type ivf --nprobe 300 --train-sample 2000"

    def long_job(self):
        """Settings of a search that takes some seconds, and keeps what it has after each round."""
        if not os.path.exists(os.path.join(self.folder, "big.npy")):
            self.partita("make-data", "big.npy", "--rows", "40000", "--dim", "48", "--kind",
                         "hard")
            self.partita("knn", "graph", "big.npy", *self.OPTIONS.split(), "--out", "whole.h5")
        return {"MEMORY": "1MiB", "RECALL": "", "PARTITA_OPTIONS": self.OPTIONS,
                "PARTITA_KILL_AT": "99:0:never"}

    def until_some_is_kept(self, out, number):
        def kept():
            for name in os.listdir(self.folder):
                manifest = os.path.join(self.folder, name, "manifest.json")
                if name.startswith(f".{out}.partita-") and os.path.exists(manifest):
                    with open(manifest) as file:
                        return re.search(r'"done": [1-9]', file.read()) is not None
            return False
        until(kept, 40, f"job {number} has kept something: {self.output(self.cluster.job(number))}")

    def check_resumed(self, said, out):
        self.assertRegex(said, r"resume +[\d,]+ of 40,000 queries were finished")
        self.assertEqual(self.read(out), self.read("whole.h5"), said)

    def test_submit_status_and_cancel(self):
        said = self.partita("submit", "--nodes", "2", "--time", "5m", "--node-memory", "500MiB",
                            "--output", "submitted.out", "--", "make-data", "made.npy", "--rows",
                            "100", "--dim", "4")
        number = re.search(r"^job +(\d+)$", said, re.M).group(1)
        self.assertIn("2 ranks", self.wait(number))
        self.assertTrue(os.path.exists(os.path.join(self.folder, "made.npy")))
        self.assertRegex(self.partita("status", number),
                         rf"\n{number} +partita-make-data +COMPLETED +[\d:]+ +2 ")

    def test_a_cancelled_job_does_not_come_back(self):
        number = self.submit("knn-graph.sbatch", "--nodes=1", VECTORS="big.npy", OUT="ended.h5",
                             **self.long_job())
        self.until_some_is_kept("ended.h5", number)
        self.partita("cancel", str(number))
        self.wait(number, "CANCELLED")
        self.assertEqual(self.cluster.job(number)["Restarts"], "0")

    def test_the_scaling_study_gets_this_jobs_ranks(self):
        os.symlink(os.path.join(SCRIPTS, "..", "bench"), os.path.join(self.folder, "bench"))
        build = os.path.dirname(os.path.dirname(BINARY))
        if not os.path.exists(os.path.join(build, "bench", "scaling", "scaling_jobs")):
            self.skipTest("the build has no benchmarks (PARTITA_BUILD_BENCH)")
        said = self.wait(self.submit(
            "scaling.sbatch", "--nodes=3", OUT="study", PARTITA_OPTIONS=f"--build {build} "
            "--scale 0.01 --repeats 1 --jobs sort --count-ranks 2,3"))
        self.assertIn("sort: counted", said)
        report = self.read("study/report.md").decode()
        for ranks in (1, 2, 3):
            self.assertRegex(report, rf"\| sort \| 80k \| {ranks} \| 1 \|")
        self.assertRegex(report, r"\| sort \| 3 \| \d+ \|")  # what is counted
        # It may count on more ranks than the job has CPUs.
        said = self.cluster.run("srun", "--nodes=2", "--ntasks=9", "--mem=500", "hostname",
                                settings={"SLURM_OVERCOMMIT": "1"}, cwd=self.folder)
        self.assertEqual(len(said.split()), 9)

    def test_a_rank_gets_no_more_memory_than_slurm_gave(self):
        said = self.wait(self.submit("wordcount.sbatch", "--nodes=2", TEXT="text.txt", OUT="w.csv",
                                     MEMORY="600MiB"), "FAILED")
        self.assertIn("memory: expected at most 500 MiB per rank (500 MiB of Slurm's memory for the "
                      "job over 1 rank), got 600 MiB", said)

    def test_srun_alone(self):
        said = self.cluster.run("srun", "--nodes=3", "--ntasks=3", "--mem=500", "--mpi=pmix",
                                BINARY, "wordcount", "text.txt", "--top", "2", cwd=self.folder)
        self.assertIn("3 ranks", said)
        self.assertEqual(said.count("the "), self.partita("wordcount", "text.txt", "--top",
                                                          "2").count("the "))


if __name__ == "__main__":
    unittest.main()
