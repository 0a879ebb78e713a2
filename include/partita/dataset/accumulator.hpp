#pragma once

#include "partita/dataset/accumulator_registry.hpp"
#include "partita/dataset/context.hpp"
#include "partita/dataset/gather.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <tuple>
#include <utility>
#include <vector>

namespace partita::dataset {

/// A value that functions of datasets add to, on all ranks and threads (Spark: accumulator):
/// `Accumulator<std::int64_t> bad(context)`, in a function `bad.add(1)`, after the action
/// `bad.value()`.
///
/// Construction is SPMD: all ranks make the same accumulators in the same order. A handle, to be
/// captured by value. Ranks agree whenever partitions have been run, so value() is the same on all
/// of them after an action, whatever the number of ranks and threads: contributions are merged in
/// the order of partitions, also sums of floating-point numbers.
///
/// Functions count as often as they run. A dataset that is used twice and not cached runs twice,
/// take() runs few partitions, sorts call their keys' function several times. A stage that fails
/// counts nothing, but those before it in the action, which had finished, do. (Spark counts a task
/// that is tried again once in actions, and open in transformations.)
///
/// @tparam Merge  T(T, T), associative; the zero is neutral.
template <class T, class Merge = std::plus<>>
class Accumulator {
  public:
    explicit Accumulator(Context const& context, T zero = T{}, Merge merge = {})
        : state_(std::make_shared<State>(context, std::move(zero), std::move(merge))) {
        context.accumulators().add(state_);
    }

    /// In functions of datasets, from the thread that called them.
    void add(T const& value) const {
        OfThread& mine = state_->of_threads[static_cast<std::size_t>(Context::current_thread())];
        mine.sum = state_->merge(std::move(mine.sum), value);
        mine.used = true;
    }

    /// What ranks have agreed on. Rank-local.
    T const& value() const { return state_->agreed; }
    /// Start again from the zero; by all ranks.
    void reset() const { state_->agreed = state_->zero; }

  private:
    struct alignas(64) OfThread {
        T sum;
        bool used = false;
    };
    using Contribution = std::tuple<std::int64_t, std::int64_t, T>;  // run, partition, value

    struct State final : AccumulatorState {
        State(Context const& where, T neutral, Merge how)
            : comm(where.comm()),
              zero(std::move(neutral)),
              agreed(zero),
              merge(std::move(how)),
              of_threads(static_cast<std::size_t>(where.threads()), OfThread{zero}) {}

        void finish_part(AccumulatedPart part) override {
            OfThread& mine = of_threads[static_cast<std::size_t>(Context::current_thread())];
            if (!std::exchange(mine.used, false)) return;
            std::lock_guard const lock(mutex);
            pending.emplace_back(part.run, part.partition, std::exchange(mine.sum, zero));
        }
        void agree() override {
            std::vector<Contribution> all = gather_items(comm, "accumulator", pending);
            pending.clear();
            std::stable_sort(all.begin(), all.end(), [](auto const& a, auto const& b) {
                return std::tie(std::get<0>(a), std::get<1>(a)) <
                       std::tie(std::get<0>(b), std::get<1>(b));
            });
            for (Contribution& one : all)
                agreed = merge(std::move(agreed), std::move(std::get<2>(one)));
        }
        void drop() noexcept override {
            pending.clear();
            for (OfThread& one : of_threads) one = OfThread{zero};
        }

        Communicator comm;
        T zero, agreed;
        Merge merge;
        std::vector<OfThread> of_threads;
        std::mutex mutex;
        std::vector<Contribution> pending;
    };

    std::shared_ptr<State> state_;
};

}  // namespace partita::dataset
