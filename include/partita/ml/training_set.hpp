#pragma once

#include "partita/comm/communicator.hpp"
#include "partita/core/buffer.hpp"
#include "partita/core/matrix_view.hpp"
#include "partita/ml/blocking.hpp"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace partita::ml {

/// Rows of float64 features, row-major: rows x features.
using Reals = BasicMatrixView<double const>;
using RealMatrix = BasicMatrix<double>;

/// Rows of which only some entries are kept, the others being 0 (CSR).
struct SparseRows {
    std::span<std::int64_t const>
        starts;  ///< rows + 1: row i's entries are [starts[i], starts[i + 1]).
    std::int32_t const* columns = nullptr;  ///< Ascending within a row.
    double const* values = nullptr;
    std::int64_t cols = 0;

    std::int64_t rows() const { return std::ssize(starts) - 1; }
    /// visit(column, value) for the entries of a row.
    template <class Visit>
    void for_entries(std::int64_t row, Visit&& visit) const {
        auto const i = static_cast<std::size_t>(row);
        for (std::int64_t e = starts[i]; e < starts[i + 1]; ++e) visit(columns[e], values[e]);
    }
};

/// Consecutive rows, read for computing.
struct Batch {
    RowRange rows;                    ///< Global row numbers.
    Reals x;                          ///< rows.size() x features; of sparse rows none.
    std::span<double const> y;        ///< rows.size() labels, or empty.
    std::span<double const> weights;  ///< rows.size() weights, or empty: all 1.
    SparseRows sparse = {};           ///< Of a sparse set only.

    double weight(std::int64_t i) const {
        return weights.empty() ? 1.0 : weights[static_cast<std::size_t>(i)];
    }
};

/// One thread's room for a batch that does not lie in memory as it is wanted.
struct BatchBuffer {
    std::vector<double> x, y, weights;
};

/// Examples spread over ranks: each rank can read the rows of its own blocks.
///
/// What an estimator learns from. Reading is rank-local and thread-safe, and may be repeated, so a
/// set may lie in memory or be read from a file block by block.
class TrainingSet {
  public:
    virtual ~TrainingSet() = default;

    Blocking const& blocking() const { return blocking_; }
    std::int64_t rows() const { return blocking_.rows(); }
    std::int64_t features() const { return features_; }
    bool labelled() const { return labelled_; }
    /// Whether batches hold sparse rows: for estimators that know them.
    virtual bool sparse() const { return false; }

    /// @param rows  Within one of this rank's blocks.
    /// @return      Views that stay valid until the buffer is used again.
    virtual Batch read(RowRange rows, BatchBuffer& buffer) const = 0;

  protected:
    TrainingSet(Blocking blocking, std::int64_t features, bool labelled)
        : blocking_(blocking), features_(features), labelled_(labelled) {}

  private:
    Blocking blocking_;
    std::int64_t features_;
    bool labelled_;
};

/// Throw on every rank, naming `what`, for a sparse set that it cannot learn from.
void refuse_sparse(TrainingSet const& set, std::string_view what);

/// A training set in memory.
class DenseTrainingSet : public TrainingSet {
  public:
    /// Collective. Takes rows as they are spread, rank by rank, and moves those that lie with
    /// another rank than the one that owns their block.
    ///
    /// @param x        This rank's rows (possibly none) x features; finite.
    /// @param y        As many labels, or none on all ranks.
    /// @param weights  As many weights >= 0, or none on all ranks.
    /// @throws CollectiveError: sizes that do not fit, a NaN or infinity (naming row and column).
    DenseTrainingSet(Communicator const& comm, Reals x, std::span<double const> y = {},
                     std::span<double const> weights = {}, std::int64_t block_rows = 0);

    Batch read(RowRange rows, BatchBuffer& buffer) const override;

    /// This rank's rows, and the first one's number.
    Reals local_rows() const { return x_; }
    RowRange owned() const { return owned_; }
    std::span<double const> labels() const { return y_; }

  private:
    struct Layout;
    DenseTrainingSet(Communicator const& comm, Layout layout);

    RowRange owned_;
    Reals x_;
    std::span<double const> y_, weights_;
    Buffer<std::byte> moved_x_, moved_y_, moved_weights_;  // empty where nothing moved
};

}  // namespace partita::ml
