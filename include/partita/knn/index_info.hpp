#pragma once

#include "partita/knn/metric.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace partita::knn {

/// One measured point of an index's operating curve.
struct OperatingPoint {
    std::int64_t effort = 0;  ///< nprobe (ivf) or efSearch (hnsw).
    double recall = 0;        ///< recall@k against exact neighbours of a sample.
    double microseconds = 0;  ///< CPU time per query on the machine that measured it.
};

/// What an index file does not say about itself: the contents of its JSON sidecar.
struct IndexInfo {
    std::string type;  ///< "flat", "ivf", "hnsw", or the FAISS factory string.
    Metric metric = Metric::l2;
    std::int64_t rows = 0;
    std::int64_t dim = 0;
    bool normalised = false;  ///< Vectors were scaled to length 1 (cosine).
    std::int64_t zero_vectors = 0;
    std::int64_t lists = 0;      ///< ivf: number of inverted lists.
    std::int64_t links = 0;      ///< hnsw: links per node (M).
    std::string codes = "fp32";  ///< ivf: how lists hold the vectors: "fp32", "fp16" or "int8".
    /// Beside the index, a flat FAISS index: the vectors themselves, where lists hold codes; "" =
    /// nowhere, the codes are all there is.
    std::string originals_file;
    std::uint64_t originals_hash = 0;  ///< As data_hash.
    double coding_error = 0;           ///< No vector lies farther from what its code becomes.
    std::string source;                ///< The vectors' file, as given.
    std::string ids_file;              ///< Beside the index; "" = ids are row numbers.
    std::uint64_t data_hash = 0;       ///< Hash of the index file's contents, see hash_index_file.
    std::uint64_t seed = 0;
    std::int64_t default_effort = 0;    ///< nprobe or efSearch unless the caller says otherwise.
    std::int64_t curve_k = 0;           ///< The k of the curve below.
    std::vector<OperatingPoint> curve;  ///< By effort, ascending; empty = never measured.
};

/// "index.json" beside "index".
std::string sidecar_path(std::string const& index_path);

/// The sidecar as JSON text (format "partita-knn-index", version 1).
std::string to_json(IndexInfo const& info);

/// @param where  The file's name, for messages.
/// @throws Error when the text is not such a sidecar, of a newer version, or lacks a field.
IndexInfo index_info_from_json(std::string const& text, std::string const& where);

}  // namespace partita::knn
