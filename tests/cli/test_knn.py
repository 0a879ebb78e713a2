import csv
import json
import os
import unittest

import h5py
import numpy as np
import pandas as pd

from partita_case import PartitaCase


def exact(base, queries, k):
    """Neighbours by (squared distance in double, position)."""
    squared = ((queries[:, None, :].astype(np.float64) - base[None].astype(np.float64)) ** 2).sum(2)
    order = np.lexsort((np.broadcast_to(np.arange(len(base)), squared.shape), squared))[:, :k]
    return order, np.sqrt(np.take_along_axis(squared, order, 1))


class KnnCase(PartitaCase):
    def setUp(self):
        super().setUp()
        numbers = np.random.RandomState(3)
        self.base = numbers.randn(600, 7).astype(np.float32)
        self.base[50] = self.base[10]  # equal twins
        self.queries = numbers.randn(41, 7).astype(np.float32)
        np.save(self.path("base.npy"), self.base)
        np.save(self.path("queries.npy"), self.queries)
        with open(self.path("names.txt"), "w") as file:
            file.writelines(f"name {i}\n" for i in range(len(self.base)))

    def result(self, name):
        return h5py.File(self.path(name))


class Search(KnnCase):
    def test_result_through_h5py_and_pandas(self):
        self.succeed("knn", "build", "base.npy", "--ids", "names.txt", "--out", "base.index",
                     ranks=3)
        self.succeed("knn", "search", "base.index", "queries.npy", "-k", "5", "--out", "nn.h5",
                     ranks=3)
        neighbours, distances = exact(self.base, self.queries, 5)
        with self.result("nn.h5") as file:
            np.testing.assert_array_equal(file["neighbors"][:], neighbours)
            np.testing.assert_allclose(file["distances"][:], distances, rtol=1e-6)
            np.testing.assert_array_equal(file["ids"][:], np.arange(41))
            names = pd.DataFrame(file["neighbor_ids"][:].astype(str))
            self.assertEqual(names.iloc[0, 0], f"name {neighbours[0, 0]}")
            self.assertEqual(file["neighbors"].dtype, np.int64)
            self.assertEqual(file["distances"].dtype, np.float32)
            self.assertEqual((file.attrs["metric"], file.attrs["k"]), ("l2", 5))

    def test_same_bytes_for_any_ranks_threads_and_memory(self):
        for kind in ("flat", "ivf"):
            files = []
            shapes = (1, "1GiB", 1), (3, "1MiB", 2), (4, "8MiB", 1), (2, "2MiB", 3)
            for ranks, memory, threads in shapes:
                name = f"{kind}-{ranks}"
                self.succeed("knn", "build", "base.npy", "--type", kind, "--seed", "5", "--memory",
                             memory, "--out", f"{name}.index", "--threads", threads, ranks=ranks)
                self.succeed("knn", "search", f"{name}.index", "queries.npy", "--out", f"{name}.h5",
                             "--memory", memory, "--threads", threads, ranks=ranks)
                files.append((self.read(f"{name}.index"), self.read(f"{name}.h5")))
            for other in files[1:]:
                self.assertTrue(other[0] == files[0][0], f"{kind}: index files differ")
                self.assertTrue(other[1] == files[0][1], f"{kind}: results differ")

    def test_items_by_their_names(self):
        self.succeed("knn", "build", "base.npy", "--ids", "names.txt", "--out", "base.index")
        self.succeed("knn", "search", "base.index", "name 10,name 3", "--by-item", "-k", "2",
                     "--out", "nn.csv", ranks=3)
        with open(self.path("nn.csv")) as file:
            rows = list(csv.DictReader(file))
        self.assertEqual([r["neighbor"] for r in rows][:3], ["name 10", "name 50", "name 3"])
        self.assertEqual([r["distance"] for r in rows][:3], ["0", "0", "0"])
        self.fail_with("nobody: no item 'nobody' in the index", "knn", "search", "base.index",
                       "nobody", "--by-item", "--out", "x.csv")

    def test_the_operating_curve_is_kept(self):
        self.succeed("knn", "build", "base.npy", "--type", "ivf", "--out", "base.index")
        self.succeed("knn", "search", "base.index", "queries.npy", "--recall", "0.9", "--out",
                     "nn.h5")
        known = json.loads(self.read("base.index.json"))
        self.assertGreater(len(known["operating_curve"]["points"]), 1)
        self.assertGreater(known["default_effort"], 0)

    def test_bad_input_is_one_sentence(self):
        self.succeed("knn", "build", "base.npy", "--out", "base.index")
        np.save(self.path("other.npy"), np.zeros((3, 9), np.float32))
        self.fail_with("other.npy: expected vectors of dimension 7 as in base.index, got 9", "knn",
                       "search", "base.index", "other.npy", "--out", "nn.h5")
        self.fail_with("none.index: no such index", "knn", "search", "none.index", "queries.npy",
                       "--out", "nn.h5")
        self.fail_with("none.npy: No such file or directory", "knn", "graph", "none.npy", "--out",
                       "nn.h5")
        self.fail_with("--recall, --nprobe and --ef exclude each other: expected one of them",
                       "knn", "graph", "base.npy", "--recall", "0.9", "--nprobe", "3", "--out",
                       "nn.h5")
        content = self.read("base.index")
        self.write("base.index", content[:100])
        result = self.partita("knn", "search", "base.index", "queries.npy", "--out", "nn.h5",
                              ranks=3)
        self.assertEqual((result.status, result.err.count("\n")), (1, 1), result.err)
        self.assertIn("base.index", result.err)
        self.assertFalse(os.path.exists(self.path("nn.h5")))

    def test_vectors_with_nan_are_refused(self):
        self.base[333, 2] = np.nan
        np.save(self.path("nan.npy"), self.base)
        for ranks in (1, 3):
            result = self.partita("knn", "graph", "nan.npy", "--out", "nn.h5", ranks=ranks)
            self.assertEqual((result.status, result.err.count("\n")), (1, 1), result.err)
            self.assertIn("nan.npy", result.err)
            self.assertIn("333", result.err)
            self.assertFalse(os.path.exists(self.path("nn.h5")))


