"""What a search takes of the memory that it is given: the peak of its process, beyond that of the
same command on next to nothing."""

import os
import statistics
import subprocess
import sys
import unittest

import numpy as np

from partita_case import BINARY, PartitaCase

MIB = 1 << 20
# For what threads pack and gather, and what the C library holds.
SLACK = 2 * MIB


class PeakMemory(PartitaCase):
    def setUp(self):
        super().setUp()
        rng = np.random.RandomState(2)
        middles = rng.randn(60, 128) * 2
        rows = middles[rng.randint(60, size=60000)] + rng.randn(60000, 128)
        np.save(self.path("base.npy"), rows.astype(np.float32))  # 29.3 MiB
        np.save(self.path("queries.npy"), rows[::6].astype(np.float32))
        np.save(self.path("few.npy"), rows[:200].astype(np.float32))

    def peak(self, *arguments):
        """Bytes of the largest resident set of a process that must end well, and its output."""
        # From a small process: a child's figure begins with its parent's size.
        watch = ("import os, sys; pid = os.spawnv(os.P_NOWAIT, sys.argv[1], sys.argv[1:]); "
                 "_, status, usage = os.wait4(pid, 0); print(usage.ru_maxrss, file=sys.stderr); "
                 "sys.exit(os.waitstatus_to_exitcode(status))")
        done = subprocess.run([sys.executable, "-I", "-S", "-c", watch, BINARY, *map(str, arguments)],
                              cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=90)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return int(done.stderr.split()[-1]) * 1024, done.stdout

    def usual_peak(self, *arguments):
        """Of three runs: one differs from the next by up to 1 MiB, in which pages of libraries are
        mapped."""
        return statistics.median(self.peak(*arguments)[0] for _ in range(3))

    def test_searches_stay_within_the_memory_given(self):
        common = ["--nprobe", "6", "--threads", "2", "--overwrite"]
        self.peak("knn", "build", "few.npy", "--type", "ivf", "--lists", "8", "--out", "few.index")
        nothing = self.usual_peak("knn", "search", "few.index", "few.npy", "--out", "few.h5",
                                  "--memory", "1MiB", *common)
        wanted = None
        # 29 MiB of floats, 15 of halves, 8 of bytes: in memory, in part, and from disk.
        for codes, memories in (("int8", (24, 6)), ("fp16", (40, 12)), ("fp32", (64, 16))):
            self.peak("knn", "build", "base.npy", "--type", "ivf", "--lists", "120", "--codes", codes,
                      "--train-sample", "4000", "--out", "x.index", "--overwrite")
            for memory in memories:
                peak, out = self.peak("knn", "search", "x.index", "queries.npy", "--out", "nn.h5",
                                      "--memory", f"{memory}MiB", *common)
                self.assertEqual("lists are read from disk" in out, memory == memories[1], out)
                self.assertLess(peak - nothing, memory * MIB + SLACK, (codes, memory))
                wanted = wanted or self.read("nn.h5")
                self.assertEqual(self.read("nn.h5"), wanted, (codes, memory))

    def test_measuring_the_speed_of_long_vectors_takes_little(self):
        plan = ("plan", "--memory", "64GiB", "--vectors", "10000", "--type", "ivf", "--dim")
        short, _ = self.peak(*plan, "16")
        long, out = self.peak(*plan, "100000")
        self.assertRegex(out, "search +about")
        self.assertLess(long - short, 64 * MIB)

    def test_exact_searches_stay_within_the_memory_given(self):
        self.peak("knn", "build", "few.npy", "--type", "flat", "--out", "few.index")
        self.peak("knn", "build", "base.npy", "--type", "flat", "--out", "x.index")
        self.succeed("knn", "search", "x.index", "few.npy", "--out", "all.csr", "--format", "csr",
                     "--radius", "13")
        for more, out in ((("queries.npy",), "nn.h5"),
                          (("few.npy", "--radius", "13", "--format", "csr"), "in.csr")):
            nothing = self.usual_peak("knn", "search", "few.index", *more, "--out", out,
                                      "--memory", "1MiB", "--threads", "2", "--overwrite")
            wanted = None
            # 29 MiB of vectors: in memory, and from disk.
            for memory in (64, 12):
                search = ("knn", "search", "x.index", *more, "--out", out, "--memory",
                          f"{memory}MiB", "--threads", "2", "--overwrite")
                peak, told = self.peak(*search)
                if out == "nn.h5":
                    self.assertEqual("vectors are read from disk" in told, memory == 12, told)
                self.assertLess(peak - nothing, memory * MIB + SLACK, (out, memory))
                wanted = wanted or self.read(out)
                self.assertEqual(self.read(out), wanted, (out, memory))
            for placement in ("replicate", "shard"):
                self.succeed(*search[:-5], "--memory", "4MiB", "--threads", "1", "--overwrite",
                             "--placement", placement, ranks=3)
                self.assertEqual(self.read(out), wanted, (out, placement))

    def test_a_graph_that_scores_each_pair_once_stays_within_the_memory_given(self):
        graph = ("knn", "graph", "--type", "flat", "--threads", "2", "--overwrite", "--out", "nn.h5")
        nothing = self.usual_peak(*graph, "few.npy", "--memory", "1MiB")
        wanted = None
        # 29 MiB of vectors and 68 of candidates, beside the results; then without room for these.
        for memory, once in ((200, True), (100, False)):
            peak, told = self.peak(*graph, "base.npy", "--memory", f"{memory}MiB")
            self.assertEqual("each pair is scored once" in told, once, told)
            self.assertLess(peak - nothing, memory * MIB + SLACK)
            wanted = wanted or self.read("nn.h5")
            self.assertEqual(self.read("nn.h5"), wanted, memory)

    def test_a_refined_graph_stays_within_the_memory_given(self):
        graph = ("knn", "graph", "--type", "ivf", "--nprobe", "2", "--refine", "1", "--threads", "2",
                 "--overwrite", "--out", "nn.h5")
        nothing = self.usual_peak(*graph, "few.npy", "--lists", "8", "--memory", "1MiB")
        wanted = None
        # 29 MiB of vectors and 11 of lists.
        for memory in (160, 64):
            peak, told = self.peak(*graph, "base.npy", "--memory", f"{memory}MiB")
            self.assertIn("of lists a rank beside", told)
            self.assertLess(peak - nothing, memory * MIB + SLACK)
            wanted = wanted or self.read("nn.h5")
            self.assertEqual(self.read("nn.h5"), wanted, memory)


