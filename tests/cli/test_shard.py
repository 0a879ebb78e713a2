import os
import unittest

import numpy as np

from partita_case import PartitaCase

NODES = {"PARTITA_RANKS_PER_NODE": "1"}  # every rank on a node of its own
PAIRS = {"PARTITA_RANKS_PER_NODE": "2"}


class Shard(PartitaCase):
    """An index that is shared out among the ranks gives the bytes that one copy gives."""

    def setUp(self):
        super().setUp()
        numbers = np.random.RandomState(7)
        base = numbers.randn(900, 9).astype(np.float32)
        base[300:500] = base[7]
        base[20] = 0
        np.save(self.path("base.npy"), base)
        np.save(self.path("queries.npy"), numbers.randn(230, 9).astype(np.float32))

    def test_search_and_graph_of_any_ranks_nodes_and_memory(self):
        shapes = ((1, "1MiB", {}), (2, "1MiB", NODES), (3, "8MiB", {}), (4, "1MiB", PAIRS),
                  (7, "2MiB", NODES))
        for kind, metric in (("ivf", "l2"), ("ivf", "cosine"), ("flat", "ip"), ("hnsw", "l2")):
            name = f"{kind}-{metric}"
            self.succeed("knn", "build", "base.npy", "--type", kind, "--metric", metric, "--out",
                         f"{name}.index", "--shards", "16")
            search = ["knn", "search", f"{name}.index", "queries.npy", "--scratch", "."]
            graph = ["knn", "graph", "base.npy", "--type", kind, "--metric", metric, "--scratch",
                     ".", "--exclude-self", "--shards", "16"]
            effort = {"ivf": ["--nprobe", "3"], "hnsw": ["--ef", "20"]}.get(kind, [])
            for command in (search, graph):
                self.succeed(*command, *effort, "--out", "whole.h5", "--overwrite")
                for ranks, memory, nodes in shapes:
                    self.succeed(*command, *effort, "--placement", "shard", "--memory", memory,
                                 "--out", "shared.h5", "--overwrite", ranks=ranks, env=nodes)
                    self.assertEqual(self.read("shared.h5"), self.read("whole.h5"),
                                     f"{command} on {ranks}")

    def test_tuning_and_items_ask_all_ranks(self):
        self.succeed("knn", "build", "base.npy", "--type", "ivf", "--out", "x.index")
        for arguments in (["queries.npy", "--recall", "0.9"], ["17,3,899,17", "--by-item"]):
            for placement, ranks in (("replicate", 1), ("shard", 4)):
                out = self.succeed("knn", "search", "x.index", *arguments, "--seed", "2",
                                   "--placement", placement, "--out", f"{placement}.csv",
                                   "--scratch", ".", "--overwrite", ranks=ranks, env=NODES)
            self.assertIn("shard", out)
            self.assertEqual(self.read("shard.csv"), self.read("replicate.csv"))

    def test_auto_shares_out_what_a_node_cannot_hold(self):
        np.save(self.path("large.npy"), np.random.RandomState(1).randn(66667, 9).astype("f4"))
        self.succeed("knn", "build", "large.npy", "--type", "flat", "--out", "x.index")
        search = ["knn", "search", "x.index", "queries.npy", "--overwrite", "--scratch", ".",
                  "--out"]
        self.assertRegex(self.succeed(*search, "whole.csv"), "placement +replicate: one node")
        out = self.succeed(*search, "wide.csv", "--memory", "64MiB", ranks=3, env=NODES)
        self.assertRegex(out, r"placement +replicate: 2.29 MiB are within 60 % of a node's 64")
        out = self.succeed(*search, "shared.csv", "--memory", "2MiB", ranks=3, env=NODES)
        self.assertRegex(out, r"placement +shard: 2.29 MiB are over 60 % of a node's 2.00 MiB")
        self.assertEqual(self.read("shared.csv"), self.read("whole.csv"))

    def test_refusals(self):
        graph = ["knn", "graph", "base.npy", "--placement", "shard", "--out", "x.h5", "--type"]
        self.fail_with("knn graph: --placement shard: expected --type flat, ivf or hnsw, which can "
                       "be shared out, got IVF8,PQ4; see 'partita knn graph --help'", *graph,
                       "IVF8,PQ4")
        self.fail_with("knn graph: --placement shard --shards 1: expected several graphs to share "
                       "out; see 'partita knn graph --help'", *graph, "hnsw", "--shards", "1")
        self.succeed("knn", "build", "base.npy", "--type", "hnsw", "--out", "one.index")
        self.fail_with("--placement shard: expected a flat or ivf index, or an hnsw one that was "
                       "built with --shards, got hnsw of one graph", "knn", "search", "one.index",
                       "queries.npy", "--placement", "shard", "--out", "x.csv")
        np.save(self.path("large.npy"), np.random.RandomState(1).randn(120000, 9).astype("f4"))
        self.succeed("knn", "build", "large.npy", "--type", "flat", "--out", "x.index")
        self.fail_with("load index: a rank's share of the index takes 1.37 MiB, but --memory gives "
                       "1.00 MiB: expected more ranks or more memory (rank 1) (and 1 more rank)",
                       "knn", "search", "x.index", "queries.npy", "--placement", "shard",
                       "--memory", "1MiB", "--out", "x.csv", ranks=(3,), env=NODES)

    def test_a_search_that_takes_too_long_is_refused_before_it_begins(self):
        for command in (["knn", "graph", "base.npy"], ["knn", "search", "x.index", "base.npy"]):
            if command[1] == "search":
                self.succeed("knn", "build", "base.npy", "--type", "flat", "--out", "x.index")
            result = self.partita(*command, "--max-time", "0s", "--out", "x.h5", "--scratch", ".",
                                  ranks=3)
            self.assertRegex(result.err, "^partita: the search would take about .* GFLOP/s that "
                             "the ranks reach, more than the 0 s that --max-time allows\n$")
            self.assertEqual(result.status, 1)
            self.assertFalse([name for name in os.listdir(self.folder) if "x.h5" in name])
        self.fail_with("knn graph: --max-time: '10 min': expected a duration such as 90s, 10m, "
                       "1h30m or 2d; see 'partita knn graph --help'", "knn", "graph", "base.npy",
                       "--max-time", "10 min", "--out", "x.h5")