class Graph(KnnCase):
    def test_self_comes_first_and_can_be_left_out(self):
        out = self.succeed("knn", "graph", "base.npy", "-k", "4", "--out", "nn.h5", ranks=3)
        self.assertIn("100.0000 % of 600 items find themselves; 2 have an equal twin", out)
        self.succeed("knn", "graph", "base.npy", "-k", "3", "--exclude-self", "--out", "others.h5",
                     ranks=3)
        with self.result("nn.h5") as file, self.result("others.h5") as others:
            full, rest = file["neighbors"][:], others["neighbors"][:]
        for row in range(600):
            self.assertEqual([n for n in full[row] if n != row][:3], list(rest[row]))

    def test_codes_find_what_floats_find(self):
        arguments = ["knn", "graph", "base.npy", "--type", "ivf", "--nprobe", "5", "--overwrite"]
        self.succeed(*arguments, "--codes", "fp32", "--memory", "1GiB", "--out", "nn.h5")
        wanted = self.read("nn.h5")
        for ranks, *more in ((2, "--codes", "fp16"), (3, "--codes", "int8"), (1, "--codes", "int8"),
                             (4, "--codes", "int8", "--placement", "shard"),
                             (2, "--codes", "fp16", "--placement", "shard")):
            out = self.succeed(*arguments, *more, "--out", "coded.h5", ranks=ranks)
            self.assertIn(f"plan        {more[1]}: ", out)
            self.assertTrue(self.read("coded.h5") == wanted, more)
        self.fail_with("--codes int8: expected --type ivf, whose lists hold codes, got flat", "knn",
                       "build", "base.npy", "--type", "flat", "--codes", "int8", "--out", "x.index")

    def test_codes_and_reading_in_order_go_by_the_memory(self):
        numbers = np.random.RandomState(5).randn(6000, 128).astype(np.float32)
        np.save(self.path("large.npy"), numbers)
        arguments = ["knn", "graph", "large.npy", "--type", "ivf", "--lists", "20", "--nprobe", "4",
                     "--train-sample", "600", "--overwrite"]
        self.succeed(*arguments, "--memory", "1GiB", "--out", "nn.h5")
        for memory, codes in (("3MiB", "fp16"), ("2MiB", "int8"), ("1MiB", "int8")):
            out = self.succeed(*arguments, "--memory", memory, "--out", "small.h5")
            self.assertIn(f"codes       {codes}, since 2.99 MiB of floats are over 60 %", out)
            self.assertTrue(self.read("small.h5") == self.read("nn.h5"), memory)
        self.assertIn("lists are read from disk", out)  # when bytes do not fit either
        self.succeed("knn", "build", "large.npy", "--type", "ivf", "--lists", "20", "--out",
                     "kept.index", "--memory", "3MiB", "--train-sample", "600")
        out = self.succeed("knn", "search", "kept.index", "large.npy", "--nprobe", "4", "--memory",
                           "3MiB", "--out", "kept.h5")
        self.assertIn("lists are read from disk", out)
        with self.result("kept.h5") as a, self.result("nn.h5") as b:
            np.testing.assert_array_equal(a["neighbors"][:], b["neighbors"][:])

    def test_an_existing_result_is_kept(self):
        self.succeed("knn", "graph", "base.npy", "--out", "nn.h5")
        before = self.read("nn.h5")
        result = self.partita("knn", "graph", "base.npy", "-k", "3", "--out", "nn.h5", ranks=3)
        self.assertEqual((result.status, result.err.count("\n")), (1, 1))
        self.assertIn("--overwrite", result.err)
        self.assertEqual(self.read("nn.h5"), before)

    def test_jsonl(self):
        self.succeed("knn", "graph", "base.npy", "-k", "2", "--out", "nn.jsonl", ranks=3)
        rows = [json.loads(line) for line in self.read("nn.jsonl").splitlines()]
        self.assertEqual(len(rows), 1200)
        self.assertEqual([r["item"] for r in rows[::2]], list(range(600)))

    def test_the_scratch_folder_is_left_clean(self):
        os.mkdir(self.path("scratch"))
        self.succeed("knn", "graph", "base.npy", "--type", "ivf", "--scratch", "scratch", "--out",
                     "nn.h5", ranks=3)
        self.assertEqual(os.listdir(self.path("scratch")), [])


