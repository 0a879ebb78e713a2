#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace partita::knn {

/// A run of an inverted list's vectors that one rank owns. Long lists are cut into several, so that
/// no list is more work than a rank's share.
struct ListPiece {
    std::int32_t list = 0;
    std::int32_t owner = 0;
    std::int64_t first = 0, last = 0;  ///< Rows of the list.

    std::int64_t rows() const { return last - first; }
};

/// Which rank owns which vectors of an ivf index.
struct ListPlacement {
    std::vector<ListPiece> pieces;          ///< By list, then by row.
    std::vector<std::int64_t> first_piece;  ///< Those of list l: first_piece[l] .. [l + 1].
    std::vector<std::int64_t> rows;         ///< Of each rank.
    std::vector<std::int64_t> count;        ///< Pieces of each rank.
    std::vector<double> work;               ///< Of each rank, as a share of 1.

    std::span<ListPiece const> of_list(std::int64_t list) const {
        auto const l = static_cast<std::size_t>(list);
        return std::span(pieces).subspan(
            static_cast<std::size_t>(first_piece[l]),
            static_cast<std::size_t>(first_piece[l + 1] - first_piece[l]));
    }
};

/// Share lists out by predicted work, queries x size, so that all ranks have about the same; no
/// rank gets more than five quarters of the mean share of vectors and a piece.
///
/// A pure function: the longest work first, each to the rank that has the least (Graham 1969).
/// @param sizes    Of each list.
/// @param queries  How many look into each list, to any scale; as many entries as `sizes`.
ListPlacement place_lists(std::span<std::int64_t const> sizes, std::span<double const> queries,
                          int ranks);

}  // namespace partita::knn
