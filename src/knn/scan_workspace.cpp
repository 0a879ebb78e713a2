#include "knn/scan_workspace.hpp"

#include "knn/cache_shares.hpp"

#include <algorithm>

namespace partita::knn {
namespace {

std::int64_t panels_of(std::int64_t column_bytes) {
    return std::clamp<std::int64_t>(cached_piece_bytes / (column_bytes * panel_columns), 1, 16);
}

std::int64_t queries_of(std::int64_t query_bytes, std::int64_t most_tiles) {
    return tile_queries * std::clamp<std::int64_t>(
                              cached_query_bytes / (query_bytes * tile_queries), 1, most_tiles);
}

}  // namespace

ScanWorkspace::ScanWorkspace(std::int64_t dim, std::int64_t k)
    : dim_(dim),
      piece_panels_(panels_of(dim * 4)),
      most_gathered_(queries_of(dim * 4, 64)),
      byte_piece_panels_(panels_of(byte_groups(dim) * byte_group)),
      most_gathered_bytes_(queries_of(byte_groups(dim) * byte_group, 128)) {
    scratch_.reserve(static_cast<std::size_t>(CandidatePool::capacity(k)));
}

void ScanWorkspace::make_room_for_floats() {
    if (!values_.empty()) return;
    values_ = Buffer<float>(piece_panels_ * dim_ * panel_columns);
    gathered_.vectors = Buffer<float>(most_gathered_ * dim_);
}

void ScanWorkspace::make_room_for_bytes() {
    if (!byte_values_.empty()) return;
    std::int64_t const code_bytes = byte_groups(dim_) * byte_group;
    byte_values_ = Buffer<std::uint8_t>(byte_piece_panels_ * code_bytes * panel_columns);
    gathered_bytes_.codes = Buffer<std::int8_t>(most_gathered_bytes_ * code_bytes);
}

}  // namespace partita::knn
