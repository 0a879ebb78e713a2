#pragma once

#include "knn/index/list_coding.hpp"

#include "partita/comm/communicator.hpp"
#include "partita/core/matrix_view.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace partita::knn {

/// Finds the ranges of numbers that int8 codes must cover; does nothing for other codes.
class CodeRanges {
  public:
    explicit CodeRanges(ListCoding const& coding);

    /// Rank-local. @param lists  Of each row.
    void widen(MatrixView rows, std::int32_t const* lists, MatrixView centroids);
    /// Set the ranges of `coding` to what all ranks have seen. Collective.
    void agree(Communicator const& comm, ListCoding& coding);

  private:
    bool wanted_;
    std::vector<float> smallest_, largest_;
};

/// Encode vectors of one list. Returns the largest distance of a vector from what its code becomes.
/// @throws Error when a vector cannot be coded: not finite, or beyond the largest half.
double encode_measured(ListCoding const& coding, MatrixView vectors, float const* centroid,
                       std::byte* codes);

}  // namespace partita::knn