class Plan(PartitaCase):
    CLUSTER = ["plan", "--nodes", "6", "--cores", "16", "--memory", "64GiB", "--dim", "128"]

    def test_says_layout_memory_placement_and_time(self):
        out = self.succeed(*self.CLUSTER, "--vectors", "10000000")
        self.assertIn("6 nodes x 2 ranks x 8 threads, 25.6 GiB a rank", out)
        self.assertRegex(out, "index +ivf of 10,000,000 x 128, 12,649 lists, nprobe 16: 4.85 GiB")
        self.assertRegex(out, "placement +replicate: 4.85 GiB are within 60 % of a node's 51.2 GiB")
        self.assertRegex(out, "plan +2.42 GiB index, .* a rank; 1 round of 10,000,000 queries")
        self.assertRegex(out, "build +about .*\n *search +about .*\n *prediction +not a measure")
        out = self.succeed(*self.CLUSTER, "--vectors", "100000000", ranks=2)
        self.assertRegex(out, "placement +shard: 48.4 GiB are over 60 % of a node's 51.2 GiB")
        self.assertRegex(out, "plan +4.04 GiB index")

    def test_says_what_does_not_fit(self):
        self.fail_with("the index takes 40.4 GiB of each rank's 25.6 GiB: expected more nodes or "
                       "more memory", *self.CLUSTER, "--vectors", "1000000000")

    def test_says_what_no_cluster_has(self):
        few = ("plan", "--memory", "64GiB", "--vectors")
        self.fail_with("plan: expected vectors of at most 1 EiB in all, got 1,000,000,000,000,000 x "
                       "300", *few, "1000000000000000", "--dim", "300")
        self.fail_with("plan: expected queries of at most 1 EiB in all, got "
                       "1,000,000,000,000,000,000 x 4", *few, "10", "--dim", "4", "--queries",
                       "1000000000000000000")
        self.fail_with("--lists: expected at most 10 (the number of vectors), got 11", *few, "10",
                       "--dim", "4", "--lists", "11")


if __name__ == "__main__":
    unittest.main()
