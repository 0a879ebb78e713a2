#pragma once

#include "knn/byte_gain.hpp"
#include "knn/byte_panel.hpp"
#include "knn/candidate_pool.hpp"
#include "knn/panel.hpp"

#include "partita/core/buffer.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace partita::knn {

/// What one thread needs to scan: packed base vectors, the queries that look at them side by side,
/// and room to rank ties.
class ScanWorkspace {
  public:
    ScanWorkspace(std::int64_t dim, std::int64_t k);

  private:
    friend class QueryBlock;

    /// Queries of a scan, brought together: rows scattered over a large block would be fetched
    /// from far away for every panel.
    struct Gathered {
        std::span<std::int32_t const> queries;
        Buffer<float> vectors;  ///< Minus the centre.
        std::vector<QueryBounds> bounds;
        std::vector<float> pool_thresholds;   ///< As last seen.
        std::vector<float> score_thresholds;  ///< What a score of the current panel must reach.
    };

    /// The same as bytes.
    struct GatheredBytes {
        std::span<std::int32_t const> queries;
        Buffer<std::int8_t> codes;
        std::vector<ByteQuery> scales;
        std::vector<QueryBounds> bounds;
        std::vector<float> pool_thresholds;
        std::vector<ByteTerms> terms;  ///< For the current panel.
    };

    /// Rows of a panel that one of the gathered queries is to look at.
    struct Passed {
        std::int32_t query;  ///< Where it stands among those gathered.
        std::uint64_t rows;
    };

    void make_room_for_floats();
    void make_room_for_bytes();

    std::int64_t dim_;
    std::int64_t piece_panels_;   ///< Packed together: their values stay in the second-level cache
    std::int64_t most_gathered_;  ///< while so many queries pass.
    std::int64_t byte_piece_panels_, most_gathered_bytes_;
    Buffer<float> values_;
    Buffer<std::uint8_t> byte_values_;
    Buffer<float> decoded_;  ///< Of rows that are codes.
    std::vector<Panel> panels_;
    std::vector<BytePanel> byte_panels_;
    Gathered gathered_;
    GatheredBytes gathered_bytes_;
    std::vector<Passed> passed_;
    ByteGain gain_;
    std::vector<RankedCandidate> scratch_;
};

}  // namespace partita::knn
