#pragma once

#include "partita/format/libsvm_file.hpp"
#include "partita/ml/training_set.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace partita::ml {

/// Sparse labelled rows in memory. Linear and logistic regression learn from them, and never write
/// the zeros out.
class SparseTrainingSet : public TrainingSet {
  public:
    /// Collective. Takes rows as they are spread, rank by rank, and moves those that lie with
    /// another rank than the one that owns their block. Blocks are so large that their entries
    /// outnumber the features, where the rows suffice for 16 of them.
    ///
    /// @param features  0 = the largest column on any rank, + 1.
    /// @throws CollectiveError for a column beyond that.
    SparseTrainingSet(Communicator const& comm, format::LibsvmRows rows, std::int64_t features = 0,
                      std::int64_t block_rows = 0);

    bool sparse() const override { return true; }
    Batch read(RowRange rows, BatchBuffer& buffer) const override;

    /// Entries on all ranks.
    std::int64_t entries() const { return entries_; }
    RowRange owned() const { return owned_; }
    /// Labels that are class numbers in place of those that the rows came with; see class_numbers.
    void set_labels(std::vector<double> labels);
    std::vector<double> const& labels() const { return rows_.labels; }

  private:
    struct Layout;
    SparseTrainingSet(Communicator const& comm, Layout layout);

    RowRange owned_;
    std::int64_t entries_ = 0;
    format::LibsvmRows rows_;
};

/// This rank's share of a file's lines, whatever their lengths. Collective.
/// @throws CollectiveError: what LibsvmFile throws.
format::LibsvmRows read_libsvm(Communicator const& comm, std::string const& path);

}  // namespace partita::ml
