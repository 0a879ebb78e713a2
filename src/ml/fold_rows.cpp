#include "partita/ml/fold_rows.hpp"

#include "ml/block_tree.hpp"

#include "partita/comm/collectively.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>

#include <omp.h>

namespace partita::ml {

namespace {

/// Accumulates this rank's blocks, a block a thread at a time; the first failure ends all threads.
class BlockWork {
  public:
    BlockWork(TrainingSet const& set, Partial const& partial, BlockTree& tree, RowRange blocks)
        : set_(set), partial_(partial), tree_(tree), blocks_(blocks), next_(blocks.first) {}

    void run(int threads) {
#pragma omp parallel num_threads(threads)
        run_thread();
        if (failure_) std::rethrow_exception(failure_);
    }

  private:
    void run_thread() {
        try {
            BatchBuffer buffer;
            Scratch scratch;
            for (std::int64_t b = next_++; b < blocks_.last; b = next_++) {
                BlockTree::State state(static_cast<std::size_t>(partial_.size()));
                partial_.clear(state);
                partial_.accumulate(set_.read(set_.blocking().block(b), buffer), state, scratch);
                tree_.add(b, std::move(state));
            }
        } catch (...) {
            next_ = blocks_.last;
            std::lock_guard const lock(mutex_);
            if (!failure_) failure_ = std::current_exception();
        }
    }

    TrainingSet const& set_;
    Partial const& partial_;
    BlockTree& tree_;
    RowRange blocks_;
    std::atomic<std::int64_t> next_;
    std::mutex mutex_;
    std::exception_ptr failure_;
};

}  // namespace

void Partial::clear(std::span<double> state) const { std::ranges::fill(state, 0.0); }

void Partial::merge(std::span<double> state, std::span<double const> later) const {
    for (std::size_t i = 0; i < state.size(); ++i) state[i] += later[i];
}

std::vector<double> fold_rows(Communicator const& comm, TrainingSet const& set,
                              Partial const& partial, std::string_view what, int threads) {
    if (!partial.takes_sparse()) refuse_sparse(set, what);
    BlockTree tree(comm, set.blocking(), partial);
    RowRange const mine = set.blocking().blocks_of(comm.rank(), comm.size());
    int const wanted = threads > 0 ? threads : omp_get_max_threads();
    collectively(comm, what, [&] {
        BlockWork(set, partial, tree, mine)
            .run(static_cast<int>(std::clamp<std::int64_t>(mine.size(), 1, wanted)));
    });
    return tree.finish();
}

}  // namespace partita::ml