class Graphs(PartitaCase):
    """An hnsw index is walked at random: it is refused when not all of it can be in memory."""

    def setUp(self):
        super().setUp()
        base = np.random.RandomState(3).randn(12000, 64).astype(np.float32)
        np.save(self.path("base.npy"), base)  # 2.9 MiB, 6.1 with links
        np.save(self.path("few.npy"), base[:50])

    def refused(self, sentence, *arguments, ranks, env=None):
        before = sorted(os.listdir(self.folder))
        result = self.partita(*arguments, "--threads", "1", "--scratch", ".", ranks=ranks, env=env)
        self.assertRegex(result.err, f"^partita: {sentence}\n$")
        self.assertEqual(result.status, 1)
        self.assertEqual(sorted(os.listdir(self.folder)), before)

    def test_what_a_node_cannot_hold_is_refused(self):
        whole = ("an hnsw index is read here and there, so a node must hold all of it: this one takes "
                 "[0-9.]+ MiB with working memory, but the job may use {} MiB of a node: expected "
                 "more --memory, --placement shard on more nodes \\(after building with --shards\\), "
                 "or an index of type ivf")
        self.succeed("knn", "build", "base.npy", "--type", "hnsw", "--out", "one.index")
        self.succeed("knn", "build", "base.npy", "--type", "hnsw", "--shards", "8", "--out",
                     "eight.index")
        for index in ("one.index", "eight.index"):
            search = ("knn", "search", index, "few.npy", "--ef", "20", "--out", f"{index}.csv")
            self.refused(whole.format("6.00"), *search, "--memory", "6MiB", ranks=1)
            self.refused(whole.format("6.00"), *search, "--memory", "2MiB", ranks=3)
            self.succeed(*search, "--memory", "8MiB")
            self.succeed(*search, "--memory", "4MiB", "--overwrite", ranks=3)
        # Nodes that cannot hold it share it out where it can be.
        nodes = {"PARTITA_RANKS_PER_NODE": "1"}
        search = ("knn", "search", "eight.index", "few.npy", "--ef", "20", "--scratch", ".",
                  "--out", "shared.csv")
        out = self.succeed(*search, "--memory", "4MiB", ranks=3, env=nodes)
        self.assertRegex(out, "placement +shard")
        self.assertEqual(self.read("shared.csv"), self.read("eight.index.csv"))
        self.refused(whole.format("4.00"), "knn", "search", "one.index", "few.npy", "--out", "x.csv",
                     "--memory", "4MiB", ranks=3, env=nodes)
        self.refused("load index: a rank's share of the index takes [0-9.]+ MiB, but --memory gives "
                     "2.00 MiB: expected more ranks or more memory",
                     *search[:-1], "x.csv", "--memory", "2MiB", "--placement", "shard",
                     ranks=2)
        for ranks in (1, 3):  # before it is built
            self.refused(whole.format("6.00"), "knn", "graph", "base.npy", "--type", "hnsw",
                         "--shards", "60", "--ef", "20", "--out", "x.csv", "--memory",
                         f"{6 // ranks}MiB", ranks=ranks)


if __name__ == "__main__":
    unittest.main()
