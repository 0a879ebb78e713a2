#pragma once

#include "partita/comm/communicator.hpp"
#include "partita/io/vector_source.hpp"
#include "partita/knn/index_info.hpp"

#include <cstdint>
#include <string>

namespace partita::knn {

struct BuildOptions {
    /// "auto", "flat", "ivf", "hnsw", or a FAISS factory string such as "IVF1024,PQ16".
    std::string type = "auto";
    Metric metric = Metric::l2;
    std::int64_t lists = 0;         ///< ivf: number of lists; 0 = about 4 sqrt(n).
    std::int64_t train_sample = 0;  ///< ivf, factory: training vectors; 0 = 64 a list.
    int train_iterations = 10;      ///< ivf: k-means iterations.
    /// ivf: how lists hold the vectors: "fp32", or "fp16" or "int8", which take a half and a
    /// quarter of the memory. The vectors then lie in a file of their own, from which the nearest
    /// are ranked, so that results are the same.
    std::string codes = "fp32";
    /// hnsw: graphs of so many runs of rows, which ranks build, and can search, apart. Each is
    /// searched for every query, so more of them take more time and find more.
    std::int64_t shards = 1;
    std::int64_t links = 32;            ///< hnsw: links per node (M).
    std::int64_t ef_construction = 40;  ///< hnsw: breadth of the search for links.
    /// FAISS factory strings that have a graph in them: build on one thread, since FAISS's parallel
    /// building of graphs depends on timing. Our own kinds are the same bytes anyway.
    bool reproducible = false;
    std::int64_t expected_queries = 0;  ///< For "auto"; 0 = as many as there are vectors.
    std::uint64_t seed = 0;
    int threads = 0;                                    ///< 0 = OpenMP's default.
    std::int64_t memory_bytes = std::int64_t{1} << 30;  ///< This rank may use about so much.
    bool overwrite = false;
};

/// What "auto" decided, and why, for people.
struct TypeChoice {
    std::string type;
    std::string reason;  ///< "ivf, since exact search ... takes 2e+13 operations".
};

/// Flat where exact search is quick, ivf otherwise. A pure function of its arguments.
TypeChoice choose_type(std::int64_t rows, std::int64_t dim, std::int64_t queries);

/// The list count for n vectors: about 4 sqrt(n), at most n / 39 so that training has enough.
std::int64_t default_lists(std::int64_t rows);

/// Build an index of all vectors of the source and write it in FAISS's format, with its sidecar
/// `path`.json and, if rows have ids of their own, `path`.ids.npy.
///
/// Collective. flat and ivf are built by all ranks together: no rank ever holds more than blocks of
/// its share, ranks write their vectors to their places in one file (which all nodes must see), and
/// the bytes are the same for any number of ranks and threads. So are those of hnsw, whose graphs
/// are each built by one rank in its memory. Factory indexes are built by rank 0 with FAISS.
/// @return The sidecar's contents, on every rank.
/// @throws CollectiveError: unreadable vectors, an unknown type, fewer vectors than needed, memory.
IndexInfo build_index(Communicator const& comm, io::VectorSource const& source,
                      std::string const& path, BuildOptions const& options);

/// Replace the sidecar on disk: rank 0 writes. Collective.
void write_sidecar(Communicator const& comm, std::string const& index_path, IndexInfo const& info);

/// hash_bytes of a whole file. Rank-local.
std::uint64_t hash_index_file(std::string const& path);

/// "index.vectors" beside "index": a flat FAISS index of the vectors that the lists hold codes of.
std::string originals_path(std::string const& index_path);

/// "index.ids.npy" beside "index".
std::string ids_path(std::string const& index_path);

}  // namespace partita::knn
