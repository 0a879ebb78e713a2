import os
import struct
import unittest

from partita_case import PartitaCase, floats, npy


class BadInput(PartitaCase):
    """One sentence that names the file, exit code 1, no output, with 1 and 3 ranks."""

    def reject(self, name, content, words):
        self.write(name, content)
        before = sorted(os.listdir(self.folder))
        for ranks in (1, 3):
            with self.subTest(name, ranks=ranks, words=words):
                result = self.partita("convert", name, "out.fbin", ranks=ranks)
                self.assertEqual((result.status, result.out), (1, ""))
                self.assertRegex(result.err, rf"\Apartita: {name}: [^\n]*{words}[^\n]*(?<!\.)\n\Z")
                self.assertEqual(sorted(os.listdir(self.folder)), before)

    def test_missing(self):
        self.fail_with("none.npy: No such file or directory", "convert", "none.npy", "out.npy")
        self.fail_with("none.npy: No such file or directory", "info", "none.npy")

    def test_npy(self):
        self.reject("magic.npy", b"\x93NUMBY" + bytes(100), "expected a .npy file")
        self.reject("short.npy", npy((2, 3), floats(1, 2, 3)), "expected 24 bytes .* got 12")
        self.reject("lies.npy", npy((10**15, 10**6), floats(1)), "expected [0-9]+ bytes .* got 4")
        self.reject("objects.npy", npy((1, 2), bytes(16), "|O"), "got Python objects")
        self.reject("flat.npy", npy("(3,)", floats(1, 2, 3)), "expected 2 dimensions, got 1")
        self.reject("none.npy", npy((0, 3)), "expected at least one row")
        self.reject("thin.npy", npy((3, 0)), "expected vectors of at least one dimension")
        self.reject("nan.npy", npy((1, 2), floats(1, float("nan"))),
                    "row 0, column 1: expected a finite float32, got nan")

    def test_vecs(self):
        one, two = struct.pack("<i", 1), struct.pack("<i", 2)
        self.reject("short.fvecs", two + floats(1), "expected a multiple of 12 bytes")
        self.reject("zero.fvecs", bytes(4), "expected vectors of at least one dimension")
        self.reject("other.fvecs", one + floats(1) + two + floats(1),
                    "row 1: expected dimension 1 as in the first row, got 2")
        self.reject("empty.bvecs", b"", "expected at least one row")

    def test_bin(self):
        self.reject("short.fbin", struct.pack("<ii", 4, 2) + floats(1),
                    "expected 32 bytes .* got 4")
        self.reject("less.u8bin", struct.pack("<ii", -4, 2), "expected 8589934584 bytes .* got 0")

    def test_csv(self):
        self.reject("ragged.csv", "1,2\n3\n", "line 2: expected 2 columns, got 1")
        self.reject("words.csv", "1,2\n3,abc\n", "line 2, column 2: expected a number, got \"abc\"")
        self.reject("empty.csv", "", "expected at least one line")
        self.reject("nan.csv", "1,2\n3,nan\n", "line 2, column 2: expected a finite float32")

    def test_hdf5(self):
        self.reject("text.h5", "not HDF5 at all", "not an HDF5 file")

    def test_unknown_formats(self):
        self.reject("x.foo", "abc", "unknown vector format")
        self.write("a.csv", "1,2\n")
        result = self.partita("convert", "a.csv", "out.foo", ranks=3)
        self.assertEqual((result.status, len(result.err.splitlines())), (1, 1))


if __name__ == "__main__":
    unittest.main()
