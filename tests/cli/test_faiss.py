import unittest

import faiss
import h5py
import numpy as np

from partita_case import PartitaCase


class Faiss(PartitaCase):
    """Files that we write are read by FAISS, and the other way round, with the same answers."""

    def setUp(self):
        super().setUp()
        numbers = np.random.RandomState(5)
        self.base = numbers.randn(900, 16).astype(np.float32)
        self.queries = numbers.randn(60, 16).astype(np.float32)
        np.save(self.path("base.npy"), self.base)
        np.save(self.path("queries.npy"), self.queries)

    def search(self, index, *arguments):
        self.succeed("knn", "search", index, "queries.npy", "-k", "8", "--out", "nn.h5",
                     "--overwrite", *arguments, ranks=2)
        with h5py.File(self.path("nn.h5")) as file:
            return file["neighbors"][:], file["distances"][:]

    def expect_same(self, ours, theirs, squared=True):
        distances = np.sqrt(np.maximum(theirs[0], 0)) if squared else theirs[0]
        np.testing.assert_allclose(ours[1], distances, rtol=1e-4, atol=1e-4)
        # equal but for neighbours that float32 cannot tell apart
        self.assertGreater((ours[0] == theirs[1]).mean(), 0.999)

    def test_faiss_reads_what_we_build(self):
        for kind in ("flat", "ivf", "hnsw"):
            with self.subTest(kind):
                self.succeed("knn", "build", "base.npy", "--type", kind, "--out", f"{kind}.index",
                             ranks=3)
                index = faiss.read_index(self.path(f"{kind}.index"))
                self.assertEqual(index.ntotal, 900)
                if kind == "ivf":
                    index.nprobe = 5
                if kind == "hnsw":
                    index.hnsw.efSearch = 200
                effort = {"flat": (), "ivf": ("--nprobe", "5"), "hnsw": ("--ef", "200")}[kind]
                ours = self.search(f"{kind}.index", *effort)
                self.expect_same(ours, index.search(self.queries, 8))

    def test_faiss_reads_our_cosine_index(self):
        unit = self.queries / np.linalg.norm(self.queries, axis=1, keepdims=True)
        for kind, effort in (("ivf", ("--nprobe", "900")), ("hnsw", ("--ef", "300"))):
            with self.subTest(kind):
                name = f"cosine-{kind}.index"
                self.succeed("knn", "build", "base.npy", "--type", kind, "--metric", "cosine",
                             "--out", name)
                index = faiss.read_index(self.path(name))
                if kind == "ivf":
                    index.nprobe = index.nlist
                else:
                    index.hnsw.efSearch = 300
                similarity, positions = index.search(unit, 8)
                if kind == "hnsw":  # FAISS 1.7.3 gives minus the inner product of a graph
                    similarity = np.abs(similarity)
                ours = self.search(name, *effort)
                self.expect_same(ours, (1 - similarity, positions), squared=False)

    def test_faiss_adds_to_a_graph_of_ours(self):
        self.succeed("knn", "build", "base.npy", "--type", "hnsw", "--out", "grown.index")
        index = faiss.read_index(self.path("grown.index"))
        index.add(self.queries)
        index.hnsw.efSearch = 100
        self.assertEqual(list(index.search(self.queries, 1)[1][:, 0]), list(range(900, 960)))

    def test_we_search_what_faiss_wrote(self):
        for factory, effort in (("Flat", ()), ("IVF20,Flat", ("--nprobe", "4")),
                                ("HNSW16,Flat", ("--ef", "150")), ("IVF20,SQ8", ("--nprobe", "4")),
                                ("PCA8,Flat", ())):
            with self.subTest(factory):
                index = faiss.index_factory(16, factory)
                index.train(self.base)
                index.add(self.base)
                faiss.write_index(index, self.path("theirs.index"))
                if factory.startswith("IVF"):
                    index.nprobe = 4
                if factory.startswith("HNSW"):
                    index.hnsw.efSearch = 150
                ours = self.search("theirs.index", *effort)
                self.expect_same(ours, index.search(self.queries, 8))

    def test_a_factory_string_builds_what_faiss_would(self):
        self.succeed("knn", "build", "base.npy", "--type", "IVF16,PQ4x4", "--out", "pq.index")
        index = faiss.read_index(self.path("pq.index"))
        self.assertEqual((index.ntotal, index.nlist), (900, 16))
        result = self.partita("knn", "build", "base.npy", "--type", "hnws", "--out", "x.index",
                              ranks=3)
        self.assertEqual((result.status, result.err.count("\n")), (1, 1), result.err)
        self.assertIn("'hnws'", result.err)


if __name__ == "__main__":
    unittest.main()
