"""The neighbour graph of a file of vectors by others: Annoy, hnswlib, FAISS IVF. One JSON line each.

    PYTHON bench/knn/scale_peers.py VECTORS.fbin [annoy,hnswlib,faiss]

Called by scale.py. Recall is that of 1,000 vectors whose neighbours are computed exactly.
"""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy

K, THREADS = 10, 2


def read_fbin(path):
    rows, dim = numpy.fromfile(path, dtype=numpy.uint32, count=2)
    return numpy.memmap(path, dtype=numpy.float32, mode="r", offset=8, shape=(rows, dim))


def exact(vectors, rows):
    """The K nearest of each row, itself included."""
    sample = numpy.asarray(vectors[rows], dtype=numpy.float64)
    best = None
    for first in range(0, len(vectors), 50_000):
        part = numpy.asarray(vectors[first:first + 50_000], dtype=numpy.float64)
        distances = (part**2).sum(1) - 2 * sample @ part.T
        numbers = numpy.broadcast_to(numpy.arange(first, first + len(part)), distances.shape)
        if best is not None:
            distances, numbers = numpy.hstack([best[0], distances]), numpy.hstack([best[1], numbers])
        nearest = numpy.argpartition(distances, K, axis=1)[:, :K]
        best = (numpy.take_along_axis(distances, nearest, 1), numpy.take_along_axis(numbers, nearest, 1))
    return best[1]


class Peers:
    def __init__(self, path):
        self.vectors = read_fbin(path)
        self.rows = numpy.random.default_rng(1).choice(len(self.vectors), 1000, replace=False)
        self.truth = exact(self.vectors, self.rows)

    def measure(self, name, parameters, build, search):
        start, processor = time.monotonic(), time.process_time()
        index = build()
        built, built_processor = time.monotonic(), time.process_time()
        found = search(index)
        end, end_processor = time.monotonic(), time.process_time()
        hits = sum(len(set(f) & set(t)) for f, t in zip(found[self.rows].tolist(), self.truth.tolist()))
        print(json.dumps({
            "name": f"knn.scale.{name}", "rows": len(self.vectors), "dim": self.vectors.shape[1], "k": K,
            **parameters, "threads": THREADS,
            "seconds": {"build": round(built - start, 2), "search": round(end - built, 2),
                        "total": round(end - start, 2)},
            "processor_us_per_query": round((end_processor - built_processor) / len(self.vectors) * 1e6, 1),
            "build_processor_seconds": round(built_processor - processor, 2),
            "recall": hits / self.truth.size}), flush=True)

    def annoy(self, trees=50, search_k=-1):
        from annoy import AnnoyIndex

        def build():
            index = AnnoyIndex(self.vectors.shape[1], "euclidean")
            for i, vector in enumerate(self.vectors):
                index.add_item(i, vector)
            index.build(trees, n_jobs=THREADS)
            return index

        def search(index):
            def some(rows):
                return [(index.get_nns_by_item(int(i), K, search_k) + [-1] * K)[:K] for i in rows]
            with ThreadPoolExecutor(THREADS) as pool:  # the library lets go of Python's lock
                parts = pool.map(some, numpy.array_split(numpy.arange(len(self.vectors)), 100))
            return numpy.vstack(list(parts))

        self.measure("annoy", {"trees": trees, "search_k": search_k}, build, search)

    def hnswlib(self, links=32, ef=64):
        import hnswlib

        def build():
            index = hnswlib.Index("l2", self.vectors.shape[1])
            index.init_index(len(self.vectors), M=links, ef_construction=100)
            index.add_items(self.vectors, num_threads=THREADS)
            index.set_ef(ef)
            return index

        self.measure("hnswlib", {"links": links, "ef": ef}, build,
                     lambda index: index.knn_query(self.vectors, K, num_threads=THREADS)[0])

    def faiss(self, nprobe):
        import faiss
        faiss.omp_set_num_threads(THREADS)
        lists = int(4 * len(self.vectors)**0.5)

        def build():
            dim = int(self.vectors.shape[1])
            index = faiss.IndexIVFFlat(faiss.IndexFlatL2(dim), dim, lists)
            some = numpy.random.default_rng(2).choice(len(self.vectors), 64 * lists, replace=False)
            index.train(numpy.ascontiguousarray(self.vectors[some]))
            index.add(self.vectors)
            index.nprobe = nprobe
            return index

        self.measure("faiss_ivf", {"version": faiss.__version__, "lists": lists, "nprobe": nprobe},
                     build, lambda index: index.search(numpy.ascontiguousarray(self.vectors), K)[1])


def main():
    peers = Peers(sys.argv[1])
    wanted = sys.argv[2].split(",") if len(sys.argv) > 2 else ["annoy", "hnswlib", "faiss"]
    if "faiss" in wanted:
        for nprobe in (8, 16):
            peers.faiss(nprobe)
    if "hnswlib" in wanted:
        for ef in (64, 128):
            peers.hnswlib(ef=ef)
    if "annoy" in wanted:
        peers.annoy()


if __name__ == "__main__":
    main()
