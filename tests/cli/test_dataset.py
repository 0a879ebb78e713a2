import collections
import csv
import gzip
import io
import random
import re
import unittest

from partita_case import PartitaCase

try:
    import h5py
    import numpy as np
except ImportError:
    h5py = None

WORDS = "It is a truth, universally acknowledged: a single man IS in want of a wife.\r\n\r\n" * 300


def csv_text(rows, header):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def rows_with_a_giant_key(count):
    """90 % of the rows on one key; texts of all kinds, and nulls."""
    make = random.Random(3)
    texts = ["", "a", "ab", "a b", "b,c", 'say "x"', "é", "Z", "zz" * 20] + [
        f"v{i}" for i in range(40)]
    return [["giant" if make.random() < 0.9 else make.choice("xyz "), make.choice("12"),
             make.choice(texts)] for _ in range(count)]


def by_bytes(text):
    return text.encode()


class Commands(PartitaCase):
    def rows_of(self, name):
        with open(self.path(name), newline="") as file:
            return list(csv.reader(file))

    def same_everywhere(self, name, *arguments):
        """The rows of an output, which is the same bytes at any number of ranks and budget."""
        found = []
        for ranks, more in ((1, []), (3, []), (2, ["--memory", "1MiB", "--threads", "2"])):
            self.succeed(*arguments, "--out", name, "--overwrite", *more, ranks=ranks)
            found.append(self.read(name))
        self.assertEqual(found[0], found[1])
        self.assertEqual(found[0], found[2])
        return self.rows_of(name)


class WordCount(Commands):
    def test_counts(self):
        self.write("a.txt", WORDS)
        with open(self.path("b.txt.gz"), "wb") as file:
            file.write(gzip.compress(b"gzipped words in a file"))
        for pattern, python in (("[a-z]+", "[a-z]+"), ("[a-z]+ly\\b", "[a-z]+ly\\b")):
            text = (WORDS + "gzipped words in a file").lower()
            expected = sorted(collections.Counter(re.findall(python, text)).items(),
                              key=lambda item: (-item[1], item[0]))
            found = self.same_everywhere("words.csv", "wordcount", "a.txt", "b.txt.gz",
                                         "--pattern", pattern, "--lower")
            self.assertEqual(found, [["word", "count"]] + [[w, str(n)] for w, n in expected])

    def test_prints_the_most_frequent(self):
        self.write("a.txt", "b a c b\nb a\n")
        out = self.succeed("wordcount", "a.txt", "--top", "2", ranks=3)
        self.assertEqual(out.splitlines()[:3],
                         ["           3  b", "           2  a", "distinct    3 of 6 words"])


class Sort(Commands):
    def setUp(self):
        super().setUp()
        self.rows = rows_with_a_giant_key(3000)
        self.write("t.csv", csv_text(self.rows, ["key", "other key", "value"]))

    def expected(self, columns, descending=False, nulls="drop", distinct=False):
        rows = [[row[c] for c in columns] for row in self.rows]
        if nulls == "drop":
            rows = [row for row in rows if all(row)]
        rank = {"drop": 0, "first": -1, "last": 1}[nulls]
        rows.sort(key=lambda row: by_bytes(row[-1]), reverse=descending)
        rows.sort(key=lambda row: [(0 if k else rank, by_bytes(k)) for k in row[:-1]]
                  + [0 if row[-1] else rank])
        if distinct:
            rows = list(dict.fromkeys(map(tuple, rows)))
        seen = collections.Counter()
        result = []
        for row in map(list, rows):
            key = tuple(row[:-1])
            result.append(row + [str(seen[key])])
            seen[key] += 1
        return result

    def test_by_alphabet(self):
        base = ["sort", "t.csv", "--key", "key", "--value", "value"]
        found = self.same_everywhere("o.csv", *base)
        self.assertEqual(found, [["key", "value", "index"]] + self.expected([0, 2]))
        for nulls in ("first", "last"):
            found = self.same_everywhere("o.csv", *base, "--order", "desc", "--nulls", nulls)
            self.assertEqual(found[1:], self.expected([0, 2], True, nulls))

    def test_by_several_columns_and_distinct(self):
        found = self.same_everywhere("o.csv", "sort", "t.csv", "--key", "other key,key",
                                     "--value", "value", "--distinct", "--nulls", "last")
        self.assertEqual(found[0], ["other key", "key", "value", "index"])
        self.assertEqual(found[1:], self.expected([1, 0, 2], nulls="last", distinct=True))

    def frequency(self, distinct, most_first):
        counts = collections.Counter((k, v) for k, _, v in self.rows if k and v)
        rows, index, rank = [], collections.Counter(), collections.Counter()
        for (key, value), count in sorted(counts.items(), key=lambda item: (
                by_bytes(item[0][0]), -item[1] if most_first else item[1], by_bytes(item[0][1]))):
            rank[key] += 1
            for _ in range(1 if distinct else count):
                rows.append([key, value, str(count), str(index[key]), str(rank[key])])
                index[key] += 1
        return rows

    def test_by_frequency(self):
        base = ["sort", "t.csv", "--key", "key", "--value", "value", "--by", "frequency"]
        found = self.same_everywhere("o.csv", *base)
        self.assertEqual(found[0], ["key", "value", "count", "index", "rank"])
        self.assertEqual(found[1:], self.frequency(False, True))
        found = self.same_everywhere("o.csv", *base, "--distinct", "--order", "asc")
        self.assertEqual(found[1:], self.frequency(True, False))

    @unittest.skipIf(h5py is None, "h5py is not installed")
    def test_hdf5_in_and_out(self):
        with h5py.File(self.path("t.h5"), "w") as file:
            file["key"] = np.array([row[0].encode() for row in self.rows])
            file["value"] = [row[2] for row in self.rows]
        self.same_everywhere("o.csv", "sort", "t.csv", "--key", "key", "--value", "value")
        for ranks in (1, 3):
            self.succeed("sort", "t.h5", "--key", "key", "--value", "value", "--out", "o.h5",
                         "--overwrite", ranks=ranks)
            with h5py.File(self.path("o.h5")) as file:
                found = [[k.decode(), v.decode(), str(i)] for k, v, i in
                         zip(file["key"], file["value"], file["index"])]
            self.assertEqual(found, self.rows_of("o.csv")[1:])


