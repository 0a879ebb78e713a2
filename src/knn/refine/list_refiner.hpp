#pragma once

#include "knn/ranked_neighbors.hpp"
#include "knn/refine/neighbor_lists.hpp"

#include "partita/knn/index.hpp"
#include "partita/knn/metric.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace partita::knn {

/// Makes lists of neighbours better: compares a vector with those that it is linked with, and with
/// those that these are linked with. Whoever is near to one's neighbours is likely near to oneself
/// (NN-descent: Dong, Charikar, Li 2011); a neighbour that an approximate search missed is found
/// unless it missed all links to it.
///
/// What one thread needs. A vector's new list is a function of the links and of its old list, so it
/// does not matter in which order vectors are refined, nor by whom.
class ListRefiner {
  public:
    /// The links must have been made (see NeighborLists::link); everything must outlive this.
    ListRefiner(NeighborLists& lists, VectorPlaces const& places, Metric metric, std::int64_t dim);

    /// Write better lists of these vectors, and mark them.
    /// @param searched  The lists of neighbours are as the search of an ivf index left them.
    /// Whoever
    ///                  shares a list of the index with a vector's neighbour has then been compared
    ///                  with that vector, and is not once more.
    void refine(std::span<std::uint32_t const> rows, bool searched);

  private:
    /// Numbers that have come up.
    class Seen {
      public:
        explicit Seen(std::int64_t most);
        void clear();
        /// Was it new?
        bool insert(std::uint32_t number);

      private:
        std::vector<std::uint32_t> slots_;
    };

    void fetch_links(std::int64_t row) const;
    void fetch_vector(std::uint32_t row) const;
    void find_candidates(std::uint32_t row, bool searched);
    bool was_compared(std::uint32_t other) const;
    void rank_candidates(std::uint32_t row);
    /// May another vector belong to the nearest of one?
    bool may_be_near(float const* vector, float const* other) const;
    void offer(float const* vector, float const* other, std::uint32_t position);
    void write(std::uint32_t row);

    NeighborLists& lists_;
    VectorPlaces const& places_;
    Metric metric_;
    std::int64_t dim_;
    double rough_share_;  ///< At least so much of a rough distance is true.
    Seen seen_;
    std::vector<std::int32_t> searched_;  ///< Lists of the index, of the row at hand.
    std::vector<std::uint32_t> candidates_;
    std::size_t known_ = 0;                ///< Of these, the first ones: the old list.
    std::vector<RankedNeighbor> nearest_;  ///< Ascending, at most k.
};

}  // namespace partita::knn
