import csv
import json
import os
import unittest

import h5py
import numpy as np

from partita_case import PartitaCase

try:
    import scipy.sparse
except ImportError:
    scipy = None

ROWS, K = 1300, 6


def squared_distances(base):
    wide = base.astype(np.float64)
    return ((wide[:, None, :] - wide[None]) ** 2).sum(2)


def nearest(base, k, exclude_self):
    """The neighbours of all vectors by (distance, position)."""
    squared = squared_distances(base)
    if exclude_self:
        np.fill_diagonal(squared, np.inf)
    return np.lexsort((np.broadcast_to(np.arange(len(base)), squared.shape), squared))[:, :k]


class GraphCase(PartitaCase):
    def setUp(self):
        super().setUp()
        numbers = np.random.RandomState(8)
        self.base = numbers.randn(ROWS, 5).astype(np.float32)
        self.base[50:54] = self.base[10]  # equal vectors
        np.save(self.path("base.npy"), self.base)

    def graph(self, out, *arguments, ranks=2):
        return self.succeed("knn", "graph", "base.npy", "--type", "flat", "-k", K, "--out", out,
                            *arguments, ranks=ranks)

    def same_bytes_at_all_ranks(self, name, *arguments, ranks=(1, 2, 3, 4, 7)):
        """At more ranks with so little memory that there are many rounds."""
        files = []
        for count in ranks:
            self.graph(f"{count}-{name}", *arguments, "--memory", "1GiB" if count == 1 else "1MiB",
                       ranks=count)
            files.append(self.read(f"{count}-{name}"))
        self.assertEqual(len(set(files)), 1, name)
        return f"1-{name}"

    def rows_of(self, name):
        with h5py.File(self.path(name)) as file:
            starts, positions = file["indptr"][:], file["indices"][:]
            self.assertEqual(len(starts), file["shape"][0] + 1)
            return [list(positions[a:b]) for a, b in zip(starts, starts[1:])]


class Csr(GraphCase):
    def test_scipy_reads_a_graph(self):
        name = self.same_bytes_at_all_ranks("nn.csr", "--format", "csr")
        self.assertEqual(self.rows_of(name), nearest(self.base, K, False).tolist())
        if scipy is None:
            self.skipTest("python3-scipy is not installed")
        with h5py.File(self.path(name)) as f:
            matrix = scipy.sparse.csr_matrix((f["data"][:], f["indices"][:], f["indptr"][:]),
                                             shape=f["shape"][:])
        self.assertEqual(matrix.shape, (ROWS, ROWS))
        truth = np.sqrt(squared_distances(self.base))
        for row in (0, 17, ROWS - 1):
            columns = nearest(self.base, K, False)[row]
            np.testing.assert_allclose(matrix[row].toarray()[0, columns], truth[row, columns],
                                       rtol=1e-6, atol=1e-6)

    def test_a_search_of_few_vectors_leaves_out_the_padding(self):
        np.save(self.path("few.npy"), self.base[:4])
        self.succeed("knn", "build", "few.npy", "--out", "few.index")
        for ranks in (1, 3):
            self.succeed("knn", "search", "few.index", "base.npy", "-k", "9", "--format", "csr",
                         "--out", f"nn{ranks}", ranks=ranks)
            with h5py.File(self.path(f"nn{ranks}")) as file:
                self.assertEqual(list(file["shape"]), [ROWS, 4])
                self.assertEqual(list(file["indptr"]), list(range(0, 4 * ROWS + 1, 4)))
                self.assertEqual(list(file["ids"]), list(range(ROWS)))
                self.assertEqual(file.attrs["metric"], "l2")
        self.assertEqual(self.read("nn1"), self.read("nn3"))


class Mutual(GraphCase):
    def expected(self, exclude_self):
        rows = nearest(self.base, K, exclude_self).tolist()
        return [[j for j in row if i in rows[j]] for i, row in enumerate(rows)]

    def test_edges_that_both_ends_have(self):
        for more in ((), ("--exclude-self",)):
            expected = self.expected(bool(more))
            self.assertIn(True, [len(row) < K for row in expected])
            name = self.same_bytes_at_all_ranks(f"csr{len(more)}", "--mutual", "--format", "csr",
                                                *more)
            self.assertEqual(self.rows_of(name), expected)
            with h5py.File(self.path(name)) as file:
                self.assertEqual(file.attrs["mutual_edges"], sum(map(len, expected)))

    def test_every_format_has_them(self):
        expected = self.expected(False)
        name = self.same_bytes_at_all_ranks("nn.h5", "--mutual", ranks=(1, 3))
        with h5py.File(self.path(name)) as file:
            padded = [row + [-1] * (K - len(row)) for row in expected]
            self.assertEqual(file["neighbors"][:].tolist(), padded)
            distances = file["distances"][:]
            np.testing.assert_array_equal(np.isinf(distances), np.array(padded) < 0)
        pairs = [(i, j) for i, row in enumerate(expected) for j in row]
        with open(self.path(self.same_bytes_at_all_ranks("nn.csv", "--mutual", ranks=(1, 3))),
                  newline="") as file:
            self.assertEqual([(int(r["item"]), int(r["neighbor"])) for r in csv.DictReader(file)],
                             pairs)
        with open(self.path(self.same_bytes_at_all_ranks("nn.jsonl", "--mutual",
                                                         ranks=(1, 3)))) as file:
            rows = [json.loads(line) for line in file]
            self.assertEqual([(r["item"], r["neighbor"]) for r in rows], pairs)


