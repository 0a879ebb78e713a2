#pragma once

#include "partita/comm/collectively.hpp"
#include "partita/dataset/codec.hpp"
#include "partita/dataset/context.hpp"
#include "partita/dataset/lineage.hpp"
#include "partita/dataset/partitioner.hpp"
#include "partita/dataset/step.hpp"

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

namespace partita::dataset {

class PieceStore;

/// Something that must have been computed before a dataset's partitions can be run: the result of
/// a wide operation, a count of items per partition.
class Stage {
  public:
    virtual ~Stage() = default;
    /// Compute it, once. Collective: all ranks prepare the same stages in the same order.
    virtual void prepare() = 0;
    /// Let go what is kept but can be computed again; by all ranks.
    virtual void unpersist() {}
};

/// What all datasets have, whatever their elements and however they are fused.
struct Plan {
    Context context;
    /// Partitions, as runs that are each shared out over the ranks: one for most datasets, one per
    /// part for a union, whose partitions stay where they are.
    std::vector<std::int64_t> runs;
    std::vector<std::shared_ptr<Stage>> stages;  ///< To prepare, in this order.
    std::string lineage;                         ///< "range | map | filter": for messages.
    Placement placement;                         ///< Known for pairs only.
    /// The kept results that the chain starts from: for explain().
    std::vector<std::shared_ptr<KeptResult const>> starts{};
    int operations = 1;  ///< In the chain.
    /// The source gives any rank any partition: files and functions do, what ranks keep does not.
    bool anywhere = false;

    void prepare() const {
        for (auto const& stage : stages) stage->prepare();
    }
    std::int64_t partitions() const;
    /// Those of this rank, ascending.
    std::vector<std::int64_t> local_partitions() const;
    /// Which rank owns a partition.
    int owner_of(std::int64_t partition) const;
    /// Whether any rank can run any partition: nothing that ranks keep is needed for it.
    bool runs_anywhere() const { return anywhere && stages.empty() && runs.size() == 1; }

    /// The plan of one more fused operation, which keeps the pairs' placement.
    Plan then(std::string_view operation) const;
    /// The same for an operation that may change keys.
    Plan then_anew(std::string_view operation) const;
    /// The next operation's place in the chain; `name` is a literal.
    Step next_step(char const* name) const { return {operations + 1, name}; }
    /// The chain with one more operation, for explain().
    Chain chain(std::string_view operation = {}) const;
};

/// The plan of a source of `partitions` partitions that any rank can make.
inline Plan source_plan(Context const& context, std::int64_t partitions, std::string name) {
    Plan plan{context, {partitions}, {}, std::move(name), {}};
    plan.anywhere = true;
    return plan;
}

/// The plan of an operation on several datasets: everything that must be prepared for all of them,
/// the first one's partitions, "(a, b)" as lineage.
Plan joined_plan(std::initializer_list<Plan const*> plans);

/// The part of run_partitions that is the same for all results: prepare, then begin(),
/// work(i) for the i-th of plan.local_partitions() in the rank's threads, end(); agree on failure.
void run_local_partitions(Plan const& plan, std::string_view operation, FunctionRef<void()> begin,
                          FunctionRef<void(std::int64_t)> work, FunctionRef<void()> end);

/// Call work(partition) for all partitions, each on one rank and in its threads, where it does not
/// matter on which: what work makes goes into a store that is exchanged afterwards, and says which
/// partition it came from. Collective.
///
/// Partitions that run anywhere are taken in ascending order by whoever is free, if there are more
/// of them than threads: a slow rank takes fewer. Others run where they are.
void run_map_stage(Plan const& plan, std::string_view operation,
                   FunctionRef<void(std::int64_t)> work);

/// Elements of a type-erased dataset come in blocks. Flat ones lie in storage and are only to be
/// read; others were unpacked for this call and may be moved from.
template <class T>
using Block = std::span<std::conditional_t<Flat<T>, T const, T>>;

template <class T>
using BlockSink = FunctionRef<void(Block<T>)>;

/// A dataset's partitions behind a virtual function: one call per block, never per element.
template <class T>
class Source {
  public:
    virtual ~Source() = default;
    /// Push a partition of this rank. Called by several threads, for different partitions.
    virtual void run(std::int64_t partition, BlockSink<T> sink) const = 0;
    /// The store in which the partitions lie packed, if they do (and have been prepared).
    virtual std::shared_ptr<PieceStore const> store() const { return nullptr; }
};

/// The Push of a type-erased dataset.
template <class T>
class ErasedPush {
  public:
    explicit ErasedPush(std::shared_ptr<Source<T> const> source) : source_(std::move(source)) {}

    template <class Sink>
    void operator()(std::int64_t partition, Sink&& sink) const {
        source_->run(partition, [&](Block<T> block) {
            for (auto& item : block) {
                if constexpr (Flat<T>)
                    sink(item);
                else
                    sink(std::move(item));
            }
        });
    }
    Source<T> const& source() const { return *source_; }

  private:
    std::shared_ptr<Source<T> const> source_;
};

/// Call work(partition) for each of this rank's partitions of a result, in its threads; what is
/// done shows as progress of `name`. Rank-local; errors are those of parallel_for.
void for_each_local_partition(Context const& context, std::string_view name,
                              std::int64_t partitions, FunctionRef<void(std::int64_t)> work);

/// Run rank-local work on each partition of this rank, in its threads. Collective.
///
/// @param operation  What runs, for the message of a failure: "range | map | count: ...".
/// @return           work's results, in the order of plan.local_partitions().
template <class Work>
auto run_partitions(Plan const& plan, std::string_view operation, Work const& work) {
    using Result = std::invoke_result_t<Work const&, std::int64_t>;
    std::vector<std::int64_t> const local = plan.local_partitions();
    auto const partition = [&](std::int64_t i) { return local[static_cast<std::size_t>(i)]; };
    if constexpr (std::is_void_v<Result>) {
        run_local_partitions(
            plan, operation, [] {}, [&](std::int64_t i) { work(partition(i)); }, [] {});
    } else {
        // Not vector<Result>: neighbouring bools would share a byte between threads.
        std::vector<std::optional<Result>> found;
        std::vector<Result> results;
        run_local_partitions(
            plan, operation, [&] { found.resize(local.size()); },
            [&](std::int64_t i) { found[static_cast<std::size_t>(i)].emplace(work(partition(i))); },
            [&] {
                results.reserve(found.size());
                for (auto& one : found) results.push_back(std::move(*one));
            });
        return results;
    }
}

}  // namespace partita::dataset
