#pragma once

#include "ml/trees/bin_edges.hpp"

#include "partita/core/buffer.hpp"

#include <cstdint>
#include <vector>

namespace partita::ml {

/// This rank's rows with each feature as the number of its bin: a byte, kept by row, for adding up
/// histograms, and by column, for dividing rows between children.
class BinnedRows {
  public:
    /// Collective: reads the set once.
    BinnedRows(Communicator const& comm, TrainingSet const& set, BinEdges edges, int threads);

    std::int64_t rows() const { return owned_.size(); }
    /// Their numbers in the set.
    RowRange owned() const { return owned_; }
    std::int64_t features() const { return edges_.features(); }
    BinEdges const& edges() const { return edges_; }

    std::uint8_t const* row(std::int64_t i) const { return by_row_.data() + i * features(); }
    std::uint8_t const* column(std::int64_t feature) const {
        return by_column_.data() + feature * rows();
    }
    double label(std::int64_t i) const { return labels_[static_cast<std::size_t>(i)]; }
    /// 1 where the set has no weights.
    double weight(std::int64_t i) const {
        return weights_.empty() ? 1.0 : weights_[static_cast<std::size_t>(i)];
    }
    /// On any rank.
    double largest_weight() const { return largest_weight_; }

  private:
    void bin(Batch const& batch);

    BinEdges edges_;
    RowRange owned_;
    Buffer<std::uint8_t> by_row_, by_column_;
    std::vector<double> labels_, weights_;
    double largest_weight_ = 1;
};

}  // namespace partita::ml
