"""Makes a job's input files, and judges answers that need numpy.

    inputs.py JOB SIZE FOLDER          prints the files
    inputs.py recall VECTORS NEIGHBORS | inputs.py inertia TABLE CLUSTERS
"""

import os
import sys

import numpy


def words(size, path):
    """Words of 3 to 12 letters, 50,000 of them, Zipf(1), ten a line."""
    random = numpy.random.default_rng(1)
    vocabulary = numpy.array(["".join(map(chr, random.integers(97, 123, random.integers(3, 13))))
                              for _ in range(50_000)], dtype=object)
    weights = 1 / numpy.arange(1, 50_001)
    with open(path, "w") as file:
        while file.tell() < size:
            some = vocabulary[random.choice(50_000, 500_000, p=weights / weights.sum())]
            file.write("\n".join(" ".join(some[i:i + 10]) for i in range(0, len(some), 10)) + "\n")


def pairs(size, path):
    random = numpy.random.default_rng(2)
    keys, values = random.integers(0, max(size // 10, 1), size), random.integers(0, 1000, size)
    with open(path, "w") as file:
        file.write("key,value\n")
        file.writelines(f"{k},{v}\n" for k, v in zip(keys.tolist(), values.tolist()))


def texts(size, path):
    """50 keys and 20,000 values, both Zipf."""
    random = numpy.random.default_rng(3)

    def zipf(n):
        weights = 1 / numpy.arange(1, n + 1)
        return random.choice(n, size, p=weights / weights.sum())
    values = ["".join(map(chr, random.integers(97, 123, random.integers(6, 21))))
              for _ in range(20_000)]
    with open(path, "w") as file:
        file.write("key,value\n")
        file.writelines(f"k{k:02d},{values[v]}\n" for k, v in zip(zipf(50), zipf(20_000)))


def features(size, path, seed, with_label):
    random = numpy.random.default_rng(seed)
    x = random.normal(size=(size, 10)).round(4)
    label = random.random(size) < 1 / (1 + numpy.exp(-(x @ numpy.linspace(-1, 1, 10) - 0.5)))
    names = [f"x{i}" for i in range(10)] + ["label"] * with_label
    table = numpy.hstack([x, label[:, None]]) if with_label else x
    formats = ["%.4f"] * 10 + ["%d"] * with_label
    numpy.savetxt(path, table, formats, delimiter=",", header=",".join(names), comments="")


def clusters(size, path):
    random = numpy.random.default_rng(6)
    centres = random.normal(size=(10, 8)) * 6
    x = centres[random.integers(0, 10, size)] + random.normal(size=(size, 8))
    numpy.savetxt(path, x, "%.4f", delimiter=",", header=",".join(f"x{i}" for i in range(8)),
                  comments="")


def vectors(size, path):
    """Clusters that overlap, as embeddings do."""
    random = numpy.random.default_rng(7)
    centres = random.normal(size=(400, 100)).astype("f4")
    spread = random.normal(size=(12, 100)).astype("f4")
    x = centres[random.integers(0, 400, size)] + random.normal(size=(size, 12)).astype("f4") @ spread
    numpy.save(path, x + 0.1 * random.normal(size=x.shape).astype("f4"))


def make(job, size, folder):
    made = {"wordcount": [("words.txt", words)], "reduce": [("pairs.csv", pairs)],
            "sort": [("texts.csv", texts)],
            "train": [("train.csv", lambda n, p: features(n, p, 4, True)),
                      ("players.csv", lambda n, p: features(n, p, 5, False))],
            "kmeans": [("clusters.csv", clusters)], "graph": [("vectors.npy", vectors)]}[job]
    for name, maker in made:
        path = os.path.join(folder, f"{size}-{name}")
        if not os.path.exists(path):
            maker(size, path + ".part.npy" if path.endswith(".npy") else path + ".part")
            os.rename(path + (".part.npy" if path.endswith(".npy") else ".part"), path)
        print(path)


def recall(vectors, neighbors):
    """Of 1,000 rows, the row itself left out of both."""
    x = numpy.load(vectors)
    if os.path.exists(neighbors):
        found = numpy.load(neighbors)
    else:
        import h5py
        with h5py.File(neighbors + ".h5") as file:
            found = file["neighbors"][:]
    rows = numpy.random.default_rng(1).choice(len(x), 1000, replace=False)
    norms = (x.astype("f8") ** 2).sum(1)
    hits = 0
    for row in rows:
        distances = norms - 2 * (x @ x[row]).astype("f8")
        distances[row] = numpy.inf
        truth = set(numpy.argpartition(distances, 10)[:10].tolist())
        hits += len(truth & (set(found[row].tolist()) - {row}))
    print(hits / 10_000)


def inertia(table, clusters):
    x = numpy.loadtxt(table, delimiter=",", skiprows=1)
    member = numpy.loadtxt(clusters, delimiter=",", skiprows=1, ndmin=2)[:, 0].astype(int)
    print(sum(((x[member == c] - x[member == c].mean(0)) ** 2).sum() for c in set(member)))


if __name__ == "__main__":
    if sys.argv[1] in ("recall", "inertia"):
        {"recall": recall, "inertia": inertia}[sys.argv[1]](*sys.argv[2:])
    else:
        make(sys.argv[1], int(sys.argv[2]), sys.argv[3])
