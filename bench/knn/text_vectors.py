"""Vectors of real text: each piece of it as tf-idf weights of its words, reduced by LSA.

    python3 bench/knn/text_vectors.py OUT.fbin TEXT [TEXT ...] [--rows N] [--words 6] [--dim 100]

Texts are cut into pieces of so many words, one after the other, and the first N pieces are kept. A
piece's vector is its tf-idf weights (log of the count, words in at least 5 pieces) projected on the
largest singular vectors of all (latent semantic analysis: Deerwester et al. 1990). Needs scikit-learn.
Neighbours by the angle are what such vectors are asked for. They lie in no clusters to speak of, and a
few are equal or zero.
"""

import argparse
import re
import struct

import numpy
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer


def pieces(paths, words, rows):
    found = []
    for path in sorted(paths):
        with open(path, encoding="utf-8-sig") as file:
            text = re.findall(r"[a-z]+", file.read().lower())
        found += [" ".join(text[at:at + words]) for at in range(0, len(text), words)]
    return found[:rows]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("texts", nargs="+")
    parser.add_argument("--rows", type=int, default=500_000)
    parser.add_argument("--words", type=int, default=6)
    parser.add_argument("--dim", type=int, default=100)
    arguments = parser.parse_args()
    text = pieces(arguments.texts, arguments.words, arguments.rows)
    weights = TfidfVectorizer(sublinear_tf=True, min_df=5, dtype=numpy.float32).fit_transform(text)
    vectors = TruncatedSVD(arguments.dim, random_state=1).fit_transform(weights).astype(numpy.float32)
    with open(arguments.out, "wb") as file:
        file.write(struct.pack("<II", *vectors.shape))
        vectors.tofile(file)
    equal = 1 - len(numpy.unique(vectors.view(f"V{4 * vectors.shape[1]}"))) / len(vectors)
    print(f"{len(vectors):,} x {vectors.shape[1]} of {weights.shape[1]:,} words, "
          f"{equal:.1%} equal to another one, {(numpy.abs(vectors).max(1) == 0).sum():,} zero")


if __name__ == "__main__":
    main()
