"""Tables on real data, against answers computed by other tools, at several rank counts.

    python3 frame.py PARTITA DATA

Files that `partita table` writes must be the same bytes at 1, 2, 3 and 7 ranks.
"""

import collections
import csv
import io
import json
import os
import subprocess
import sys
import tempfile
import unittest

import h5py
import numpy
import pandas

PARTITA, DATA = sys.argv[1], sys.argv[2]
RANKS = (1, 2, 3, 7)


def data(name):
    return os.path.join(DATA, name)


class FrameCase(unittest.TestCase):
    """Runs a query at all rank counts."""

    @classmethod
    def setUpClass(cls):
        with open(data("truth/answers.json")) as file:
            cls.answers = json.load(file)

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="partita-frame-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def bytes_of(self, ranks, suffix, arguments):
        out = self.path("out" + suffix)
        command = ["mpirun", "-q", "--timeout", "100", "-n", str(ranks), PARTITA, "table",
                   *arguments, "--out", out, "--overwrite"]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""), command)
        with open(out, "rb") as file:
            return file.read()

    def query(self, *arguments):
        """The rows of a query as dicts of texts; the bytes are checked at all rank counts."""
        first = self.bytes_of(RANKS[0], ".csv", arguments)
        for ranks in RANKS[1:]:
            self.assertEqual(self.bytes_of(ranks, ".csv", arguments), first, f"{ranks} ranks")
        return list(csv.DictReader(first.decode().splitlines()))

    def close(self, text, value, places=6):
        self.assertAlmostEqual(float(text), value, places=places)


class Hflights(FrameCase):
    FILE = data("hflights/hflights.csv")

    def test_totals(self):
        row, = self.query(self.FILE, "--agg",
                          "count() as n, sum(Cancelled) as c, mean(ArrDelay) as m, count(ArrDelay) as a")
        truth = self.answers["hflights"]
        self.assertEqual((int(row["n"]), int(row["c"])), (truth["rows"], truth["cancelled"]))
        self.assertEqual(int(row["n"]) - int(row["a"]), truth["na_arrdelay"])
        self.close(row["m"], truth["mean_arrdelay"], 10)

    def test_carriers(self):
        rows = self.query(self.FILE, "--group-by", "UniqueCarrier", "--agg",
                          "count(ArrDelay) as n, mean(ArrDelay) as m")
        truth = self.answers["hflights"]["by_carrier"]
        self.assertEqual([row["UniqueCarrier"] for row in rows], sorted(truth))
        for row in rows:
            count, mean = truth[row["UniqueCarrier"]]
            self.assertEqual(int(row["n"]), count)
            self.close(row["m"], mean)

    def test_destinations(self):
        rows = self.query(self.FILE, "--group-by", "Dest", "--sort", "-count", "--limit", "5")
        self.assertEqual({row["Dest"]: int(row["count"]) for row in rows},
                         self.answers["hflights"]["top5_dest"])

    def test_pandas_reads_what_is_written(self):
        arguments = (self.FILE, "--where", "Dest = 'JFK'", "--sort", "-ArrDelay, TailNum")
        first = self.bytes_of(1, ".h5", arguments)
        self.assertEqual(self.bytes_of(3, ".h5", arguments), first)
        with h5py.File(self.path("out.h5")) as file:
            rows = file["table"][:]
        expected = pandas.read_csv(self.FILE).query("Dest == 'JFK'")
        self.assertEqual(len(rows), len(expected))
        self.assertEqual(rows["Distance"].sum(), expected["Distance"].sum())
        delays = rows["ArrDelay"]
        self.assertTrue((delays[:-1] >= delays[1:])[~pandas.isna(delays[1:])].all())
        try:
            import tables  # noqa: F401  pandas needs it for HDF5
        except ImportError:
            self.skipTest("pandas.read_hdf needs python3-tables")
        table = pandas.read_hdf(self.path("out.h5"), "table")
        self.assertEqual(table["ArrDelay"].sum(), expected["ArrDelay"].sum())
        self.assertEqual(table["TailNum"].iloc[0].decode() if isinstance(
            table["TailNum"].iloc[0], bytes) else table["TailNum"].iloc[0],
            rows["TailNum"][0].decode())