class Reduce(Commands):
    def test_aggregates(self):
        make = random.Random(5)
        rows = [[make.choice("ab"), make.choice(["", "7", "-2.5", " 1e3"])] for _ in range(500)]
        rows += [["null", ""], ["one", "3"]]
        self.write("t.csv", csv_text(rows, ["k", "v"]))
        found = self.same_everywhere("o.csv", "reduce", "t.csv", "--key", "k", "--value", "v")
        self.assertEqual(found[0], ["k", "sum", "count", "mean", "min", "max", "stddev"])
        self.assertEqual([row[0] for row in found[1:]], ["a", "b", "null", "one"])
        for key, *values in found[1:3]:
            numbers = [float(v) for k, v in rows if k == key and v]
            mean = sum(numbers) / len(numbers)
            deviation = (sum((x - mean) ** 2 for x in numbers) / (len(numbers) - 1)) ** 0.5
            expected = [sum(numbers), len(numbers), mean, min(numbers), max(numbers), deviation]
            for value, right in zip(values, expected):
                self.assertAlmostEqual(float(value), right, places=9)
        self.assertEqual(found[3], ["null", "", "0", "", "", "", ""])
        self.assertEqual(found[4], ["one", "3", "1", "3", "3", "3", ""])

    def test_files_without_header_and_printing(self):
        self.write("1.txt", "Ann,F,3\nBob,M,9007199254740993\n")
        self.write("2.txt", "Ann,F,4\nBob,M,-9007199254740992")
        out = self.succeed("reduce", "[12].txt", "--no-header", "--key", "2,1", "--value", "3",
                           "--agg", "sum,count", ranks=3)
        self.assertEqual(out.splitlines()[:3],
                         ["column2,column1,sum,count", "F,Ann,7,2", "M,Bob,0,2"])


class DistinctAndCount(Commands):
    def setUp(self):
        super().setUp()
        self.rows = rows_with_a_giant_key(2000)
        self.write("t.csv", csv_text(self.rows, ["key", "n", "value"]))

    def test_distinct(self):
        found = self.same_everywhere("o.csv", "distinct", "t.csv", "--columns", "key,value")
        expected = sorted({(row[0], row[2]) for row in self.rows},
                          key=lambda row: [by_bytes(text) for text in row])
        self.assertEqual(found, [["key", "value"]] + [list(row) for row in expected])

    def test_count(self):
        self.assertEqual(self.succeed("count", "t.csv", ranks=2).splitlines()[0], "2000")
        found = self.same_everywhere("o.csv", "count", "t.csv", "--key", "key")
        counts = collections.Counter(row[0] for row in self.rows)
        self.assertEqual(found[1:], [[k, str(n)] for k, n in
                                     sorted(counts.items(), key=lambda item: (-item[1], item[0]))])


if __name__ == "__main__":
    unittest.main()
