#pragma once

#include "partita/core/file.hpp"
#include "partita/knn/index.hpp"

#include <memory>

namespace partita::knn {

/// One for each kind of index file; open_index chooses. The mapping stays with the index.
std::unique_ptr<Index> open_flat_index(MappedFile file, IndexInfo const& info);
std::unique_ptr<Index> open_ivf_index(MappedFile file, IndexInfo const& info);
std::unique_ptr<Index> open_hnsw_index(MappedFile file, IndexInfo const& info);
std::unique_ptr<Index> open_faiss_index(std::string const& path, IndexInfo const& info);

/// The metric of the filter and of FAISS's header.
inline bool is_l2(Metric metric) { return metric == Metric::l2; }

}  // namespace partita::knn
