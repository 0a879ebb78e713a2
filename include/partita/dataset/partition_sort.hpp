#pragma once

#include "partita/dataset/item_run.hpp"
#include "partita/dataset/packed_items.hpp"
#include "partita/dataset/packed_run.hpp"
#include "partita/dataset/partition_writer.hpp"
#include "partita/dataset/run_merge.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace partita::dataset {

/// How items are sorted: by which key, and by what order of keys.
template <class T, class KeyOf, class Less>
class ItemSorter {
    using Key = std::remove_cvref_t<std::invoke_result_t<KeyOf const&, T const&>>;
    static constexpr bool sorts_packed =
        !Flat<T> && TakesViews<KeyOf> && (WordKey<Key, Less> || RadixKey<Key, Less>);

  public:
    ItemSorter(KeyOf key_of, Less less) : key_of_(std::move(key_of)), less_(std::move(less)) {}

    bool before(T const& a, T const& b) const {
        return less_(std::invoke(key_of_, a), std::invoke(key_of_, b));
    }

    /// Items are sorted as they lie packed if their keys' words tell their order.
    using Run =
        std::conditional_t<sorts_packed, PackedRun<T, KeyOf, Less>, ItemRun<T, KeyOf, Less>>;
    using View = std::conditional_t<sorts_packed, viewed_t<T>, T>;
    Run make_run(MemoryAccount& memory) const { return Run(memory, key_of_, less_); }

  private:
    KeyOf key_of_;
    Less less_;
};

/// Sorts one exchanged partition into a store; what does not fit in memory is sorted in runs,
/// which are merged.
template <class T, class Sorter>
class PartitionSort {
    using View = typename Sorter::View;

  public:
    /// @param source  Tells several sorts into one partition apart, and orders them.
    PartitionSort(PieceStore& result, std::int64_t partition, std::int64_t source,
                  Sorter const& sorter)
        : context_(result.context()),
          sorter_(sorter),
          run_(sorter.make_run(context_.memory())),
          out_(result, partition, source, writer_chunk_bytes(context_)),
          // Half: the other is for growing.
          most_bytes_(context_.memory().working_limit() / context_.threads() / 2),
          run_block_bytes_(std::clamp<std::int64_t>(most_bytes_ / 16, 1 << 10, 32 << 10)) {}

    void add_packed(std::span<std::byte const> bytes) {
        for_each_block<View>(bytes, unpacked_, [this](Block<View> block) {
            for (auto& item : block) add(std::move(item));
        });
    }

    /// @tparam Item  T, or a view of it where such are sorted.
    template <class Item>
    void add(Item&& item) {
        if (run_.memory_bytes() > most_bytes_) write_run();
        run_.add(std::forward<Item>(item));
    }

    void finish() {
        if (runs_ == nullptr) {
            if constexpr (Flat<T>) {
                if (run_.size() > 0) out_.add_block(run_.take_sorted());
            } else {
                run_.sort_into([this](View const& item) { out_.add(item); });
                out_.flush();
            }
            return;
        }
        write_run();
        runs_->settle({0, run_count_});
        while (run_count_ > most_merged()) merge_some();
        merge_runs<T>(*runs_, {0, run_count_}, sorter_, [this](T const& item) { out_.add(item); });
        out_.flush();
    }

  private:
    void write_run() {
        if (!runs_) runs_ = std::make_unique<PieceStore>(context_);
        // Small blocks: merging holds one of each run.
        PartitionAppender<T> out(*runs_, run_count_, run_count_, run_block_bytes_);
        run_.sort_into([&out](View const& item) { out.add(item); });
        out.flush();
        ++run_count_;
    }

    /// Of how many runs memory holds a block.
    std::int64_t most_merged() const {
        return std::max<std::int64_t>(2, most_bytes_ / run_block_bytes_);
    }
    /// Make one run of each few: neighbours, so that equal items keep their order.
    void merge_some() {
        auto merged = std::make_unique<PieceStore>(context_);
        std::int64_t count = 0;
        for (std::int64_t first = 0; first < run_count_; first += most_merged(), ++count) {
            PartitionAppender<T> out(*merged, count, count, run_block_bytes_);
            merge_runs<T>(*runs_, {first, std::min(first + most_merged(), run_count_)}, sorter_,
                          [&out](T const& item) { out.add(item); });
            out.flush();
        }
        merged->settle({0, count});
        runs_ = std::move(merged);
        run_count_ = count;
    }

    Context const& context_;
    Sorter const& sorter_;
    typename Sorter::Run run_;
    PartitionAppender<T> out_;
    std::int64_t most_bytes_, run_block_bytes_;
    std::vector<View> unpacked_;
    std::unique_ptr<PieceStore> runs_;
    std::int64_t run_count_ = 0;
};

}  // namespace partita::dataset
