#pragma once

#include "partita/dataset/make_dataset.hpp"
#include "partita/dataset/partition_writer.hpp"
#include "partita/dataset/zip.hpp"

#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

namespace partita::dataset {

/// Gathers items into blocks whose ends depend on the items alone: 64 KiB, packed, or one item.
template <class T>
class ItemBlock {
  public:
    void add(T item) {
        bytes_ += Codec<T>::size(item);
        items_.push_back(std::move(item));
    }
    bool full() const { return bytes_ >= most_bytes; }
    std::vector<T> const& items() const { return items_; }
    void clear() {
        items_.clear();
        bytes_ = 0;
    }

  private:
    static constexpr std::int64_t most_bytes = 64 << 10;
    std::vector<T> items_;
    std::int64_t bytes_ = 0;
};

/// All elements of a dataset on every rank, in scratch where they exceed memory.
template <class Input>
class ReplicatedStage final : public Stage {
    using T = stored_t<typename Input::Element>;

  public:
    explicit ReplicatedStage(Input input) : context_(input.context()), input_(std::move(input)) {}

    void prepare() override {
        if (!input_) return;
        int const ranks = context_.comm().size(), rank = context_.comm().rank();
        std::vector<std::unique_ptr<PieceStore>> from(static_cast<std::size_t>(ranks));
        PieceStore own(context_);
        run_partitions(input_->plan(), "cartesian", [&](std::int64_t partition) {
            PartitionAppender<T> out(own, rank, partition, writer_chunk_bytes(context_));
            input_->push()(partition, [&](auto const& item) { out.add(item); });
            out.flush();
        });
        collectively(context_.comm(), "cartesian", [&] { own.settle({rank, rank + 1}); });
        for (int shift = 0; shift < ranks; ++shift)
            from[static_cast<std::size_t>((rank - shift + ranks) % ranks)] =
                sent_on(own, (rank + shift) % ranks);
        from_ = std::move(from);
        input_.reset();
    }

    /// Call visit(items) for all elements in order, in blocks. Thread-safe.
    template <class Visit>
    void for_each_item_block(Visit&& visit) const {
        ItemBlock<T> block;
        std::vector<T> unpacked;
        for (auto const& store : from_)
            store->for_each_piece(context_.comm().rank(), [&](auto bytes) {
                for_each_block<T>(bytes, unpacked, [&](Block<T> part) {
                    for (auto& item : part) {
                        block.add(std::move(item));
                        if (!block.full()) continue;
                        visit(block.items());
                        block.clear();
                    }
                });
            });
        if (!block.items().empty()) visit(block.items());
    }

  private:
    /// A copy of this rank's pieces goes to `target`; what comes here in return.
    std::unique_ptr<PieceStore> sent_on(PieceStore const& own, int target) const {
        auto store = std::make_unique<PieceStore>(context_);
        collectively(context_.comm(), "cartesian", [&] {
            own.for_each_described(context_.comm().rank(), [&](Piece piece, auto bytes) {
                PooledBuffer copy(context_.memory(), piece.bytes);
                std::memcpy(copy.data(), bytes.data(), bytes.size());
                piece.partition = target;
                store->add(std::move(copy), {&piece, 1});
            });
        });
        store->exchange(context_.comm().size(), "cartesian");
        return store;
    }

    Context context_;
    std::optional<Input> input_;
    std::vector<std::unique_ptr<PieceStore>> from_;  ///< By the rank that had the pieces.
};

template <class Left, class Right>
auto cartesian(Left const& left, Right const& right) {
    using V = stored_t<typename Left::Element>;
    using W = stored_t<typename Right::Element>;
    auto const ordered = in_one_run(right);
    auto all = std::make_shared<ReplicatedStage<std::remove_const_t<decltype(ordered)>>>(ordered);
    Plan plan = left.plan();
    plan.lineage = "(" + left.plan().lineage + ", " + right.plan().lineage + ")";
    plan.starts.insert(plan.starts.end(), ordered.plan().starts.begin(),
                       ordered.plan().starts.end());
    plan.stages.push_back(all);
    return make_dataset<std::pair<V, W>>(
        plan.then_anew("cartesian"),
        [push = left.push(), all](std::int64_t partition, auto&& sink) {
            ItemBlock<V> block;
            auto const pair_up = [&] {
                all->for_each_item_block([&](std::vector<W> const& others) {
                    for (V const& v : block.items())
                        for (W const& w : others) sink(std::pair<V, W>(v, w));
                });
                block.clear();
            };
            push(partition, [&](auto&& item) {
                block.add(to_stored(std::forward<decltype(item)>(item)));
                if (block.full()) pair_up();
            });
            if (!block.items().empty()) pair_up();
        });
}

}  // namespace partita::dataset
