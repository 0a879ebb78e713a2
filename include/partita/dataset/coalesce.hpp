#pragma once

#include "partita/core/error.hpp"
#include "partita/dataset/make_dataset.hpp"
#include "partita/dataset/partition_writer.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>

namespace partita::dataset {

/// Which partitions are joined into one: neighbours, about as many each.
class Coalesced {
  public:
    Coalesced(Plan const& before, std::int64_t after)
        : before_(before), partitions_(before.partitions()), after_(after) {}

    RowRange parts_of(std::int64_t joined) const { return share_of(partitions_, after_, joined); }
    std::int64_t joined_from(std::int64_t partition) const {
        return share_holding(partitions_, after_, partition);
    }
    /// Whether a partition's joined one is on another rank.
    bool moves(std::int64_t partition) const {
        return before_.owner_of(partition) !=
               before_.context.owner_of(joined_from(partition), after_);
    }
    bool any_moves() const {
        for (std::int64_t p = 0; p < partitions_; ++p)
            if (moves(p)) return true;
        return false;
    }

  private:
    Plan before_;
    std::int64_t partitions_, after_;
};

/// The partitions that must go to another rank to be with their new neighbours.
template <class Input>
class MovedPartitions final : public Stage {
    using T = stored_t<typename Input::Element>;

  public:
    MovedPartitions(Input input, std::int64_t after)
        : input_(std::move(input)), layout_(input_.plan(), after), after_(after) {}

    void prepare() override {
        if (!std::exchange(needed_, false)) return;
        if (!layout_.any_moves()) return;
        auto moved = std::make_unique<PieceStore>(input_.context());
        run_partitions(input_.plan(), "coalesce", [&](std::int64_t partition) {
            if (!layout_.moves(partition)) return;
            PartitionAppender<T> out(*moved, layout_.joined_from(partition), partition,
                                     writer_chunk_bytes(input_.context()));
            input_.push()(partition, [&](auto const& item) { out.add(item); });
            out.flush();
        });
        moved->exchange(after_, "coalesce");
        moved_ = std::move(moved);
    }

    template <class Sink>
    void run(std::int64_t joined, Sink&& sink) const {
        RowRange const parts = layout_.parts_of(joined);
        for (std::int64_t p = parts.first; p < parts.last; ++p) {
            if (layout_.moves(p))
                run_moved(joined, p, sink);
            else
                input_.push()(
                    p, [&](auto&& item) { sink(to_stored(std::forward<decltype(item)>(item))); });
        }
    }

  private:
    template <class Sink>
    void run_moved(std::int64_t joined, std::int64_t partition, Sink&& sink) const {
        std::vector<T> unpacked;
        moved_->for_each_described(joined, [&](Piece const& piece, auto bytes) {
            if (piece.source != partition) return;
            for_each_block<T>(bytes, unpacked, [&](Block<T> block) {
                for (auto& item : block) sink(std::move(item));
            });
        });
    }

    Input input_;
    Coalesced layout_;
    std::int64_t after_;
    bool needed_ = true;
    std::unique_ptr<PieceStore> moved_;
};

/// Neighbouring partitions joined, so that there are at most `partitions`.
template <class Input>
auto coalesce(Input const& input, std::int64_t partitions) {
    check(partitions >= 1, "coalesce: expected at least 1 partition, got {}", partitions);
    std::int64_t const after =
        std::min(partitions, std::max<std::int64_t>(input.num_partitions(), 1));
    auto moved = std::make_shared<MovedPartitions<Input>>(input, after);
    Plan plan = input.plan().then_anew("coalesce");
    plan.runs = {after};
    plan.stages.push_back(moved);
    return make_dataset<stored_t<typename Input::Element>>(
        std::move(plan),
        [moved](std::int64_t partition, auto&& sink) { moved->run(partition, sink); });
}

}  // namespace partita::dataset
