#pragma once

#include "partita/core/file.hpp"
#include "partita/knn/index.hpp"

#include <memory>

namespace partita::knn {

/// One for each kind of index file; open_index chooses. The mapping stays with the index.
std::unique_ptr<Index> open_flat_index(MappedFile file, IndexInfo const& info);
/// @param originals  The vectors themselves, where the lists hold codes of them; or not open.
std::unique_ptr<Index> open_ivf_index(MappedFile file, MappedFile originals, IndexInfo const& info);
std::unique_ptr<Index> open_hnsw_index(MappedFile file, IndexInfo const& info);
std::unique_ptr<Index> open_faiss_index(std::string const& path, IndexInfo const& info);

/// The path of a file of this name in the same folder.
std::string beside(std::string const& path, std::string const& name);

/// @throws Error when the file is no FAISS index, or not the one that `info` describes.
void check_index_file(std::string const& path, IndexInfo const& info);

/// The vectors of the file beside an index that holds codes, by position; empty where there is
/// none. @throws Error when they do not belong to the index.
MatrixView read_originals(MappedFile const& file, IndexInfo const& info);

/// The metric of the filter and of FAISS's header.
inline bool is_l2(Metric metric) { return metric == Metric::l2; }

/// Index::efforts of an ivf index: powers of two, and all lists.
inline std::vector<std::int64_t> ivf_efforts(std::int64_t lists) {
    std::vector<std::int64_t> efforts;
    for (std::int64_t nprobe = 1; nprobe < lists; nprobe *= 2) efforts.push_back(nprobe);
    efforts.push_back(lists);
    return efforts;
}

}  // namespace partita::knn
