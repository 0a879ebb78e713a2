#pragma once

#include "partita/dataset/make_dataset.hpp"
#include "partita/dataset/partition_writer.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace partita::dataset {

/// Where cache() keeps a dataset's partitions, packed. What is in memory counts as kept data.
enum class Persist {
    memory,  ///< Partitions that find no room are computed again whenever they are asked for.
    memory_and_disk,  ///< What finds no room goes to scratch.
    disk,             ///< In scratch, memory stays free.
};

inline char const* describe(Persist where) {
    switch (where) {
        case Persist::memory:
            return "kept in memory, or else run again";
        case Persist::disk:
            return "kept in scratch";
        default:
            return "kept in memory, or else in scratch";
    }
}

/// The partitions of a dataset, kept from the first use until unpersist().
template <class Input>
class CachedStage final : public Stage, public Source<stored_t<typename Input::Element>> {
    using T = stored_t<typename Input::Element>;
    using Push = std::remove_cvref_t<decltype(std::declval<Input const&>().push())>;

  public:
    CachedStage(Input input, Persist where)
        : input_(std::move(input)),
          again_(input_.push()),
          where_(where),
          described_(std::make_shared<KeptResult>(KeptResult{
              "cache", {input_.plan().chain()}, describe(where), input_.num_partitions()})) {}

    std::shared_ptr<KeptResult const> described() const { return described_; }

    void prepare() override {
        if (wanted_ && stores_.empty()) keep();
        if (!complete_) input_.plan().prepare();
    }

    void run(std::int64_t partition, BlockSink<T> sink) const override {
        auto const at = static_cast<std::size_t>(partition);
        if (at >= stores_.size() || !stores_[at]) return again_.run(partition, sink);
        std::vector<T> unpacked;
        stores_[at]->for_each_piece(partition, [&](std::span<std::byte const> bytes) {
            for_each_block<T>(bytes, unpacked, sink);
        });
    }

    void unpersist() override {
        wanted_ = complete_ = described_->computed = false;
        stores_.clear();
    }

  private:
    using Stores = std::vector<std::shared_ptr<PieceStore>>;

    void keep() {
        Context const& context = input_.context();
        std::int64_t const partitions = input_.num_partitions();
        bool const alone = where_ == Persist::memory;  // what is dropped must not share a store
        Stores stores(static_cast<std::size_t>(partitions));
        if (!alone)
            stores.assign(
                stores.size(),
                std::make_shared<PieceStore>(
                    context, where_ == Persist::disk ? Room::scratch : Room::memory_or_scratch));
        auto const dropped = run_partitions(input_.plan(), "cache", [&](std::int64_t partition) {
            auto& store = stores[static_cast<std::size_t>(partition)];
            if (alone) store = std::make_shared<PieceStore>(context, Room::memory);
            bool const kept = keep_partition(*store, partition);
            if (!kept) store.reset();
            if (kept && alone) store->settle({partition, partition + 1});
            return std::int64_t{!kept};
        });
        collectively(context.comm(), "cache", [&] {
            if (!alone && partitions > 0) stores.front()->settle({0, partitions});
        });
        std::int64_t missing = 0;
        for (std::int64_t const one : dropped) missing += one;
        complete_ = context.comm().all_reduce(missing, Reduce::sum) == 0;
        described_->computed = complete_;
        stores_ = std::move(stores);
    }

    /// @returns false when there was no room.
    bool keep_partition(PieceStore& store, std::int64_t partition) const {
        try {
            PartitionAppender<T> out(store, partition, partition,
                                     writer_chunk_bytes(input_.context()));
            input_.push()(partition, [&](auto const& item) { out.add(item); });
            out.flush();
            return true;
        } catch (NoRoom const&) {
            return false;
        }
    }

    Input input_;
    FusedSource<T, Push> again_;
    Persist where_;
    std::shared_ptr<KeptResult const> described_;
    bool wanted_ = true;     ///< unpersist() has not been called.
    bool complete_ = false;  ///< Every rank keeps all of its partitions.
    Stores stores_;          ///< By partition; null where there was no room.
};

template <class Input>
auto cache(Input const& input, Persist where) {
    using T = stored_t<typename Input::Element>;
    auto stage = std::make_shared<CachedStage<Input>>(input, where);
    Plan plan{
        input.context(), input.plan().runs, {stage}, "cache", input.placement(),
    };
    plan.starts = {stage->described()};
    return make_dataset<T>(std::move(plan), ErasedPush<T>(stage));
}

}  // namespace partita::dataset
