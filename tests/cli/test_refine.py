import os
import unittest

import h5py
import numpy as np

from partita_case import PartitaCase

ROWS, K = 4000, 5


class Refine(PartitaCase):
    """knn graph --refine: neighbours of neighbours are looked at, too."""

    def setUp(self):
        super().setUp()
        numbers = np.random.RandomState(4)
        base = numbers.randn(ROWS, 6).astype(np.float32)
        base[numbers.randint(ROWS, size=40)] = base[9]
        np.save(self.path("base.npy"), base)

    def graph(self, *arguments, ranks=1, out="nn.h5"):
        return self.succeed("knn", "graph", "base.npy", "--type", "ivf", "-k", K, "--out", out,
                            "--overwrite", *arguments, ranks=ranks)

    def files(self):
        return sorted(os.listdir(self.folder))

    def neighbors(self):
        with h5py.File(self.path("nn.h5")) as file:
            return file["neighbors"][:], dict(file.attrs)

    def test_it_finds_more(self):
        self.graph("--nprobe", 250)
        exact = self.neighbors()[0]
        shares = []
        for rounds in (0, 1, 2):
            out = self.graph("--nprobe", 2, "--refine", rounds)
            found, attributes = self.neighbors()
            self.assertEqual(attributes.get("refinements", 0), rounds)
            self.assertEqual("of lists a rank beside" in out, rounds > 0, out)
            shares.append((found[:, :, None] == exact[:, None, :]).any(2).mean())
        self.assertLess(shares[0] + 0.1, shares[1])
        self.assertLess(shares[1], shares[2])

    def test_the_same_bytes_at_all_ranks_and_in_all_formats(self):
        for name, arguments in (("nn.h5", ("--exclude-self",)), ("nn.csv", ()),
                                ("nn.csr", ("--format", "csr", "--mutual", "--codes", "int8"))):
            files = set()
            for ranks in (1, 2, 3, 4, 7):
                self.graph("--nprobe", 3, "--refine", 2, *arguments, "--memory",
                           "64MiB" if ranks % 2 else "8MiB", "--threads", 1 + ranks % 2,
                           ranks=ranks, out=name)
                files.add(self.read(name))
            self.assertEqual(len(files), 1, name)

    def test_exact_graphs_need_none(self):
        self.graph("--type", "flat", "--memory", "64MiB")
        exact = self.read("nn.h5")
        self.graph("--type", "flat", "--memory", "64MiB", "--refine", 1)
        self.assertEqual(self.read("nn.h5"), exact)

    def test_a_killed_job_goes_on(self):
        command = ("knn", "graph", "base.npy", "--type", "ivf", "--nprobe", "3", "--refine", "1",
                   "--out", "nn.h5")
        self.succeed(*command, ranks=2)
        whole = self.read("nn.h5")
        # the build; all is searched; it is refined; a round is written
        for record, killed, again in ((1, 2, 3), (2, 3, 1), (3, 1, 2), (4, 2, 3)):
            result = self.partita(*command, "--overwrite", "--memory", "8MiB", ranks=killed,
                                  env={"PARTITA_KILL_AT": f"0:{record}:after"})
            self.assertNotEqual(result.status, 0)
            output = self.succeed(*command, "--overwrite", "--memory", "8MiB", "--resume",
                                  ranks=again)
            self.assertEqual("queries were finished" in output, record == 4, output)
            self.assertEqual(self.read("nn.h5"), whole, (record, killed, again))

    def test_what_cannot_be_had(self):
        command = ("knn", "graph", "base.npy", "--refine", "1")
        for sentence, arguments in (
                ("--refine and --radius exclude each other: expected one of them",
                 ("--radius", "2", "--out", "nn.csv")),
                ("--refine: expected an index that every node holds as a whole, got --placement "
                 "shard", ("--type", "ivf", "--placement", "shard", "--out", "nn.h5")),
                ("--refine: expected an index of type ivf, got hnsw; --ef makes its search better",
                 ("--type", "hnsw", "--out", "nn.h5"))):
            self.fail_with(sentence, *command, *arguments)

    def test_what_memory_does_not_hold(self):
        too_little = "expected .* of memory a rank for the lists of all vectors, got .*"
        for dim, memory, ranks, sentence in (
                (128, "8MiB", 1, "expected an ivf index whose vectors each node holds in memory"),
                (8, "6MiB", 1, too_little), (8, "1MiB", 3, too_little)):
            np.save(self.path("base.npy"), np.random.RandomState(1).randn(20000, dim).astype("<f4"))
            result = self.partita("knn", "graph", "base.npy", "--type", "ivf", "--codes", "fp32",
                                  "--nprobe", "3", "--refine", "1", "--memory", memory, "--lists",
                                  100, "--train-sample", 4000, "--out", "nn.h5", ranks=ranks)
            self.assertEqual(result.status, 1)
            self.assertRegex(result.err, f"^partita: --refine: {sentence}; give more --memory, or "
                                         "leave out --refine\n$")
            # What cannot fit at all is known before the index is built.
            self.assertEqual("build" in result.out, dim == 128, result.out)
            self.assertEqual(self.files(), ["base.npy"])


if __name__ == "__main__":
    unittest.main()
