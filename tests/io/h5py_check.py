"""Check that h5py reads what Partita writes, and Partita what h5py writes.

usage: h5py_check.py MPIRUN RANKS PROBE    (exit status 77: skipped)
"""
import subprocess
import sys
import tempfile
from pathlib import Path

try:
    import h5py
    import numpy as np
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

MPIRUN, RANKS, PROBE = sys.argv[1:4]
ROWS, DIM = 300, 7


def probe(*arguments):
    subprocess.run([MPIRUN, "-q", "-n", RANKS, PROBE, *map(str, arguments)], check=True,
                   stdin=subprocess.DEVNULL, timeout=60)


def check_written(folder):
    path = folder / "written.h5"
    probe("write", path)
    with h5py.File(path, "r") as file:
        rows = np.arange(50)
        assert file.attrs["metric"] == "l2 – ÿ" and isinstance(file.attrs["metric"], str)
        assert file.attrs["recall"] == 0.9375 and file.attrs["k"] == 3
        assert file["distances"].attrs["unit"] == "m"
        neighbors = np.stack([rows, rows + 1, (1 << 40) + rows], axis=1)
        assert file["neighbors"].dtype == np.int64
        assert np.array_equal(file["neighbors"], neighbors)
        assert np.array_equal(file["neighbor_ids"], neighbors)
        assert file["neighbor_ids"] == file["neighbors"], "a link, not a copy"
        assert file["distances"].dtype == np.float32
        assert np.array_equal(file["distances"][:, 2], (rows / 8).astype(np.float32))
        assert list(file["ids"].asstr()[:]) == [f"pâté{i}" for i in rows]
        assert np.array_equal(file["more/bytes"], np.stack([rows, rows * 0 + 255], axis=1))
        assert file["more/nothing"].shape == (0, 4)


def expect(folder, spec, values, kind, metric="none", ids=None):
    out = folder / "out.txt"
    probe("read", spec, out)
    lines = out.read_text().splitlines()
    assert lines[0] == f"{kind}\t{metric}", lines[0]
    rows = [line.split("\t") for line in lines[1:]]
    got = np.array([[np.float32(x) for x in row[1:]] for row in rows], dtype=np.float32)
    assert np.array_equal(got, np.asarray(values).astype(np.float32)), spec
    expected_ids = [str(i) for i in (range(len(values)) if ids is None else ids)]
    assert [row[0] for row in rows] == expected_ids, spec


def check_read(folder):
    random = np.random.default_rng(1)
    train = random.normal(size=(ROWS, DIM)).astype(np.float32)
    test = random.normal(size=(11, DIM)).astype(np.float32)
    path = folder / "ann.hdf5"
    with h5py.File(path, "w") as file:
        file.attrs["type"] = "dense"
        file.attrs["distance"] = "angular"
        file.attrs["dimension"] = DIM
        file["train"], file["test"] = train, test
        file["neighbors"] = np.zeros((11, 100), dtype=np.int32)
        file["distances"] = np.zeros((11, 100), dtype=np.float32)
    expect(folder, path, train, "float32", "cosine")
    expect(folder, f"{path}:/test", test, "float32", "cosine")

    path = folder / "kinds.h5"
    with h5py.File(path, "w", libver="latest") as file:
        file.create_dataset("zip/v", data=train, chunks=(17, 3), compression="gzip", shuffle=True)
        file["zip/ids"] = [f"ид{i % 13}-{'x' * (i % 5)}" for i in range(ROWS)]
        file["big/v"] = train.astype(">f8")
        file["big/ids"] = (np.arange(ROWS) * 7 - 3).astype(">i4")
        file["half"] = train.astype(np.float16)
        file["bytes/v"] = (np.abs(train) * 50).astype(np.uint8)
        file["bytes/ids"] = np.array([f"b{i}" for i in range(ROWS)], dtype="S6")
        file.create_dataset("resizable", data=train, maxshape=(None, DIM))
    texts = [f"ид{i % 13}-{'x' * (i % 5)}" for i in range(ROWS)]
    expect(folder, f"{path}:/zip/v", train, "float32", ids=texts)
    expect(folder, f"{path}:/big/v", train, "float64", ids=np.arange(ROWS) * 7 - 3)
    expect(folder, f"{path}:half", train.astype(np.float16), "float32")
    expect(folder, f"{path}:/bytes/v", (np.abs(train) * 50).astype(np.uint8), "uint8",
           ids=[f"b{i}" for i in range(ROWS)])
    expect(folder, f"{path}:/resizable", train, "float32")


with tempfile.TemporaryDirectory() as name:
    check_written(Path(name))
    check_read(Path(name))
print("ok")
