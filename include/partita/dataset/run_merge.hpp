#pragma once

#include "partita/dataset/packed_items.hpp"
#include "partita/dataset/piece_store.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace partita::dataset {

/// The items of one partition of a store, one at a time.
template <class T>
class ItemCursor {
  public:
    ItemCursor(PieceStore const& store, std::int64_t partition) : pieces_(store, partition) {
        next();
    }

    bool at_end() const { return at_end_; }
    T const& item() const { return item_; }
    void next() {
        while (!reader_ || reader_->at_end()) {
            std::span<std::byte const> bytes;
            at_end_ = !pieces_.next(bytes);
            if (at_end_) return;
            reader_.emplace(bytes.data(), static_cast<std::int64_t>(bytes.size()));
        }
        Codec<T>::read(*reader_, item_);
    }

  private:
    PieceCursor pieces_;
    std::optional<PackedReader> reader_;
    T item_{};
    bool at_end_ = false;
};

/// Push the items of sorted runs (partitions of a store) in order; of equal items those of lower
/// runs come first.
template <class T, class Sorter, class Sink>
void merge_runs(PieceStore const& store, RowRange runs, Sorter const& sorter, Sink&& sink) {
    std::vector<std::unique_ptr<ItemCursor<T>>> cursors;
    std::vector<std::size_t> heap;
    for (std::int64_t run = runs.first; run < runs.last; ++run) {
        cursors.push_back(std::make_unique<ItemCursor<T>>(store, run));
        if (!cursors.back()->at_end()) heap.push_back(cursors.size() - 1);
    }
    auto const after = [&](std::size_t a, std::size_t b) {
        if (sorter.before(cursors[b]->item(), cursors[a]->item())) return true;
        return b < a && !sorter.before(cursors[a]->item(), cursors[b]->item());
    };
    std::make_heap(heap.begin(), heap.end(), after);
    while (!heap.empty()) {
        std::pop_heap(heap.begin(), heap.end(), after);
        ItemCursor<T>& least = *cursors[heap.back()];
        sink(least.item());
        least.next();
        if (least.at_end())
            heap.pop_back();
        else
            std::push_heap(heap.begin(), heap.end(), after);
    }
}

}  // namespace partita::dataset
