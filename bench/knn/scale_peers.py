"""The neighbour graph of a file of vectors by others: Annoy, hnswlib, FAISS IVF. One JSON line each.

    PYTHON bench/knn/scale_peers.py VECTORS.fbin [annoy,hnswlib,faiss]

Called by scale.py. Neighbours by the angle: vectors are scaled to length 1 first. Recall is that of
1,000 vectors whose neighbours are computed exactly. Where `queries` is less than all, time is that of
so many queries only.
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
        vectors = numpy.array(read_fbin(path))
        self.vectors = vectors / numpy.maximum(numpy.linalg.norm(vectors, axis=1, keepdims=True), 1e-30)
        self.rows = numpy.random.default_rng(1).choice(len(self.vectors), 1000, replace=False)
        self.truth = exact(self.vectors, self.rows)

    def measure(self, name, parameters, build, searches):
        """searches: (parameters, how many queries, search(index, rows) -> neighbours)."""
        start, processor = time.monotonic(), time.process_time()
        index = build()
        built, build_processor = time.monotonic() - start, time.process_time() - processor
        for more, count, search in searches:
            rows = numpy.arange(len(self.vectors))
            if count < len(rows):  # those whose neighbours are known are among them
                others = numpy.random.default_rng(3).choice(len(rows), count - len(self.rows), replace=False)
                rows = numpy.concatenate([self.rows, others])
            start, processor = time.monotonic(), time.process_time()
            found = search(index, rows)
            seconds, search_processor = time.monotonic() - start, time.process_time() - processor
            known = found[self.rows] if count >= len(self.vectors) else found[:len(self.rows)]
            hits = sum(len(set(f) & set(t)) for f, t in zip(known.tolist(), self.truth.tolist()))
            print(json.dumps({
                "name": f"knn.scale.{name}", "rows": len(self.vectors), "dim": self.vectors.shape[1],
                "k": K, **parameters, **more, "threads": THREADS, "queries": len(rows),
                "seconds": {"build": round(built, 2), "search": round(seconds, 2)},
                "processor_us_per_query": round(search_processor / len(rows) * 1e6, 1),
                "build_processor_seconds": round(build_processor, 2),
                "recall": hits / self.truth.size}), flush=True)

    def annoy(self, trees=50):
        from annoy import AnnoyIndex

        def build():
            index = AnnoyIndex(self.vectors.shape[1], "angular")
            for i, vector in enumerate(self.vectors):
                index.add_item(i, vector)
            index.build(trees, n_jobs=THREADS)
            return index

        def search(search_k):
            def some(index, rows):
                return [(index.get_nns_by_item(int(i), K, search_k) + [-1] * K)[:K] for i in rows]

            def all_of(index, rows):
                with ThreadPoolExecutor(THREADS) as pool:  # the library lets go of Python's lock
                    return numpy.vstack(list(pool.map(lambda part: some(index, part),
                                                      numpy.array_split(rows, 100))))
            return all_of

        self.measure("annoy", {"trees": trees}, build,
                     [({"search_k": k}, count, search(k))
                      for k, count in ((-1, len(self.vectors)), (4000, 20_000), (16000, 10_000),
                                        (64000, 5_000))])

    def hnswlib(self, links=32):
        import hnswlib

        def build():
            index = hnswlib.Index("l2", self.vectors.shape[1])
            index.init_index(len(self.vectors), M=links, ef_construction=100)
            index.add_items(self.vectors, num_threads=THREADS)
            return index

        def search(ef):
            def run(index, rows):
                index.set_ef(ef)
                return index.knn_query(self.vectors[rows], K, num_threads=THREADS)[0]
            return run

        self.measure("hnswlib", {"links": links}, build,
                     [({"ef": ef}, 50_000, search(ef)) for ef in (32, 64, 128)])

    def faiss(self):
        import faiss
        faiss.omp_set_num_threads(THREADS)
        lists = int(4 * len(self.vectors)**0.5)

        def build():
            dim = int(self.vectors.shape[1])
            self.quantizer = faiss.IndexFlatL2(dim)
            index = faiss.IndexIVFFlat(self.quantizer, dim, lists)
            some = numpy.random.default_rng(2).choice(len(self.vectors), 64 * lists, replace=False)
            index.train(numpy.ascontiguousarray(self.vectors[some]))
            index.add(self.vectors)
            return index

        def search(nprobe):
            def run(index, rows):
                index.nprobe = nprobe
                return index.search(numpy.ascontiguousarray(self.vectors[rows]), K)[1]
            return run

        self.measure("faiss_ivf", {"version": faiss.__version__, "lists": lists}, build,
                     [({"nprobe": n}, count, search(n))
                      for n, count in ((8, len(self.vectors)), (16, 100_000))])


def main():
    peers = Peers(sys.argv[1])
    wanted = sys.argv[2].split(",") if len(sys.argv) > 2 else ["faiss", "hnswlib", "annoy"]
    for name in wanted:
        getattr(peers, name)()


if __name__ == "__main__":
    main()
