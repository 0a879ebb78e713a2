#pragma once

#include "knn/candidate_pool.hpp"
#include "knn/row_store.hpp"

#include "partita/core/buffer.hpp"

#include <cstdint>
#include <functional>
#include <vector>

namespace partita::knn {

/// The exact distances of all candidates of a block of queries whose vectors lie in a file: read
/// once, in the order of the file, some at a time.
class OrderedDistances {
  public:
    using Distance = std::function<double(std::int64_t query, float const* vector)>;

    /// Drops what the candidates' bounds alone can tell. Threaded.
    OrderedDistances(CandidatePool& pool, std::int64_t queries, RowStore const& store,
                     std::int64_t dim, Distance const& distance, int threads);

    /// Memory for each candidate.
    static constexpr std::int64_t bytes_per_candidate = 32;

    /// Of a query's candidates, in the order in which the pool holds them.
    double const* of(std::int64_t query) const {
        return distances_.data() + first_[static_cast<std::size_t>(query)];
    }

  private:
    struct Wanted {
        float const* place;
        std::int64_t number;  ///< Among all candidates.
        std::int32_t query;
    };

    void sort_into_chunks(CandidatePool const& pool, std::int64_t queries);
    void read_chunk(std::size_t chunk, RowStore const& store, std::int64_t dim,
                    Distance const& distance);

    std::vector<std::int64_t> first_;  ///< Of each query's candidates.
    std::vector<std::int64_t> first_of_chunk_;
    Buffer<Wanted> wanted_;
    Buffer<double> distances_;
};

}  // namespace partita::knn
