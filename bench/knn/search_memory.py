"""Peak memory of a node that searches an index, by number of ranks.

    python3 bench/knn/search_memory.py build/release/bin/partita [ROWS [KIND...]]

Builds an index of each kind (ivf, hnsw, flat) of generated vectors and searches them with 1, 2 and
4 ranks. The peak is of the ranks' private memory and of one copy of each file that they map, read
while the job runs: proportional set sizes (Pss), read one process after the other, count pages twice
while processes map them. One JSON line a run.
"""

import json
import os
import subprocess
import sys
import tempfile

ENVIRONMENT = dict(os.environ, OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1",
                   OMPI_MCA_rmaps_base_oversubscribe="1")


def memory_of(pid):
    """Private bytes, and for each mapped file (device, inode) the bytes of it that are there."""
    private, files, key = 0, {}, None
    with open(f"/proc/{pid}/smaps") as smaps:
        for line in smaps:
            words = line.split()
            if not words[0].endswith(":"):  # "7f.. r--p 00000000 fe:00 1234 /path"
                key = (words[3], words[4]) if words[4] != "0" else None
            elif words[0] == "Rss:" and key:
                files[key] = files.get(key, 0) + int(words[1]) * 1024
            elif words[0] == "Anonymous:" and key:  # pages that were written are private
                files[key] -= int(words[1]) * 1024
                private += int(words[1]) * 1024
            elif words[0] == "Rss:":
                private += int(words[1]) * 1024
    return private, files


def node_bytes(binary):
    """What all processes of a program take together: private memory, and each file once."""
    private, shared = 0, {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if not os.path.samefile(f"/proc/{pid}/exe", binary):
                continue
            own, files = memory_of(pid)
        except OSError:
            continue  # ended meanwhile
        private += own
        for file, size in files.items():
            shared[file] = max(shared.get(file, 0), size)
    return private + sum(shared.values())


def peak_of(binary, command):
    job = subprocess.Popen(command, env=ENVIRONMENT, stdin=subprocess.DEVNULL,
                           stdout=subprocess.DEVNULL)
    peak = 0
    while job.poll() is None:
        peak = max(peak, node_bytes(binary))
    if job.returncode != 0:
        sys.exit(f"{' '.join(command)} ended with {job.returncode}")
    return peak


def main():
    binary = os.path.abspath(sys.argv[1])
    rows, dim = int(sys.argv[2]) if len(sys.argv) > 2 else 2_000_000, 128
    efforts = {"ivf": ("--nprobe", "16"), "hnsw": ("--ef", "64"), "flat": ()}
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        vectors, queries = f"{folder}/v.fbin", f"{folder}/q.fbin"
        make = [binary, "make-data", "--kind", "hard", "--dim", str(dim), "--quiet"]
        subprocess.run([*make, vectors, "--rows", str(rows)], check=True, env=ENVIRONMENT)
        subprocess.run([*make, queries, "--rows", "100000", "--seed", "1"], check=True,
                       env=ENVIRONMENT)
        for kind in sys.argv[3:] or ["ivf", "hnsw"]:
            index = f"{folder}/{kind}.index"
            subprocess.run([binary, "knn", "build", vectors, "--type", kind, "--out", index,
                            "--quiet"], check=True, env=ENVIRONMENT)
            size = os.path.getsize(index)
            for ranks in (1, 2, 4):
                peak = peak_of(binary, ["mpirun", "-q", "-n", str(ranks), binary, "knn", "search",
                                        index, queries, *efforts[kind], "--out", f"{folder}/nn.h5",
                                        "--overwrite", "--quiet"])
                print(json.dumps({"name": "knn.search_memory", "index": kind, "rows": rows,
                                  "dim": dim, "ranks": ranks, "index_bytes": size,
                                  "peak_bytes": peak, "ratio_to_index": round(peak / size, 3)}),
                      flush=True)


if __name__ == "__main__":
    main()
