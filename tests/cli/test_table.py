"""partita table: queries, what they print, and what they say about bad input."""

import gzip
import os
import unittest

try:
    import h5py
    import numpy
except ImportError:
    h5py = None
try:
    import pandas
    import tables  # noqa: F401 (what pandas reads HDF5 with)
except ImportError:
    pandas = None

from partita_case import PartitaCase

PEOPLE = "name,age,city\nAnn,31,Oslo\nBob,,Rome\nCid,47,Oslo\n\"Dee, jr\",28,\nEve,31,Rome\n"


class Table(PartitaCase):
    def setUp(self):
        super().setUp()
        self.write("people.csv", PEOPLE)
        self.write("cities.csv", "city,country\nOslo,Norway\nRome,Italy\n")

    def rows(self, *arguments):
        """What is printed, the same at 1 and 3 ranks."""
        printed = self.succeed("table", *arguments)
        self.assertEqual(self.succeed("table", *arguments, ranks=3), printed)
        return printed

    def test_rows_and_columns(self):
        self.assertEqual(
            self.rows("people.csv", "--with", "next = age + 1", "--where", "age > 30",
                      "--sort", "-age, name", "--select", "name,next", "--limit", 2),
            "name,next\nCid,48\nAnn,32\n")

    def test_groups_are_sorted_by_their_keys(self):
        self.assertEqual(
            self.rows("people.csv", "--group-by", "city", "--agg", "count(), mean(age) as m"),
            "city,count,m\nOslo,2,39\nRome,2,31\n,1,28\n")
        self.assertEqual(self.rows("people.csv", "--agg", "sum(age), median(age)"),
                         "sum_age,median_age\n137,31\n")

    def test_groups_are_chosen_and_files_named(self):
        self.assertEqual(
            self.rows("people.csv", "--group-by", "city", "--having", "count > 1", "--agg",
                      "count()"), "city,count\nOslo,2\nRome,2\n")
        self.write("more.csv", PEOPLE)
        self.assertEqual(
            self.rows("people.csv,more.csv", "--file-column", "file", "--group-by", "file",
                      "--agg", "sum(age)"), "file,sum_age\nmore.csv,137\npeople.csv,137\n")

    def test_joins_and_distinct_rows(self):
        self.assertEqual(
            self.rows("people.csv", "--join", "cities.csv", "--on", "city",
                      "--select", "country", "--distinct", "--sort", "country"),
            "country\nItaly\nNorway\n")

    def test_files_are_the_same_at_any_rank_count(self):
        for name in ("out.csv", "out.tsv", "out.h5"):
            contents = set()
            for ranks in (1, 2, 3):
                self.succeed("table", "people.csv", "--out", name, "--overwrite", ranks=ranks)
                contents.add(self.read(name))
            self.assertEqual(len(contents), 1, name)
        self.assertEqual(self.read("out.csv").decode(), PEOPLE)
        self.assertEqual(self.rows("out.h5:/table", "--where", "age = 47"),
                         "name,age,city\nCid,47,Oslo\n")

    def test_json_lines_and_libsvm_files(self):
        self.succeed("table", "people.csv", "--out", "p.jsonl", ranks=3)
        self.assertEqual(self.read("p.jsonl").decode().splitlines()[1:4:2],
                         ['{"name":"Bob","age":null,"city":"Rome"}',
                          '{"name":"Dee, jr","age":28,"city":null}'])
        self.assertEqual(self.rows("p.jsonl"), PEOPLE)
        self.write("p.jsonl.gz", gzip.compress(self.read("p.jsonl")))
        self.assertEqual(self.rows("p.jsonl.gz", "--agg", "sum(age)"), "sum_age\n137\n")
        self.write("x.svm", "1 1:0.5 3:2\n-1 2:1\n")
        self.assertEqual(self.rows("x.svm"), "label,features\n1,0.5 0 2\n-1,0 1 0\n")
        self.write("bad.jsonl", '{"age":1}\n{"age":true}\n')
        for ranks in (1, 3):
            result = self.partita("table", "bad.jsonl", "--schema", "age:int64", ranks=ranks)
            self.assertEqual((result.status, result.out, result.err.count("\n")), (1, "", 1))
            self.assertIn("bad.jsonl: line 2, key 'age': expected int64, got true", result.err)

    def test_describe(self):
        def described(*arguments):
            printed = self.succeed("describe", *arguments)
            self.assertEqual(self.succeed("describe", *arguments, ranks=3), printed)
            return [line.split() for line in printed.splitlines()]

        self.assertEqual(described("people.csv"), [
            "column type count nulls mean stddev min q25 median q75 max".split(),
            "name string 5 0".split(),
            "age int64 4 1 34.25 8.61684 28 30.25 31 35 47".split(),
            "city string 4 1".split()])
        self.assertEqual(described("people.csv", "--select", "age", "--where", "age > 30")[1],
                         "age int64 3 0 36.3333 9.2376 31 31 31 39 47".split())
        self.succeed("describe", "people.csv", "--out", "d.csv")
        self.assertIn("age,int64,4,1,34.25,8.616", self.read("d.csv").decode())
        self.fail_with("no column 'agee' (did you mean 'age'?)",
                       "describe", "people.csv", "--select", "agee")

    def test_bad_questions(self):
        self.fail_with("'agee > 3': no column 'agee' (did you mean 'age'?)",
                       "table", "people.csv", "--where", "agee > 3", "--out", "x.csv")
        self.fail_with("no column 'citty' (did you mean 'city'?)",
                       "table", "people.csv", "--group-by", "citty")
        self.fail_with("join: right table: no column 'age'",
                       "table", "people.csv", "--join", "cities.csv", "--on", "age")
        self.fail_with("join: left table: no column 'citty' (did you mean 'city'?)",
                       "table", "people.csv", "--join", "cities.csv", "--on", "citty=city")
        self.fail_with("'meam(age)': no aggregate 'meam' (did you mean 'mean'?)",
                       "table", "people.csv", "--agg", "meam(age)")

    def test_outputs_that_have_no_format(self):
        for name in ("x.csv.gz", "x.parquet", "x", "x.h5:table"):
            for command in ("table", "describe"):
                self.fail_with(f"{command}: --out: expected a name that ends in .csv, .tsv, .jsonl, "
                               f".h5 or .h5:/name, got '{name}'; see 'partita {command} --help'",
                               command, "people.csv", "--out", name)

    def bad_file(self, text, sentence, *arguments):
        """One sentence at 1 and 3 ranks; nothing is written."""
        self.write("bad.csv", text)
        before = sorted(os.listdir(self.folder))
        for ranks in (1, 3):
            result = self.partita("table", "bad.csv", "--out", "x.csv", *arguments, ranks=ranks)
            self.assertEqual((result.status, result.out), (1, ""), sentence)
            self.assertEqual(result.err.count("\n"), 1, result.err)
            self.assertIn(sentence, result.err)
            self.assertEqual(sorted(os.listdir(self.folder)), before)

    @unittest.skipUnless(h5py, "h5py is not there")
    def test_compounds_of_h5py_and_pandas(self):
        """Strings of fixed and variable length and of both character sets, bools, vectors."""
        rows = 3000
        table = numpy.zeros(rows, dtype=[
            ("id", "<i8"), ("name", h5py.string_dtype()), ("code", h5py.string_dtype("ascii")),
            ("flag", numpy.bool_), ("v", "<f4", (2,)), ("fixed", "S4")])
        table["id"] = numpy.arange(rows)
        table["name"] = ["é" * (i % 4) + str(i) for i in range(rows)]
        table["code"] = [f"a{i % 9}" for i in range(rows)]
        table["flag"] = table["id"] % 3 == 0
        table["v"] = numpy.arange(2 * rows).reshape(rows, 2)
        table["fixed"] = b"ab"
        with h5py.File(os.path.join(self.folder, "t.h5"), "w") as file:
            file["rows"] = table
            for name in ("id", "name", "flag", "v"):
                file["columns/" + name] = table[name]
        expected = "".join(
            f"{i},{'é' * (i % 4)}{i},a{i % 9},{str(i % 3 == 0).lower()},{2 * i} {2 * i + 1},ab\n"
            for i in range(rows))
        for ranks in (1, 3):
            self.succeed("table", "t.h5:/rows", "--out", "t.csv", "--overwrite", ranks=ranks)
            self.assertEqual(self.read("t.csv").decode(), "id,name,code,flag,v,fixed\n" + expected)
        self.succeed("table", "t.h5:/columns", "--select", "id,name,flag,v", "--limit", "2",
                     "--out", "c.csv")
        self.assertEqual(self.read("c.csv").decode(), "id,name,flag,v\n0,0,true,0 1\n1,é1,false,2 3\n")

    @unittest.skipUnless(pandas, "pandas and PyTables are not there")
    def test_files_of_pandas(self):
        """What to_hdf writes is read, or a sentence tells how to write it; read_hdf reads ours."""
        frame = pandas.DataFrame({
            "id": [2**53 + 1, -7, 3], "x": [.5, -1., 2.25], "name": ["a", "é b", "c"],
            "flag": [True, False, True], "small": numpy.array([1, 2, 3], "int8")})
        path = self.path("p.h5")
        frame.to_hdf(path, "rows", format="table", data_columns=True)
        rows = "0,9007199254740993,0.5,a,true,1\n1,-7,-1,é b,false,2\n2,3,2.25,c,true,3\n"
        for spec in ("p.h5", "p.h5:/rows", "p.h5:/rows/table"):
            self.assertEqual(self.rows(spec), "index,id,x,name,flag,small\n" + rows, spec)
        frame.to_hdf(path, "packed", format="table")
        frame.to_hdf(path, "fixed", format="fixed")
        for name in ("packed", "fixed"):
            self.fail_with(
                f"p.h5:/{name}: expected a table with a member for each column, got pandas' packed "
                "columns: write it with to_hdf(..., format='table', data_columns=True)",
                "table", f"p.h5:/{name}", "--out", "x.csv")
        self.succeed("table", "p.h5:/rows", "--out", "q.h5:/deep/rows", ranks=3)
        again = pandas.read_hdf(self.path("q.h5"), "deep/rows")
        for name in frame:
            values = [value.decode() if isinstance(value, bytes) else value for value in again[name]]
            self.assertEqual(values, list(frame[name]), name)

    def test_bad_files(self):
        self.bad_file("a,b\n1,2\n3\n", "bad.csv: line 3: expected 2 fields, got 1")
        self.bad_file("a,b\n1,\"x\n", "bad.csv: line 2, column 'b': expected a closing quote")
        self.bad_file("a,a\n1,2\n", "two columns have the name 'a'")
        self.bad_file("a\n1\nx\n", "bad.csv: line 3, column 'a': expected int64, got \"x\"",
                      "--schema", "a:int64")
        self.bad_file("a\n9223372036854775808\n",
                      "line 2, column 'a': expected int64, got \"9223372036854775808\"",
                      "--schema", "a:int64")
        self.bad_file("a,b\n1,2\n", "two columns have the name 'a'", "--file-column", "a")
        rows = [f"{row},{row % 7},some more text" for row in range(1_100_000)]
        rows[1_000_000 - 2] = "12x,5,some more text"  # line 1 is the header
        self.bad_file("id,day,note\n" + "\n".join(rows) + "\n",
                      "bad.csv: line 1000000, column 'id': expected int64, got \"12x\"")
        self.bad_file("", "bad.csv: expected a line with the columns' names, got an empty file")
