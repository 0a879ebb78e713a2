#pragma once

#include "partita/comm/communicator.hpp"
#include "partita/ml/training_set.hpp"

#include <span>
#include <string_view>
#include <vector>

namespace partita::ml {

/// One thread's working memory between calls.
class Scratch {
  public:
    /// At least `size` doubles, aligned to 64 bytes; what was there is lost.
    double* room(std::int64_t size) {
        if (memory_.size() < size) memory_ = Buffer<double>(size);
        return memory_.data();
    }

  private:
    Buffer<double> memory_;
};

/// A computation over rows that can be done in parts and merged: moments, a Gram matrix, a
/// gradient. Its state is a fixed number of doubles.
///
/// The same object serves data in memory, data that is streamed from disk, groups and streams.
/// Functions are rank-local, const and thread-safe.
class Partial {
  public:
    virtual ~Partial() = default;
    /// Doubles of a state; the same on every rank.
    virtual std::int64_t size() const = 0;
    /// The state of no rows.
    virtual void clear(std::span<double> state) const;
    /// Whether batches are taken with sparse rows too.
    virtual bool takes_sparse() const { return false; }
    virtual void accumulate(Batch const& batch, std::span<double> state,
                            Scratch& scratch) const = 0;
    /// Add what `later` holds about rows that follow `state`'s. Element-wise sum unless overridden.
    virtual void merge(std::span<double> state, std::span<double const> later) const;
};

/// The state over all rows, on every rank.
///
/// Collective. Every block is accumulated by itself; blocks are merged along a binary tree over
/// their numbers. A rank sends and receives at most one state at each level of the tree. Memory:
/// about log2(blocks) states a thread.
///
/// @param what  Names the work in an error.
/// @return Same bits for any number of ranks and threads (on processors of one kind).
std::vector<double> fold_rows(Communicator const& comm, TrainingSet const& set,
                              Partial const& partial, std::string_view what, int threads = 0);

}  // namespace partita::ml