class Names(FrameCase):
    READ = (data("names"), "--names", "name,sex,n", "--header", "no")

    def test_sexes(self):
        rows = self.query(*self.READ, "--group-by", "sex", "--agg", "sum(n) as n, count() as rows")
        truth = self.answers["names"]
        self.assertEqual({row["sex"]: int(row["n"]) for row in rows}, truth["by_sex"])
        self.assertEqual(sum(int(row["rows"]) for row in rows), truth["rows"])

    def test_names(self):
        rows = self.query(*self.READ, "--group-by", "name", "--agg", "sum(n) as n",
                          "--sort", "-n", "--limit", "10")
        self.assertEqual([[row["name"], int(row["n"])] for row in rows],
                         self.answers["names"]["top10"])

    def test_names_of_every_year(self):
        rows = self.query(*self.READ, "--file-column", "file", "--with",
                          "year = int64(substr(file, 4, 4))", "--group-by", "name", "--agg",
                          "count_distinct(year) as years", "--having", "years = 146")
        self.assertEqual(len(rows), self.answers["names"]["names_in_all_years"])

    def test_one_year(self):
        rows = self.query(data("names/yob1880.txt"), *self.READ[1:], "--where",
                          "name = 'Mary' and sex = 'F'")
        self.assertEqual([int(row["n"]) for row in rows], [self.answers["names"]["mary_f_1880"]])


class Chinook(FrameCase):
    def test_totals_by_country(self):
        rows = self.query(data("chinook/Invoice.csv"), "--group-by", "BillingCountry", "--agg",
                          "sum(Total) as total", "--sort", "-total")
        truth = self.answers["chinook"]
        self.close(sum(float(row["total"]) for row in rows), truth["total"])
        for row, (country, total) in zip(rows[:2], truth["by_country"]):
            self.assertEqual(row["BillingCountry"], country)
            self.close(row["total"], total)

    def test_genres_through_joins(self):
        rows = self.query(data("chinook/InvoiceLine.csv"), "--join", data("chinook/Track.csv"),
                          "--on", "TrackId", "--join", data("chinook/Genre.csv"), "--on", "GenreId",
                          "--group-by", "Name_right", "--agg", "sum(Quantity) as n",
                          "--sort", "-n", "--limit", "5")
        self.assertEqual([[row["Name_right"], int(row["n"])] for row in rows],
                         self.answers["chinook"]["genre_top5"])


class Weblog(FrameCase):
    """A log of lines that are no CSV: one ends within quotes."""

    READ = (data("weblog/apache_logs"), "--separator", "tab", "--header", "no", "--names", "line",
            "--ignore-quotes", "--with", "answer = split_part(line, '\"', 3)",
            "--with", "status = split_part(answer, ' ', 2)",
            "--with", "size = split_part(answer, ' ', 3)",
            "--with", "bytes = int64(if(size = '-', '0', size))",
            "--with", "address = split_part(line, ' ', 1)")

    def test_statuses(self):
        rows = self.query(*self.READ, "--group-by", "status", "--sort", "-count, status")
        self.assertEqual([[row["status"], int(row["count"])] for row in rows],
                         self.answers["apache_logs"]["status"])

    def test_addresses_and_bytes(self):
        truth = self.answers["apache_logs"]
        row, = self.query(*self.READ, "--agg", "count_distinct(address) as ips, sum(bytes) as b")
        self.assertEqual([int(row["ips"]), int(row["b"])], [truth["distinct_ip"], truth["bytes"]])
        rows = self.query(*self.READ, "--group-by", "address", "--sort", "-count", "--limit", "5")
        self.assertEqual([[row["address"], int(row["count"])] for row in rows], truth["top5_ip"])