class EachPairOnce(PartitaCase):
    """An exact graph scores each pair once where memory holds the candidates of all vectors."""

    def setUp(self):
        super().setUp()
        numbers = np.random.RandomState(5)
        base = numbers.randn(3000, 160).astype(np.float32)
        base[numbers.randint(3000, size=600)] = base[7]
        base[[3, 2000, 2999]] = 0
        np.save(self.path("base.npy"), base)

    def graph(self, memory, *arguments, ranks):
        out = self.succeed("knn", "graph", "base.npy", "--type", "flat", "--out", "nn",
                           "--overwrite", "--threads", 2, "--memory", memory, *arguments,
                           ranks=ranks)
        return "each pair is scored once" in out, self.read("nn")

    def check(self, *arguments, ranks):
        plain = self.graph("2MiB", *arguments, ranks=1)
        self.assertFalse(plain[0])
        for count in ranks:
            # With little to spare, the result is written in many rounds.
            memory = "12MiB" if count % 2 else "200MiB"
            once = self.graph(memory, *arguments, ranks=count)
            self.assertTrue(once[0], (arguments, count))
            self.assertEqual(once[1], plain[1], (arguments, count))

    def test_the_result_is_that_of_searching_from_both_sides(self):
        for metric in ("l2", "cosine", "ip"):
            self.check("-k", 4, "--metric", metric, ranks=(1, 2, 3, 4, 7))

    def test_options_of_the_result(self):
        self.check("-k", 1, ranks=(1, 3))
        self.check("-k", 4, "--exclude-self", "--mutual", "--format", "csr", ranks=(1, 4))
        self.check("-k", 4, "--format", "jsonl", ranks=(3,))
        self.check("-k", 4, "--resume", ranks=(2,))

    def test_few_vectors_and_absurd_ones(self):
        base = np.random.RandomState(6).randn(40, 5).astype(np.float32)
        np.save(self.path("base.npy"), base)
        once, found = self.graph("40MiB", "-k", 50, ranks=1)
        self.assertTrue(once)
        with h5py.File(self.path("nn")) as file:
            self.assertEqual(file["neighbors"][:, :40].tolist(), nearest(base, 40, False).tolist())
            self.assertTrue((file["neighbors"][:, 40:] == -1).all())
        self.assertEqual(self.graph("40MiB", "-k", 50, ranks=7)[1], found)
        base[11, 2] = np.nan  # no score bounds the distances from it
        np.save(self.path("base.npy"), base)
        plain = self.graph("40MiB", "-k", 3, "--allow-nan", "--placement", "shard", ranks=1)
        self.assertFalse(plain[0])
        for ranks in (1, 3):
            self.assertEqual(self.graph("40MiB", "-k", 3, "--allow-nan", ranks=ranks)[1], plain[1])


