"""Nearest neighbours on MNIST and on word vectors, against answers computed by other tools.

    python3 knn.py PARTITA DATA

DATA/mnist holds the idx files, DATA/words the vectors and their vocabulary, DATA/truth the exact
neighbours of all MNIST test images and answers.json.
"""

import gzip
import json
import os
import sys
import tempfile
import unittest

import h5py
import numpy as np

from real_case import DATA, run


def data(name):
    return os.path.join(DATA, name)


def answers():
    with open(data("truth/answers.json")) as file:
        return json.load(file)


class RealDataCase(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()

    def tearDown(self):
        self.folder.cleanup()

    def path(self, name):
        return os.path.join(self.folder.name, name)


class Mnist(RealDataCase):
    """60,000 images of 784 pixels; all 10 exact neighbours of the 10,000 test images."""

    def labels(self, name):
        with gzip.open(data(f"mnist/{name}-labels-idx1-ubyte.gz")) as file:
            return np.frombuffer(file.read(), np.uint8, offset=8)

    def accuracy(self, neighbours, k):
        votes = self.labels("train")[neighbours[:, :k]]
        counts = np.stack([(votes == digit).sum(1) for digit in range(10)], 1)
        return (counts.argmax(1) == self.labels("t10k")).mean()  # ties: the smaller label

    def test_exact_neighbours_at_1_2_and_3_ranks(self):
        with gzip.open(data("truth/mnist_knn10_ids_all10000.csv.gz"), "rt") as file:
            truth = np.loadtxt(file, delimiter=",", dtype=np.int64)
        index = self.path("mnist.index")
        run(2, "knn", "build", data("mnist/train-images-idx3-ubyte.gz"), "--type", "flat",
            "--out", index)
        files = []
        for ranks in (1, 2, 3):
            out = self.path(f"nn{ranks}.h5")
            run(ranks, "knn", "search", index, data("mnist/t10k-images-idx3-ubyte.gz"), "-k", "10",
                "--out", out)
            with h5py.File(out) as file:
                neighbours = file["neighbors"][:]
                files.append((neighbours, file["distances"][:]))
                self.assertEqual(file.attrs["metric"], "l2")
                self.assertEqual(file.attrs["k"], 10)
            self.assertTrue((neighbours == truth).all())
        for neighbours, distances in files[1:]:
            self.assertEqual(distances.tobytes(), files[0][1].tobytes())
        first = answers()["mnist"]["nn10_first5"][0]
        self.assertTrue(np.allclose(files[0][1][0], np.sqrt(first["sqdist"]), rtol=1e-6))
        for k, accuracy in ((1, 0.9691), (3, 0.9705), (5, 0.9688)):
            self.assertAlmostEqual(self.accuracy(truth, k), accuracy, places=4)
            self.assertAlmostEqual(self.accuracy(files[0][0], k), accuracy, places=4)


class MnistGraph(RealDataCase):
    """The graph of the 10,000 test images."""

    images = data("mnist/t10k-images-idx3-ubyte.gz")

    def graph(self, ranks, kind, *arguments):
        out = self.path(f"{kind}-{ranks}.h5")
        run(ranks, "knn", "graph", self.images, "-k", "10", "--type", kind, "--exclude-self",
            "--out", out, *arguments)
        with h5py.File(out) as file:
            return file["neighbors"][:], file["distances"][:]

    def test_graphs_at_1_2_and_3_ranks(self):
        with gzip.open(self.images) as file:
            pixels = np.frombuffer(file.read(), np.uint8, offset=16).reshape(10000, 784)
        pixels = pixels.astype(np.float64)  # sums of squares of integers are exact
        sample = np.random.RandomState(3).choice(10000, 300, replace=False)
        squared = ((pixels ** 2).sum(1)[None] - 2 * pixels[sample] @ pixels.T
                   + (pixels[sample] ** 2).sum(1)[:, None])
        squared[np.arange(300), sample] = np.inf
        truth = np.lexsort((np.broadcast_to(np.arange(10000), squared.shape), squared))[:, :10]
        exact = self.graph(1, "flat")
        np.testing.assert_array_equal(exact[0][sample], truth)
        found = self.graph(1, "ivf", "--recall", "0.95")
        hits = [len(np.intersect1d(a, b)) for a, b in zip(found[0], exact[0])]
        self.assertGreaterEqual(np.mean(hits) / 10, 0.94)
        for ranks in (2, 3):
            for kind, first in (("flat", exact), ("ivf", found)):
                again = self.graph(ranks, kind, *(("--recall", "0.95") if kind == "ivf" else ()))
                np.testing.assert_array_equal(again[0], first[0])
                self.assertEqual(again[1].tobytes(), first[1].tobytes())


    def within(self, ranks, name, *arguments):
        out = self.path(name)
        run(ranks, "knn", "graph", self.images, "--radius", "1500", "--exclude-self", "--format",
            "csr", "--out", out, *arguments)
        with h5py.File(out) as file:
            return [file[part][:] for part in ("indptr", "indices", "data")]

    def test_all_within_a_radius_whole_and_shared_out(self):
        with gzip.open(self.images) as file:
            pixels = np.frombuffer(file.read(), np.uint8, offset=16).reshape(10000, 784)
        pixels = pixels.astype(np.float64)
        sample = np.random.RandomState(4).choice(10000, 300, replace=False)
        squared = ((pixels ** 2).sum(1)[None] - 2 * pixels[sample] @ pixels.T
                   + (pixels[sample] ** 2).sum(1)[:, None])
        squared[np.arange(300), sample] = np.inf
        ends, columns, distances = exact = self.within(1, "flat.h5", "--type", "flat")
        for row, wanted in zip(sample, squared):
            found = columns[ends[row]:ends[row + 1]]
            np.testing.assert_array_equal(np.sort(found), np.flatnonzero(wanted <= 1500 ** 2))
            np.testing.assert_array_equal(distances[ends[row]:ends[row + 1]],
                                          np.sqrt(wanted[found]).astype(np.float32))
        every = ("--type", "ivf", "--lists", "100", "--nprobe", "100", "--train-sample", "3000")
        for ranks, name, *arguments in (
                (3, "shares.h5", "--type", "flat", "--placement", "shard"), (2, "ivf.h5", *every),
                (2, "ivfs.h5", *every, "--placement", "shard"),
                (2, "int8.h5", *every, "--codes", "int8", "--memory", "24MiB")):
            for a, b in zip(self.within(ranks, name, *arguments), exact):
                self.assertEqual(a.tobytes(), b.tobytes(), name)


class Words(RealDataCase):
    """40,346 word vectors of 50 numbers under the cosine."""

    vectors = data("words/words_50d.fvecs")
    vocabulary = data("words/words_50d.vocab.txt")

    def graph(self, ranks, name, *arguments):
        out = self.path(name)
        text = run(ranks, "knn", "graph", self.vectors, "--ids", self.vocabulary, "--metric",
                   "cosine", "-k", "11", "--out", out, *arguments)
        return out, text

    def test_neighbours_of_words(self):
        out, text = self.graph(2, "words.h5", "--type", "flat")
        with h5py.File(out) as file:
            ids = file["ids"][:]
            neighbours, distances = file["neighbor_ids"][:], file["distances"][:]
            self.assertEqual(file.attrs["self_found"], 1)
        row_of = {word: row for row, word in enumerate(ids)}
        # every word's own vector is at distance 0
        self.assertTrue((distances[:, 0] == 0).all())
        for word, expected in answers()["words_cos"].items():
            row = row_of[word.encode()]
            self.assertEqual(neighbours[row, 0], word.encode())
            self.assertEqual([w.decode() for w in neighbours[row, 1:]], [w for w, _ in expected])
            cosines = 1 - distances[row, 1:].astype(np.float64)
            self.assertTrue(np.allclose(cosines, [c for _, c in expected], atol=2e-7), word)
        self.assertIn("100.0000 %", text)

    def recall(self, found, truth, sample):
        with h5py.File(found) as a, h5py.File(truth) as b:
            hits = [len(set(a["neighbors"][row]) & set(b["neighbors"][row])) for row in sample]
        return np.mean(hits) / 11

    def test_ivf_and_hnsw_reach_their_recall_on_words_that_the_tuner_did_not_see(self):
        truth, _ = self.graph(1, "truth.h5", "--type", "flat")
        sample = np.sort(np.random.RandomState(7).choice(40346, 2000, replace=False))
        for kind in ("ivf", "hnsw"):
            out, _ = self.graph(2, f"{kind}.h5", "--type", kind, "--recall", "0.95")
            self.assertGreaterEqual(self.recall(out, truth, sample), 0.95, kind)

    def test_ivf_graphs_are_the_same_at_1_2_and_3_ranks_and_exact_with_all_lists(self):
        files = []
        for ranks in (1, 2, 3):
            out, _ = self.graph(ranks, f"ivf{ranks}.h5", "--type", "ivf", "--recall", "0.95")
            with open(out, "rb") as file:
                files.append(file.read())
        self.assertEqual(files[1:], files[:1] * 2)
        every, _ = self.graph(2, "every.h5", "--type", "ivf", "--lists", "200", "--nprobe", "200")
        exact, _ = self.graph(2, "exact.h5", "--type", "flat")
        with h5py.File(every) as a, h5py.File(exact) as b:
            for name in ("neighbors", "distances"):
                np.testing.assert_array_equal(a[name][:], b[name][:])

    def test_codes_shards_and_little_memory_find_what_floats_find(self):
        some = ("--type", "ivf", "--lists", "200", "--nprobe", "12", "--train-sample", "4000")
        shard = ("--placement", "shard")
        files = {}
        for ranks, *arguments in (
                (1, "--codes", "fp32"), (2, "--codes", "fp16"), (3, "--codes", "int8"),
                (2, "--codes", "int8", "--memory", "4MiB"),  # some 2 MiB of bytes, 8 of floats
                (1, "--codes", "fp32", "--memory", "4MiB"), (3, "--codes", "int8", *shard),
                (2, "--codes", "fp16", "--memory", "4MiB", *shard)):
            out, _ = self.graph(ranks, f"{len(files)}.h5", *some, *arguments)
            with open(out, "rb") as file:
                files[(ranks, *arguments)] = file.read()
        first = next(iter(files.values()))
        self.assertEqual([job for job, bytes in files.items() if bytes != first], [])

    def test_mutual_neighbours_are_those_of_the_graph(self):
        plain, _ = self.graph(1, "plain.h5", "--type", "flat")
        mutual, _ = self.graph(3, "mutual.h5", "--type", "flat", "--mutual", "--format", "csr")
        with h5py.File(plain) as file:
            rows = file["neighbors"][:].tolist()
        sets = [set(row) for row in rows]
        with h5py.File(mutual) as file:
            ends, positions = file["indptr"][:], file["indices"][:].tolist()
        for i, row in enumerate(rows):
            self.assertEqual(positions[ends[i]:ends[i + 1]], [j for j in row if i in sets[j]])


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v"])