class Others(FrameCase):
    def test_cdnow(self):
        row, = self.query(data("cdnow/CDNOW_master.txt"), "--header", "no", "--agg",
                          "count() as rows, count_distinct(c1) as ids, sum(c3) as q, sum(c4) as a")
        truth = self.answers["cdnow"]
        self.assertEqual([int(row["rows"]), int(row["ids"]), int(row["q"])],
                         [truth["rows"], truth["customers"], truth["qty"]])
        self.close(row["a"], truth["amt"], 2)

    def test_taxi(self):
        row, = self.query(data("taxi/nyc_taxi.csv"), "--agg", "sum(value) as s, max(value) as m")
        truth = self.answers["nyc_taxi"]
        self.assertEqual([int(row["s"]), int(row["m"])], [truth["sum"], truth["max"][1]])

    def test_days_of_the_taxi_table(self):
        rows = self.query(data("taxi/nyc_taxi.csv"), "--with", "day = substr(string(timestamp), 1, 10)",
                          "--group-by", "day", "--agg", "sum(value) as n")
        truth = self.answers["nyc_taxi"]
        self.assertEqual([int(row["n"]) for row in rows[:3]], truth["daily_first3"])
        most = max(rows, key=lambda row: int(row["n"]))
        self.assertEqual([most["day"], int(most["n"])], truth["daily_max"])

    def test_json_lines_hold_the_same(self):
        arguments = (data("cdnow/CDNOW_master.txt"), "--header", "no", "--limit", "5000")
        first = self.bytes_of(1, ".jsonl", arguments)
        for ranks in RANKS[1:]:
            self.assertEqual(self.bytes_of(ranks, ".jsonl", arguments), first)
        table = pandas.read_json(io.StringIO(first.decode()), lines=True)
        self.assertEqual(table.shape, (5000, 4))
        again, = self.query(self.path("out.jsonl"), "--agg", "sum(c3) as q, sum(c4) as a")
        self.assertEqual(int(again["q"]), table["c3"].sum())
        self.close(again["a"], table["c4"].sum(), 2)

    def test_libsvm(self):
        rows = self.query(data("a9a/a9a"), "--format", "libsvm", "--group-by", "label")
        labels = collections.Counter(
            line.split()[0] for line in open(data("a9a/a9a"), encoding="ascii"))
        self.assertEqual([int(row["count"]) for row in rows], [labels["-1"], labels["+1"]])

    def test_games(self):
        rows = self.query(data("games-expand/games-expand.csv"), "--group-by", "label", "--agg",
                          "count() as n")
        self.assertEqual({row["label"]: int(row["n"]) for row in rows},
                         self.answers["games"]["label_counts"])


class Describe(FrameCase):
    def test_flights_as_pandas_sees_them(self):
        expected = pandas.read_csv(data("hflights/hflights.csv")).describe()
        first = None
        for ranks in RANKS:
            done = subprocess.run(
                ["mpirun", "-q", "--timeout", "100", "-n", str(ranks), PARTITA, "describe",
                 data("hflights/hflights.csv"), "--out", self.path("d.csv"), "--overwrite"],
                stdin=subprocess.DEVNULL, capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            with open(self.path("d.csv"), "rb") as file:
                found = file.read()
            first = first or found
            self.assertEqual(found, first, f"{ranks} ranks")
        rows = {row["column"]: row for row in csv.DictReader(first.decode().splitlines())}
        self.assertEqual(len(rows), 21)
        names = {"count": "count", "mean": "mean", "std": "stddev", "min": "min", "25%": "q25",
                 "50%": "median", "75%": "q75", "max": "max"}
        for column in expected.columns:
            for theirs, ours in names.items():
                value = expected[column][theirs]
                self.assertAlmostEqual(float(rows[column][ours]), value,
                                       delta=1e-9 * max(1, abs(value)), msg=f"{column} {theirs}")


class GroupedMap(FrameCase):
    """The article's table: rows numbered in a random order, a function of each partition's."""

    def test_games(self):
        example = os.path.join(os.path.dirname(PARTITA), "..", "examples", "grouped_map")
        if not os.path.exists(example):
            self.skipTest(f"no {example}")
        first = None
        for ranks in RANKS:
            done = subprocess.run(
                ["mpirun", "-q", "--timeout", "100", "-n", str(ranks), example,
                 data("games-expand/games-expand.csv"), self.path("models.csv")],
                stdin=subprocess.DEVNULL, capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            with open(self.path("models.csv"), "rb") as file:
                found = file.read()
            first = first or found
            self.assertEqual(found, first, f"{ranks} ranks")
        models = pandas.read_csv(self.path("models.csv"))
        self.assertEqual(list(models["partition_id"]), list(range(10)))
        self.assertEqual(list(models["rows"]), [2291] * 5 + [2290] * 5)
        games = pandas.read_csv(data("games-expand/games-expand.csv"))
        slope = numpy.polyfit(games.iloc[:, :10].sum(axis=1), games["label"], 1)[0]
        self.assertLess(abs(models["slope"].mean() - slope), .005)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