class Radius(GraphCase):
    def setUp(self):
        super().setUp()
        # whole numbers, so that many distances are whole numbers too
        self.base = np.random.RandomState(2).randint(-6, 7, (ROWS, 4)).astype(np.float32)
        np.save(self.path("base.npy"), self.base)

    def within(self, values, radius):
        order = np.lexsort((np.broadcast_to(np.arange(ROWS), values.shape), values))
        return [[j for j in row if values[i, j] <= radius] for i, row in enumerate(order.tolist())]

    def find(self, name, *arguments, ranks, memory="1MiB"):
        self.succeed("knn", "graph", "base.npy", "--format", "csr", "--out", name, "--memory",
                     "1GiB" if ranks == 1 else memory, *arguments, ranks=ranks)
        return self.rows_of(name)

    def test_all_within_and_at_the_radius(self):
        squared = squared_distances(self.base)
        expected = self.within(squared, 9)
        self.assertGreater((squared == 9).sum(), 100)
        for ranks in (1, 2, 3, 4, 7):
            self.assertEqual(self.find(f"{ranks}", "--type", "flat", "--radius", 3, ranks=ranks),
                             expected)
        self.assertEqual({self.read(f"{ranks}") for ranks in (1, 2, 3, 4, 7)}, {self.read("1")})
        # ivf that looks everywhere, the smallest number below, and nothing but equal vectors
        self.assertEqual(self.find("ivf", "--type", "ivf", "--lists", 9, "--nprobe", 9, "--radius",
                                   3, ranks=2), expected)
        below = np.nextafter(3.0, 0)
        for ranks in (1, 3):
            self.assertEqual(self.find(f"below{ranks}", "--type", "flat", "--radius", repr(below),
                                       ranks=ranks), self.within(squared, 8.5))
        self.assertEqual(self.find("zero", "--type", "flat", "--radius", 0, "--exclude-self",
                                   ranks=2),
                         [[j for j in row if j != i]
                          for i, row in enumerate(self.within(squared, 0))])

    def test_an_index_that_is_shared_out(self):
        find = ("--type", "flat", "--radius", 3)
        self.find("whole", *find, ranks=1)
        for ranks in (1, 2, 3, 4, 7):
            self.find("shared", *find, "--placement", "shard", "--overwrite", ranks=ranks)
            self.assertEqual(self.read("shared"), self.read("whole"), ranks)
        np.save(self.path("base.npy"), self.base[:3])  # most ranks have none
        for metric, radius in (("l2", 9), ("cosine", 1.5), ("ip", 3)):
            few = ("--type", "flat", "--metric", metric, f"--radius={radius}", "--overwrite")
            self.find("whole", *few, ranks=1)
            self.find("shared", *few, "--placement", "shard", ranks=7)
            self.assertEqual(self.read("shared"), self.read("whole"), metric)

    def test_everything_may_be_within(self):
        for placement in ("replicate", "shard"):
            rows = self.find(placement, "--type", "flat", "--radius", 1000, "--placement",
                             placement, ranks=3, memory="16MiB")
            self.assertEqual([len(row) for row in rows], [ROWS] * ROWS)

    def test_other_metrics(self):
        similarity = self.base.astype(np.float64) @ self.base.astype(np.float64).T
        self.assertEqual(self.find("ip", "--type", "flat", "--metric", "ip", "--radius=-80",
                                   ranks=2), self.within(-similarity, -80))
        lengths = np.linalg.norm(self.base.astype(np.float64), axis=1)
        cosine = 1 - similarity / np.maximum(np.outer(lengths, lengths), 1e-300)
        rows = self.find("cosine", "--type", "flat", "--metric", "cosine", "--radius", "0.0701",
                         ranks=2)
        self.assertEqual([sorted(row) for row in rows],
                         [sorted(row) for row in self.within(cosine, 0.0701)])

    def test_text(self):
        self.succeed("knn", "graph", "base.npy", "--type", "flat", "--radius", 2, "--out", "nn.csv",
                     ranks=3)
        with open(self.path("nn.csv"), newline="") as file:
            pairs = [(int(row["item"]), int(row["neighbor"])) for row in csv.DictReader(file)]
        expected = self.within(squared_distances(self.base), 4)
        self.assertEqual(pairs, [(i, j) for i, row in enumerate(expected) for j in row])

    def test_what_cannot_be_had(self):
        graph = ("knn", "graph", "base.npy", "--out", "nn.h5", "--radius", "2")
        self.fail_with("nn.h5: hdf5 holds a fixed number of neighbours of each query, and --radius "
                       "finds any number: expected --format csr, csv or jsonl", *graph)
        self.fail_with("--radius and --mutual exclude each other: within a radius all are mutual",
                       *graph, "--format", "csr", "--mutual")
        self.fail_with("--radius: expected an index of type flat or ivf, got hnsw", *graph,
                       "--format", "csr", "--type", "hnsw", "--ef", "9")


class Counts(GraphCase):
    def test_duplicates_and_zero_vectors(self):
        self.base[[100, 200, 300]] = 0
        np.save(self.path("base.npy"), self.base)
        for ranks in (1, 3):
            out = self.graph("nn.h5", "--metric", "cosine", "--overwrite", ranks=ranks)
            self.assertIn("3 queries are zero and have no angle", out)
            with h5py.File(self.path("nn.h5")) as file:
                self.assertEqual(file.attrs["zero_vectors"], 3)
                self.assertEqual(file.attrs["zero_queries"], 3)
                self.assertEqual(file.attrs["duplicates"], 5)
            out = self.graph("nn.h5", "--overwrite", ranks=ranks)
            self.assertIn("8 have an equal twin", out)  # zero vectors are equal under l2
            with h5py.File(self.path("nn.h5")) as file:
                self.assertEqual(file.attrs["duplicates"], 8)


if __name__ == "__main__":
    unittest.main()
