"""The jobs of bench/compare/compare by others: peers.py PEER JOB ANSWER CORES INPUT...

Written as their users would. Prints a JSON line with the seconds from reading the input to the
written answer; starting Python, importing and Spark's session are left out.
"""

import glob
import json
import os
import shutil
import sys
import time

PEER, JOB, ANSWER, CORES = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
INPUTS = sys.argv[5:]
os.environ.setdefault("OMP_NUM_THREADS", str(CORES))
K = 10


def spark_session():
    from pyspark.sql import SparkSession
    os.environ["PYSPARK_PYTHON"] = sys.executable  # workers find the same packages
    return (SparkSession.builder.master(f"local[{CORES}]").config("spark.driver.memory", "8g")
            .config("spark.ui.enabled", "false").config("spark.ui.showConsoleProgress", "false")
            .config("spark.sql.shuffle.partitions", 4 * CORES)
            .config("spark.sql.execution.arrow.pyspark.enabled", "true")
            .config("spark.log.level", "ERROR").getOrCreate())


def write_frame(frame):
    """One file, in the frame's order."""
    folder = ANSWER + ".parts"
    frame.coalesce(1).write.mode("overwrite").csv(folder, header=True)
    shutil.move(glob.glob(folder + "/part-*.csv")[0], ANSWER)
    shutil.rmtree(folder)


class Spark:
    def __init__(self):
        self.spark = spark_session()

    def read(self, path, schema):
        return self.spark.read.csv(path, header=True, schema=schema)

    def wordcount(self, path):
        from pyspark.sql import functions as f
        words = self.spark.read.text(path).select(f.explode(f.split("value", r"\s+")).alias("word"))
        write_frame(words.where("word != ''").groupBy("word").count()
                    .orderBy(f.desc("count"), "word"))

    def reduce(self, path):
        from pyspark.sql import functions as f
        pairs = self.read(path, "key string, value long")
        write_frame(pairs.groupBy("key").agg(f.sum("value"), f.avg("value")).orderBy("key"))

    def sort(self, path):
        from pyspark.sql import Window
        from pyspark.sql import functions as f
        rows = self.read(path, "key string, value string")
        number = f.row_number().over(Window.partitionBy("key").orderBy("value")) - 1
        write_frame(rows.withColumn("index", number).orderBy("key", "index"))

    def features(self, path, columns, label=False):
        from pyspark.ml.feature import VectorAssembler
        names = [f"x{i}" for i in range(columns)]
        schema = ", ".join(f"{name} double" for name in names + ["label"] * label)
        return VectorAssembler(inputCols=names, outputCol="features").transform(
            self.read(path, schema))

    def train(self, train, players):
        from pyspark.ml.classification import LogisticRegression
        from pyspark.ml.functions import vector_to_array
        model = LogisticRegression(tol=1e-8).fit(self.features(train, 10, True))
        scored = model.transform(self.features(players, 10))
        write_frame(scored.select("prediction", vector_to_array("probability")[1].alias("p")))

    def kmeans(self, path):
        from pyspark.ml.clustering import KMeans
        rows = self.features(path, 8).cache()
        model = KMeans(k=10, seed=1, maxIter=100, tol=1e-4).fit(rows)
        write_frame(model.transform(rows).select("prediction"))


class SparkRdd(Spark):
    def wordcount(self, path):
        counts = (self.spark.sparkContext.textFile(path).flatMap(str.split)
                  .map(lambda word: (word, 1)).reduceByKey(lambda a, b: a + b).collect())
        counts.sort(key=lambda pair: (-pair[1], pair[0]))
        with open(ANSWER, "w") as file:
            file.write("word,count\n")
            file.writelines(f"{word},{count}\n" for word, count in counts)


class AnnoyOnSpark:
    """The usual way: an index file that goes to all workers, which ask it row by row."""

    def __init__(self):
        import annoy  # noqa: F401: fail now when it is not installed
        self.context = spark_session().sparkContext

    def graph(self, path):
        import numpy
        from annoy import AnnoyIndex
        from pyspark import SparkFiles
        vectors = numpy.load(path)
        dim = vectors.shape[1]
        index = AnnoyIndex(dim, "euclidean")
        for i, vector in enumerate(vectors):
            index.add_item(i, vector)
        index.build(40, n_jobs=CORES)
        index.save(ANSWER + ".ann")
        self.context.addFile(ANSWER + ".ann")
        name = os.path.basename(ANSWER) + ".ann"

        def search(rows):
            from annoy import AnnoyIndex
            index = AnnoyIndex(dim, "euclidean")
            index.load(SparkFiles.get(name))
            for row in rows:
                found = [i for i in index.get_nns_by_item(row, K + 1, 6000) if i != row]
                yield row, (found + [-1] * K)[:K]
        found = self.context.parallelize(range(len(vectors)), 8 * CORES).mapPartitions(search)
        out = numpy.full((len(vectors), K), -1, dtype="i8")
        for row, neighbors in found.collect():
            out[row] = neighbors
        numpy.save(ANSWER, out)


