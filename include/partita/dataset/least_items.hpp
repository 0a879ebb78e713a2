#pragma once

#include "partita/dataset/gather.hpp"
#include "partita/dataset/plan.hpp"

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <tuple>
#include <utility>
#include <vector>

namespace partita::dataset {

/// The n least of the items that it is given, equal ones by their place in the dataset. Linear in
/// the items; holds up to 2 n + 64.
template <class T, class Less>
class LeastItems {
  public:
    struct Placed {
        T item{};
        std::int64_t partition = 0, index = 0;
    };

    LeastItems(std::int64_t n, Less less) : n_(n), less_(std::move(less)) {}

    template <class Item>
    void add(Item&& item, std::int64_t partition, std::int64_t index) {
        items_.push_back({std::forward<Item>(item), partition, index});
        if (static_cast<std::int64_t>(items_.size()) >= 2 * n_ + 64) keep_least();
    }
    void merge(std::vector<Placed> others) {
        for (Placed& one : others) add(std::move(one.item), one.partition, one.index);
    }
    /// Ascending.
    std::vector<Placed> take() {
        keep_least();
        return std::move(items_);
    }

  private:
    void keep_least() {
        std::sort(items_.begin(), items_.end(), [this](Placed const& a, Placed const& b) {
            if (less_(a.item, b.item)) return true;
            if (less_(b.item, a.item)) return false;
            return std::tie(a.partition, a.index) < std::tie(b.partition, b.index);
        });
        if (static_cast<std::int64_t>(items_.size()) > n_)
            items_.erase(items_.begin() + n_, items_.end());
    }

    std::int64_t n_;
    Less less_;
    std::vector<Placed> items_;
};

/// The n least items that `visit(partition, add)` gives, on every rank, ascending; equal ones in
/// the dataset's order. A rank holds about 2 n for each thread, and n of each rank at the end.
///
/// Collective. visit calls add(item) for the items of a partition.
template <class T, class Less, class Visit>
std::vector<T> least_items(Plan const& plan, std::string_view operation, std::int64_t n,
                           Less const& less, Visit const& visit) {
    using Least = LeastItems<T, Less>;
    Least of_rank(n, less);
    std::mutex mutex;
    run_partitions(plan, operation, [&](std::int64_t partition) {
        Least least(n, less);
        std::int64_t index = 0;
        visit(partition, [&](auto&& item) {
            least.add(std::forward<decltype(item)>(item), partition, index++);
        });
        auto found = least.take();
        std::lock_guard const lock(mutex);
        of_rank.merge(std::move(found));
    });
    auto all = gather_items(plan.context.comm(), operation, of_rank.take());
    return collectively(plan.context.comm(), plan.then(operation).lineage, [&] {
        Least least(n, less);
        least.merge(std::move(all));
        std::vector<T> items;
        for (auto& one : least.take()) items.push_back(std::move(one.item));
        return items;
    });
}

}  // namespace partita::dataset
