#pragma once

#include "partita/dataset/actions.hpp"
#include "partita/dataset/keeping_operations.hpp"
#include "partita/dataset/narrow_operations.hpp"
#include "partita/dataset/pair_operations.hpp"
#include "partita/dataset/plan.hpp"
#include "partita/dataset/save_operations.hpp"
#include "partita/dataset/wide_operations.hpp"

#include <concepts>
#include <memory>
#include <utility>
#include <vector>

namespace partita::dataset {

/// A collection in partitions, spread over the ranks, that is computed when an action asks.
///
/// It is a plan and a function that pushes the elements of one partition into a sink:
/// push(partition, sink) calls sink(element) for each. Narrow operations wrap that function in
/// another closure, so that a chain of them is one loop for the compiler; nothing runs and nothing
/// communicates before an action or a wide operation's result is asked for. A dataset that is used
/// twice is computed twice, but for the results of wide operations, which last as long as a
/// dataset that uses them.
///
/// A dataset has an order: partition by partition, and the order of pushing in each. Functions are
/// held by value and copied for each run of a partition, so what one keeps in itself lasts for one
/// partition. They run in several threads at once. They take elements by value or const reference.
///
/// `Dataset<T>` has forgotten how it is computed, and costs a virtual call per block of elements:
/// the type for signatures and members. Every dataset of T becomes one implicitly.
template <class T, class Push = ErasedPush<T>>
class Dataset : public NarrowOperations<Dataset<T, Push>, T>,
                public PairOperations<Dataset<T, Push>, T>,
                public WideOperations<Dataset<T, Push>, T>,
                public KeepingOperations<Dataset<T, Push>, T>,
                public Actions<Dataset<T, Push>, T>,
                public SaveOperations<Dataset<T, Push>, T> {
  public:
    using Element = T;

    Dataset(Plan plan, Push push) : plan_(std::move(plan)), push_(std::move(push)) {}

    /// Forget how it is computed; elements that are views become owners.
    template <class U, class OtherPush>
    requires std::same_as<Push, ErasedPush<T>> && std::same_as<stored_t<U>, T> &&
        (!std::same_as<OtherPush, ErasedPush<T>>)Dataset(Dataset<U, OtherPush> const& other);

    Plan const& plan() const { return plan_; }
    Push const& push() const { return push_; }
    Context const& context() const { return plan_.context; }
    std::int64_t num_partitions() const { return plan_.partitions(); }
    Placement const& placement() const { return plan_.placement; }

  private:
    Plan plan_;
    Push push_;
};

template <class D>
struct IsDataset : std::false_type {};
template <class T, class Push>
struct IsDataset<Dataset<T, Push>> : std::true_type {};

/// Any dataset.
template <class D>
concept AnyDataset = IsDataset<std::remove_cvref_t<D>>::value;

/// A dataset of T, fused or erased: `void save(DatasetOf<Row> auto const& rows)`.
template <class D, class T>
concept DatasetOf = AnyDataset<D> && std::same_as<typename std::remove_cvref_t<D>::Element, T>;

template <class T, class Push>
template <class U, class OtherPush>
requires std::same_as<Push, ErasedPush<T>> && std::same_as<stored_t<U>, T> &&
    (!std::same_as<OtherPush, ErasedPush<T>>)
        Dataset<T, Push>::Dataset(Dataset<U, OtherPush> const& other)
    : plan_(other.plan()), push_(std::make_shared<FusedSource<T, OtherPush> const>(other.push())) {}

}  // namespace partita::dataset