class Pandas:
    def __init__(self):
        import pandas
        self.pandas = pandas

    def reduce(self, path):
        rows = self.pandas.read_csv(path)
        rows.groupby("key")["value"].agg(["sum", "mean"]).to_csv(ANSWER)

    def sort(self, path):
        rows = self.pandas.read_csv(path, dtype=str).sort_values(["key", "value"])
        rows["index"] = rows.groupby("key").cumcount()
        rows.to_csv(ANSWER, index=False)


class Sklearn(Pandas):
    def __init__(self):
        super().__init__()
        import sklearn.cluster
        import sklearn.linear_model
        self.sklearn = sklearn

    def train(self, train, players):
        rows = self.pandas.read_csv(train)
        model = self.sklearn.linear_model.LogisticRegression(C=float("inf"), tol=1e-8,
                                                             max_iter=1000)
        model.fit(rows.drop(columns="label").to_numpy(), rows["label"].to_numpy())
        scores = model.predict_proba(self.pandas.read_csv(players).to_numpy())[:, 1]
        self.pandas.DataFrame({"prediction": (scores > 0.5) * 1, "p": scores}).to_csv(
            ANSWER, index=False)

    def kmeans(self, path):
        x = self.pandas.read_csv(path).to_numpy()
        model = self.sklearn.cluster.KMeans(10, n_init=1, max_iter=100, random_state=1).fit(x)
        self.pandas.DataFrame({"cluster": model.predict(x)}).to_csv(ANSWER, index=False)


def write_neighbors(found):
    """Without the row itself: K of the K + 1 nearest."""
    import numpy
    own = found == numpy.arange(len(found))[:, None]
    own[~own.any(1), -1] = True
    numpy.save(ANSWER, found[~own].reshape(len(found), K))


class Hnswlib:
    def __init__(self):
        import hnswlib
        self.hnswlib = hnswlib

    def graph(self, path):
        import numpy
        vectors = numpy.load(path)
        index = self.hnswlib.Index("l2", vectors.shape[1])
        index.init_index(len(vectors), M=16, ef_construction=100)
        index.set_num_threads(CORES)
        index.add_items(vectors)
        index.set_ef(48)
        write_neighbors(index.knn_query(vectors, K + 1)[0].astype("i8"))


class Faiss:
    def __init__(self):
        import faiss
        self.faiss = faiss

    def graph(self, path):
        import numpy
        vectors = numpy.load(path)
        self.faiss.omp_set_num_threads(CORES)
        lists = max(1, min(int(4 * len(vectors) ** 0.5), len(vectors) // 40))
        index = self.faiss.index_factory(vectors.shape[1], f"IVF{lists},Flat")
        index.train(vectors)
        index.add(vectors)
        index.nprobe = self.lists_for(index, vectors, 0.95)
        write_neighbors(index.search(vectors, K + 1)[1])

    def lists_for(self, index, vectors, recall):
        """The least power of 2 that reaches it on 500 of the vectors: ours measures as well."""
        sample = vectors[:: len(vectors) // 500]
        exact = self.faiss.IndexFlatL2(vectors.shape[1])
        exact.add(vectors)
        truth = exact.search(sample, K + 1)[1]
        for power in range(1, 11):
            index.nprobe = 2 ** power
            found = index.search(sample, K + 1)[1]
            hits = sum(len(set(f) & set(t)) for f, t in zip(found, truth))
            if hits >= recall * truth.size:
                break
        return index.nprobe


def main():
    peer = {"pyspark": Spark, "pyspark_rdd": SparkRdd, "annoy_pyspark": AnnoyOnSpark,
            "pandas": Pandas, "sklearn": Sklearn, "hnswlib": Hnswlib, "faiss": Faiss}[PEER]()
    start = time.perf_counter()
    getattr(peer, JOB)(*INPUTS)
    print(json.dumps({"seconds": time.perf_counter() - start}), flush=True)


if __name__ == "__main__":
    main()
