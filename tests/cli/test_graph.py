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
