#pragma once

#include "partita/dataset/packed_items.hpp"
#include "partita/dataset/partition_writer.hpp"
#include "partita/dataset/radix_sort.hpp"
#include "partita/dataset/run_merge.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace partita::dataset {

/// Sorts items by a key, stably, in memory.
template <class T, class KeyOf, class Less>
class ItemSorter {
    using Key = std::remove_cvref_t<std::invoke_result_t<KeyOf const&, T const&>>;

  public:
    ItemSorter(KeyOf key_of, Less less) : key_of_(std::move(key_of)), less_(std::move(less)) {}

    bool before(T const& a, T const& b) const {
        return less_(std::invoke(key_of_, a), std::invoke(key_of_, b));
    }

    void sort(MemoryAccount& memory, T* items, std::int64_t n) const {
        if constexpr (Flat<T> && RadixKey<Key, Less>) {
            PooledBuffer room(memory, n * static_cast<std::int64_t>(sizeof(T)));
            radix_sort(items, reinterpret_cast<T*>(room.data()), n, [this](T const& item) {
                return radix_of<Less, Key>(std::invoke(key_of_, item));
            });
        } else {
            std::stable_sort(items, items + n,
                             [this](T const& a, T const& b) { return before(a, b); });
        }
    }

  private:
    KeyOf key_of_;
    Less less_;
};

/// Sorts one exchanged partition into a store; what does not fit in memory is sorted in runs,
/// which are merged.
template <class T, class Sorter>
class PartitionSort {
  public:
    /// @param source  Tells several sorts into one partition apart, and orders them.
    PartitionSort(PieceStore& result, std::int64_t partition, std::int64_t source,
                  Sorter const& sorter)
        : context_(result.context()),
          sorter_(sorter),
          items_(context_.memory()),
          out_(result, partition, source, writer_chunk_bytes(context_)),
          // A quarter: sorting takes as much room again, and growing up to twice as much.
          most_bytes_(context_.memory().working_limit() / context_.threads() / 4) {}

    void add_packed(std::span<std::byte const> bytes) {
        for_each_block<T>(bytes, unpacked_, [this](Block<T> block) {
            for (auto& item : block) add(std::move(item));
        });
    }

    void add(T item) {
        bytes_ += static_cast<std::int64_t>(sizeof(T));
        if constexpr (!Flat<T>) bytes_ += Codec<T>::size(item);
        if (bytes_ > most_bytes_ && items_.size() > 0) write_run();
        items_.push_back(std::move(item));
    }

    void finish() {
        if (runs_ == nullptr) {
            sort_items();
            write_items(out_);
            return;
        }
        write_run();
        runs_->settle({0, run_count_});
        merge_runs<T>(*runs_, run_count_, sorter_, [this](T const& item) { out_.add(item); });
        out_.flush();
    }

  private:
    void sort_items() {
        if (items_.size() > 0) sorter_.sort(context_.memory(), &items_[0], items_.size());
    }
    void write_items(PartitionAppender<T>& out) {
        if constexpr (Flat<T>) {
            if (items_.size() > 0) out.add_block(items_.take_block());
        } else {
            for (std::int64_t i = 0; i < items_.size(); ++i) out.add(items_[i]);
            out.flush();
            items_.clear();
        }
    }

    void write_run() {
        if (!runs_) runs_ = std::make_unique<PieceStore>(context_);
        sort_items();
        // Small blocks: merging holds one of each run.
        PartitionAppender<T> out(*runs_, run_count_, run_count_, run_block_bytes);
        for (std::int64_t i = 0; i < items_.size(); ++i) out.add(items_[i]);
        out.flush();
        items_.clear();
        ++run_count_;
        bytes_ = 0;
    }

    static constexpr std::int64_t run_block_bytes = 32 << 10;
    Context const& context_;
    Sorter const& sorter_;
    GrowingArray<T> items_;
    PartitionAppender<T> out_;
    std::int64_t most_bytes_;
    std::int64_t bytes_ = 0;
    std::vector<T> unpacked_;
    std::unique_ptr<PieceStore> runs_;
    std::int64_t run_count_ = 0;
};

}  // namespace partita::dataset
