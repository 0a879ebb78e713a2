"""What a search takes of the memory that it is given: the peak of its process, beyond that of the
same command on next to nothing."""

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

    def test_searches_stay_within_the_memory_given(self):
        common = ["--nprobe", "6", "--threads", "2", "--overwrite"]
        self.peak("knn", "build", "few.npy", "--type", "ivf", "--lists", "8", "--out", "few.index")
        nothing, _ = self.peak("knn", "search", "few.index", "few.npy", "--out", "few.h5",
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


if __name__ == "__main__":
    unittest.main()
