#pragma once

#include "partita/dataset/context.hpp"
#include "partita/dataset/spill_file.hpp"
#include "partita/ml/training_set.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

namespace partita::pipeline {

/// Rows of `width` numbers in a scratch file of one rank, written in runs of consecutive rows.
class RowFile {
  public:
    /// Rows [first, first + rows) from a place in the file on.
    struct Run {
        std::int64_t first = 0, rows = 0, offset = 0;
    };

    RowFile(dataset::Context const& context, std::int64_t width)
        : file_(context.new_spill_file()), width_(width) {}

    std::int64_t width() const { return width_; }
    /// Thread-safe. @returns the run, whose first row the caller knows.
    Run append(std::span<double const> values);

    void add_run(Run run) { runs_.push_back(run); }
    std::vector<Run> const& runs() const { return runs_; }
    /// Before reading: by row number.
    void sort_runs();
    /// Rows that runs hold. Thread-safe.
    void read(RowRange rows, double* out) const;

  private:
    std::shared_ptr<dataset::SpillFile> file_;
    std::int64_t width_;
    std::vector<Run> runs_;
};

/// A training set that is read from scratch, block by block: rows of features, then the label and
/// the weight where there are such.
class StoredSet : public ml::TrainingSet {
  public:
    /// Collective. Rows that lie with another rank than the one that owns their block are moved, in
    /// rounds of at most `round_bytes`.
    /// @param file  This rank's rows, numbered from `held.first` on.
    StoredSet(Communicator const& comm, ml::Blocking blocking, std::unique_ptr<RowFile> file,
              RowRange held, bool labelled, bool weighted, std::vector<double> label_numbers,
              std::int64_t round_bytes);

    ml::Batch read(RowRange rows, ml::BatchBuffer& buffer) const override;

  private:
    void move_rows(Communicator const& comm, RowRange held, std::int64_t round_bytes);

    std::unique_ptr<RowFile> file_;
    bool weighted_;
    std::vector<double> label_numbers_;
};

/// A label's place among the classes' numbers; as it is where there are none.
double place_of_label(std::vector<double> const& numbers, double label);

}  // namespace partita::pipeline