class Nodes(KnnCase):
    """Every rank counts as a node of its own: the index must be sent, and is found again."""

    def test_one_copy_a_node_serves_later_jobs(self):
        os.mkdir(self.path("scratch"))
        self.succeed("knn", "build", "base.npy", "--out", "base.index")
        arguments = ["knn", "search", "base.index", "queries.npy", "--scratch", "scratch",
                     "--overwrite"]
        nodes = {"PARTITA_RANKS_PER_NODE": "1"}
        out = self.succeed(*arguments, "--out", "nn.h5", ranks=3, env=nodes)
        self.assertIn("one copy on each of 3 nodes (1 had it)", out)
        out = self.succeed(*arguments, "--out", "again.h5", ranks=3, env=nodes)
        self.assertIn("one copy on each of 3 nodes (3 had it)", out)
        self.assertEqual(self.read("nn.h5"), self.read("again.h5"))
        self.succeed(*arguments, "--out", "one.h5")
        self.assertEqual(self.read("nn.h5"), self.read("one.h5"))


class Eval(KnnCase):
    def test_against_a_truth_in_the_ann_benchmarks_layout(self):
        neighbours, distances = exact(self.base, self.queries, 10)
        with h5py.File(self.path("bench.h5"), "w") as file:
            file["train"], file["test"] = self.base, self.queries
            file["neighbors"] = neighbours.astype(np.int32)
            file["distances"] = distances.astype(np.float32)
            file.attrs["distance"] = "euclidean"
        self.succeed("knn", "build", "bench.h5", "--out", "b.index")
        self.succeed("knn", "search", "b.index", "bench.h5", "--out", "nn.h5", ranks=3)
        out = self.succeed("knn", "eval", "nn.h5", "bench.h5", ranks=3)
        self.assertIn("recall@10 by id        1.000000", out)
        self.assertIn("recall@10 by distance  1.000000", out)
        out = self.succeed("knn", "eval", "nn.h5", "--exact-sample", "30", ranks=3)
        self.assertIn("recall@10 by id        1.000000", out)

    def test_recall_counts_what_is_missing(self):
        neighbours, distances = exact(self.base, self.queries, 4)
        found = neighbours.copy()
        found[::2, 3] = 599 - found[::2, 3]
        for name, rows in (("truth.h5", neighbours), ("found.h5", found)):
            with h5py.File(self.path(name), "w") as file:
                file["neighbors"], file["distances"] = rows, distances.astype(np.float32)
        wanted = np.mean([len(set(a) & set(b)) / 4 for a, b in zip(neighbours, found)])
        out = self.succeed("knn", "eval", "found.h5", "truth.h5", ranks=3)
        self.assertIn(f"recall@4 by id        {wanted:.6f}", out)


if __name__ == "__main__":
    unittest.main()
