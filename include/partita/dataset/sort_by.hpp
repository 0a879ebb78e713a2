#pragma once

#include "partita/dataset/gather.hpp"
#include "partita/dataset/make_dataset.hpp"
#include "partita/dataset/sort_samples.hpp"
#include "partita/dataset/sort_within_partitions.hpp"
#include "partita/dataset/word_splitters.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace partita::dataset {

/// A sort in three steps: keep the input and sample its keys; send each element to the partition
/// that the samples' splitters give it; sort each partition. What lies packed already, as a wide
/// operation's result does, is not kept again.
template <class Input, class KeyOf, class Less>
class SortBy {
    using T = stored_t<typename Input::Element>;
    using Key = stored_t<std::invoke_result_t<KeyOf const&, T const&>>;
    // An order of the user's own may take keys as they are stored only.
    using View =
        std::conditional_t<WordKey<Key, Less> || RadixKey<Key, Less>, read_for<T, KeyOf>, T>;
    using Samples = std::vector<SortSample<Key>>;

  public:
    SortBy(Input input, KeyOf key_of, Less less, std::int64_t partitions, std::string_view name)
        : input_(std::move(input)),
          key_of_(std::move(key_of)),
          less_(std::move(less)),
          partitions_(partitions),
          name_(name) {}

    std::shared_ptr<PieceStore> operator()() const {
        PieceStore routed(input_.context());
        input_.plan().prepare();
        if (auto const stored = stored_input()) {
            route(*stored, splitters_of(sample(*stored)), routed);
        } else {
            PieceStore kept(input_.context());
            auto const samples = keep_and_sample(kept);
            route(kept, splitters_of(samples), routed);
        }
        routed.exchange(partitions_, name_);
        return sort_partitions(routed);
    }

  private:
    std::shared_ptr<PieceStore const> stored_input() const {
        if constexpr (std::is_same_v<Input, Dataset<T, ErasedPush<T>>>)
            return input_.push().source().store();
        else
            return nullptr;
    }

    KeySampler<Key> sampler_for(std::int64_t source) const {
        // The imbalance of partitions falls with the root of the samples per splitter.
        std::int64_t const most = std::max<std::int64_t>(
            32, 128 * partitions_ / std::max<std::int64_t>(input_.num_partitions(), 1));
        return KeySampler<Key>(input_.context().seed(), source, most);
    }
    template <class Item>
    void offer(KeySampler<Key>& sampler, Item const& item) const {
        if (sampler.wants_next()) sampler.add(Key(to_stored(std::invoke(key_of_, item))));
    }

    std::vector<Samples> sample(PieceStore const& stored) const {
        return run_partitions(input_.plan(), name_, [&](std::int64_t source) {
            auto sampler = sampler_for(source);
            for_each_item(stored, source, [&](View const& item) { offer(sampler, item); });
            return sampler.take();
        });
    }

    std::vector<Samples> keep_and_sample(PieceStore& kept) const {
        auto samples = run_partitions(input_.plan(), name_, [&](std::int64_t source) {
            auto sampler = sampler_for(source);
            PartitionAppender<T> out(kept, source, source, writer_chunk_bytes(input_.context()));
            input_.push()(source, [&](auto&& item) {
                offer(sampler, item);
                out.add(item);
            });
            out.flush();
            return sampler.take();
        });
        collectively(input_.context().comm(), name_, [&] {
            kept.settle({0, input_.num_partitions()});
        });
        return samples;
    }

    Splitters<Key, Less> splitters_of(std::vector<Samples> const& samples) const {
        auto all = gather_partitions(input_.plan(), samples);
        return collectively(input_.context().comm(), name_, [&] {
            Samples joined;
            for (auto& part : all)
                joined.insert(joined.end(), std::make_move_iterator(part.begin()),
                              std::make_move_iterator(part.end()));
            return Splitters<Key, Less>(std::move(joined), partitions_, less_);
        });
    }

    template <class Sink>
    static void for_each_item(PieceStore const& store, std::int64_t partition, Sink&& sink) {
        std::vector<View> unpacked;
        store.for_each_piece(partition, [&](std::span<std::byte const> bytes) {
            for_each_block<View>(bytes, unpacked, [&](Block<View> block) {
                for (View const& item : block) sink(item);
            });
        });
    }

    void route(PieceStore const& from, Splitters<Key, Less> const& splitters,
               PieceStore& routed) const {
        run_partitions(input_.plan(), name_, [&](std::int64_t source) {
            PartitionWriter<T> writer(routed, source, partitions_);
            std::int64_t index = 0;
            for_each_item(from, source, [&](View const& item) {
                writer.add(splitters.partition_of(std::invoke(key_of_, item), source, index++),
                           item);
            });
            writer.finish();
        });
    }

    std::shared_ptr<PieceStore> sort_partitions(PieceStore const& routed) const {
        ItemSorter<T, KeyOf, Less> const sorter(key_of_, less_);
        return sort_each_partition<T>(routed, partitions_, sorter, name_);
    }

    Input input_;
    KeyOf key_of_;
    Less less_;
    std::int64_t partitions_;
    std::string name_;
};

template <class Input, class KeyOf, class Less>
auto sort_by(Input const& input, KeyOf key_of, Less less, std::int64_t partitions,
             std::string_view name) {
    check(partitions >= 0, "{}: expected a number of partitions of at least 0, got {}", name,
          partitions);
    if (partitions == 0) partitions = input.context().default_partitions();
    return make_wide<stored_t<typename Input::Element>>(
        input.plan(), name, partitions, {},
        SortBy<Input, KeyOf, Less>(input, std::move(key_of), std::move(less), partitions, name),
        "kept, then exchanged by ranges of a sample");
}

}  // namespace partita::dataset
