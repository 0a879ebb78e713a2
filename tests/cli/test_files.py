import json
import os
import struct
import unittest

from partita_case import PartitaCase, floats, npy


class Info(PartitaCase):
    def test_every_format(self):
        kinds = {"npy": "float32", "fvecs": "float32", "fbin": "float32", "h5": "float32",
                 "csv": "float32", "tsv": "float32", "bvecs": "uint8", "u8bin": "uint8",
                 "ivecs": "int32"}
        for extension, kind in kinds.items():
            with self.subTest(extension):
                name = f"x.{extension}"
                self.succeed("make-data", name, "--rows", "23", "--dim", "4", "--quiet")
                out = self.succeed("info", name)
                self.assertRegex(out, rf"\nvectors +23 x 4 {kind}\n")
                self.assertEqual(out, self.succeed("info", name, ranks=3))

    def test_json(self):
        self.write("a.npy", npy((2, 2), floats(3, 4, 0, 0)))
        known = json.loads(self.succeed("info", "a.npy", "--json", ranks=3))
        self.assertEqual(known["bytes"], os.path.getsize(self.path("a.npy")))
        vectors = known["vectors"]
        self.assertEqual((vectors["rows"], vectors["dim"], vectors["type"]), (2, 2, "float32"))
        self.assertEqual((vectors["smallest_norm"], vectors["mean_norm"], vectors["largest_norm"]),
                         (0, 2.5, 5))

    def test_what_holds_no_vectors(self):
        self.write("notes.md", "text")
        self.assertRegex(self.succeed("info", "notes.md"), r"\nsize +4 B\n")


class Convert(PartitaCase):
    def test_there_and_back(self):
        self.succeed("make-data", "a.npy", "--rows", "101", "--dim", "5", "--kind", "hard")
        for extension in ("fvecs", "fbin", "h5", "csv", "tsv"):
            with self.subTest(extension):
                self.succeed("convert", "a.npy", f"b.{extension}", ranks=3)
                self.succeed("convert", f"b.{extension}", "back.npy", "--overwrite")
                self.assertEqual(self.read("a.npy"), self.read("back.npy"))

    def test_bytes_there_and_back(self):
        self.succeed("make-data", "a.bvecs", "--rows", "101", "--dim", "5")
        for extension in ("u8bin", "npy", "h5", "fvecs"):
            with self.subTest(extension):
                self.succeed("convert", "a.bvecs", f"b.{extension}")
                self.succeed("convert", f"b.{extension}", "back.bvecs", "--overwrite", ranks=3)
                self.assertEqual(self.read("a.bvecs"), self.read("back.bvecs"))

    def test_ids_come_along(self):
        self.write("a.csv", "name,id,x\n7,pony,1\n8,cow,4.5\n")
        self.succeed("convert", "a.csv", "b.h5", ranks=3)
        self.succeed("convert", "b.h5", "c.csv", ranks=2)
        self.assertEqual(self.read("c.csv").decode(), "id,x0,x1\npony,7,1\ncow,8,4.5\n")

    def test_the_values_are_right(self):
        self.write("a.csv", "1,2.5\n-3,1e3\n")
        self.succeed("convert", "a.csv", "a.fvecs", ranks=3)
        dim = struct.pack("<i", 2)
        self.assertEqual(self.read("a.fvecs"), dim + floats(1, 2.5) + dim + floats(-3, 1000))

    def test_values_that_do_not_fit(self):
        self.write("a.csv", "1,2.5\n")
        result = self.partita("convert", "a.csv", "a.bvecs", ranks=3)
        self.assertEqual((result.status, len(result.err.splitlines())), (1, 1))
        self.assertIn("expected a whole number from 0 to 255, got 2.5", result.err)
        self.assertFalse(os.path.exists(self.path("a.bvecs")))

    def test_existing_outputs_stay(self):
        self.write("a.csv", "1,2\n")
        self.write("b.npy", "mine")
        self.fail_with("b.npy exists: give --overwrite", "convert", "a.csv", "b.npy")
        self.succeed("convert", "a.csv", "b.npy", "--overwrite")


if __name__ == "__main__":
    unittest.main()
