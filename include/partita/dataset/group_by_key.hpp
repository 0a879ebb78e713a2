#pragma once

#include "partita/dataset/group.hpp"
#include "partita/dataset/make_dataset.hpp"
#include "partita/dataset/partition_by.hpp"
#include "partita/dataset/partition_fold.hpp"
#include "partita/dataset/partition_sort.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace partita::dataset {

/// Groups the pairs of one partition: keys with their counts go to one store, values in the order
/// of their keys to another.
///
/// Keys are numbered as they first appear, and values sorted (stably) by their key's number, in
/// runs if need be; so a key's values may exceed memory. Keys that exceed it wait for another pass.
template <class K, class V>
class PartitionGroup {
    using Item = std::pair<K, V>;
    using Numbered = std::pair<std::int64_t, V>;

    using Sorter = ItemSorter<Numbered, FirstOfItem, std::less<>>;
    struct Known {
        std::int64_t number, count;
    };

  public:
    PartitionGroup(PieceStore& keys, PieceStore& values, std::int64_t partition)
        : context_(keys.context()),
          values_(values),
          partition_(partition),
          table_(context_.memory()),
          keys_(keys, partition, partition, writer_chunk_bytes(context_)),
          most_bytes_(context_.memory().working_limit() / context_.threads() / 4) {
        start_pass();
    }

    void add(K const& key, V const& value) {
        std::uint64_t const hash = key_hash(key);
        auto place = table_.find(key, hash);
        if (!place.entry) {
            bool const full = table_.memory_bytes() > most_bytes_ && table_.size() > 0;
            if (rest_ || full) return add_to_rest(key, value);
            table_.insert(place, hash, key, Known{table_.size(), 0});
            place = table_.find(key, hash);
        }
        ++place.entry->second.count;
        sort_->add(Numbered(place.entry->second.number, value));
    }

    void finish() {
        end_pass();
        while (rest_) {
            std::unique_ptr<PieceStore> const now = std::move(rest_);
            rest_writer_->flush();
            rest_writer_.reset();
            now->settle({0, 1});
            start_pass();
            for (ItemCursor<Item> items(*now, 0); !items.at_end(); items.next())
                add(items.item().first, items.item().second);
            end_pass();
        }
    }

  private:
    void start_pass() {
        table_.clear();
        sort_.emplace(values_, partition_, pass_++, sorter_);
    }
    void end_pass() {
        for (std::int64_t i = 0; i < table_.size(); ++i)
            keys_.add(std::pair(table_.entry(i).first, table_.entry(i).second.count));
        keys_.flush();
        sort_->finish();
    }
    void add_to_rest(K const& key, V const& value) {
        if (!rest_) {
            rest_ = std::make_unique<PieceStore>(context_);
            rest_writer_.emplace(*rest_, 0, 0, writer_chunk_bytes(context_));
        }
        rest_writer_->add(Item(key, value));
    }

    Context const& context_;
    PieceStore& values_;
    std::int64_t partition_;
    FoldTable<K, Known> table_;
    PartitionAppender<std::pair<K, std::int64_t>> keys_;
    std::int64_t most_bytes_;
    std::int64_t pass_ = 0;
    Sorter sorter_{FirstOfItem{}, std::less<>{}};
    std::optional<PartitionSort<Numbered, Sorter>> sort_;
    std::unique_ptr<PieceStore> rest_;
    std::optional<PartitionAppender<Item>> rest_writer_;
};

/// The groups of pairs that are where their keys belong.
template <class Input>
class GroupedStage final : public Stage {
    using Item = stored_t<typename Input::Element>;

  public:
    using K = typename Item::first_type;
    using V = typename Item::second_type;

    GroupedStage(Input input, std::string name)
        : context_(input.context()),
          partitions_(input.num_partitions()),
          described_(std::make_shared<KeptResult>(
              KeptResult{name, {input.plan().chain()}, exchanges_nothing, partitions_})),
          input_(std::move(input)),
          name_(std::move(name)) {}

    std::shared_ptr<KeptResult const> described() const { return described_; }

    void prepare() override {
        if (!input_) return;
        auto keys = std::make_unique<PieceStore>(context_);
        auto values = std::make_unique<PieceStore>(context_);
        run_partitions(input_->plan(), name_, [&](std::int64_t partition) {
            PartitionGroup<K, V> group(*keys, *values, partition);
            input_->push()(partition, [&](auto&& pair) { group.add(pair.first, pair.second); });
            group.finish();
        });
        collectively(context_.comm(), name_, [&] {
            keys->settle(context_.local_partitions(partitions_));
            values->settle(context_.local_partitions(partitions_));
        });
        keys_ = std::move(keys);
        values_ = std::move(values);
        input_.reset();
        described_->computed = true;
    }

    template <class Sink>
    void run(std::int64_t partition, Sink&& sink) const {
        ItemCursor<std::pair<std::int64_t, V>> cursor(*values_, partition);
        ItemCursor<std::pair<K, std::int64_t>> keys(*keys_, partition);
        for (; !keys.at_end(); keys.next()) {
            GroupValues<V> values(cursor, keys.item().second);
            sink(Group<K, V>{keys.item().first, &values});
            while (values.left() > 0) values.skip();
        }
    }

  private:
    Context context_;
    std::int64_t partitions_;
    std::shared_ptr<KeptResult const> described_;
    std::optional<Input> input_;
    std::string name_;
    std::unique_ptr<PieceStore> keys_, values_;
};

/// Groups of pairs that are placed already, with that placement.
template <class Input>
auto group_placed(Input const& input, std::string_view name) {
    auto stage = std::make_shared<GroupedStage<Input>>(input, std::string(name));
    using K = typename GroupedStage<Input>::K;
    using V = typename GroupedStage<Input>::V;
    Plan plan{
        input.context(), {input.num_partitions()}, {stage}, std::string(name), input.placement()};
    plan.starts = {stage->described()};
    return make_dataset<Group<K, V>>(std::move(plan), [stage](std::int64_t partition, auto&& sink) {
        stage->run(partition, sink);
    });
}

/// group_by_key with a placement, or the one that pairs have, or a hash.
template <class Input>
auto group_by_key(Input const& input, Placement placement = {}, std::int64_t partitions = 0) {
    using Key = typename stored_t<typename Input::Element>::first_type;
    if (!placement && input.placement() && input.plan().runs.size() == 1) {
        placement = input.placement();
        partitions = input.num_partitions();
    } else if (!placement) {
        partitions = input.context().default_partitions();
        placement = Placement::by<Key>(HashPartitioner(partitions));
    }
    return group_placed(place(input, placement, partitions, "group_by_key"), "group_by_key");
}

}  // namespace partita::dataset
