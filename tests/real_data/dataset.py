"""Words of 25 novels and first names of 146 years, against answers computed by other tools.

    python3 dataset.py PARTITA DATA

DATA/novels holds the texts, DATA/names the files yobYYYY.txt (name,sex,n), DATA/truth/answers.json
the answers. Outputs must be the same bytes for any number of ranks and any memory.
"""

import csv
import glob
import hashlib
import json
import os
import sys
import tempfile
import unittest
from collections import Counter

from real_case import DATA, run
LITTLE = ["--memory", "8MiB"]  # per rank: much of this is spilled
LAUNCHES = [(2, []), (1, LITTLE), (2, LITTLE), (3, LITTLE), (4, LITTLE), (7, LITTLE)]


def data(name):
    return os.path.join(DATA, name)


def answers(name):
    with open(data("truth/answers.json")) as file:
        return json.load(file)[name]


def md5(path):
    with open(path, "rb") as file:
        return hashlib.md5(file.read()).hexdigest()


class RealDataCase(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def same_everywhere(self, *arguments, launches=LAUNCHES):
        """The path of an output that is the same however it was made."""
        sums = []
        for ranks, more in launches:
            run(ranks, *arguments, "--out", self.path("out.csv"), "--overwrite", *more)
            sums.append(md5(self.path("out.csv")))
        self.assertEqual(set(sums), {sums[0]}, arguments)
        return self.path("out.csv")

    def rows(self, path):
        with open(path, newline="") as file:
            return list(csv.reader(file))[1:]


class Novels(RealDataCase):
    def test_word_counts(self):
        truth = answers("novels_first25")
        path = self.same_everywhere("wordcount", data("novels"), "--pattern", "[a-z]+", "--lower")
        rows = self.rows(path)
        self.assertEqual(len(rows), truth["distinct"])
        self.assertEqual(sum(int(count) for _, count in rows), truth["tokens"])
        self.assertEqual([[word, int(count)] for word, count in rows[:20]], truth["top20"])
        out = run(2, "wordcount", data("novels"), "--pattern", "(?:[a-z])+", "--lower", "--top", "1")
        self.assertIn("43,935 of 3,358,102 words", out)


class Names(RealDataCase):
    """2,181,032 rows."""

    @classmethod
    def setUpClass(cls):
        cls.table = tempfile.NamedTemporaryFile("w", suffix=".csv")
        cls.rows_by_year = []
        cls.table.write("year,name,sex,n\n")
        for path in sorted(glob.glob(data("names/yob*.txt"))):
            year = os.path.basename(path)[3:7]
            with open(path) as file:
                for line in file:
                    cls.table.write(f"{year},{line.strip()}\n")
                    cls.rows_by_year.append((year, *line.strip().split(",")))
        cls.table.flush()

    @classmethod
    def tearDownClass(cls):
        cls.table.close()

    def test_totals_by_name(self):
        truth = answers("names")
        path = self.same_everywhere("reduce", data("names/yob*.txt"), "--no-header", "--key", "1",
                                    "--value", "3", "--agg", "sum")
        totals = {name: int(total) for name, total in self.rows(path)}
        self.assertEqual(len(totals), truth["distinct_names"])
        self.assertEqual(sum(totals.values()), truth["sum_n"])
        for name, total in truth["top10"]:
            self.assertEqual(totals[name], total)

    def test_all_lines_sorted(self):
        path = self.same_everywhere("distinct", self.table.name,
                                    launches=[(2, []), (1, LITTLE), (3, LITTLE), (7, LITTLE)])
        with open(path, "rb") as file:
            lines = file.read().partition(b"\n")[2]
        self.assertEqual(hashlib.md5(lines).hexdigest(), "6f4afdc7bf687ef7cfe86a060dd6723b")

    def check_rows(self, path, expected):
        with open(path) as file:
            next(file)
            for line, right in zip(file, expected, strict=True):
                if line != right:
                    self.assertEqual(line, right)

    def test_names_of_each_sex_by_alphabet(self):
        path = self.same_everywhere("sort", self.table.name, "--key", "sex", "--value", "name")

        def expected():
            index = Counter()
            for sex, name in sorted((row[2], row[1]) for row in self.rows_by_year):
                yield f"{sex},{name},{index[sex]}\n"
                index[sex] += 1

        self.check_rows(path, expected())

    def test_names_of_each_sex_by_frequency(self):
        path = self.same_everywhere("sort", self.table.name, "--key", "sex", "--value", "name",
                                    "--by", "frequency",
                                    launches=[(1, []), (7, LITTLE), (2, LITTLE)])

        def expected():
            counts = Counter((row[2], row[1]) for row in self.rows_by_year)
            index, rank = Counter(), Counter()
            for (sex, name), n in sorted(counts.items(),
                                         key=lambda item: (item[0][0], -item[1], item[0][1])):
                rank[sex] += 1
                for _ in range(n):
                    yield f"{sex},{name},{n},{index[sex]},{rank[sex]}\n"
                    index[sex] += 1

        self.check_rows(path, expected())


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v"])
