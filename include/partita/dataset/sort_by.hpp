#pragma once

#include "partita/dataset/gather.hpp"
#include "partita/dataset/make_dataset.hpp"
#include "partita/dataset/partition_sort.hpp"
#include "partita/dataset/sort_samples.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace partita::dataset {

/// A sort in three steps: keep the input and sample its keys; send each element to the partition
/// that the samples' splitters give it; sort each partition.
template <class Input, class KeyOf, class Less>
class SortBy {
    using T = stored_t<typename Input::Element>;
    using Key = stored_t<std::invoke_result_t<KeyOf const&, T const&>>;

  public:
    SortBy(Input input, KeyOf key_of, Less less, std::int64_t partitions, std::string_view name)
        : input_(std::move(input)),
          key_of_(std::move(key_of)),
          less_(std::move(less)),
          partitions_(partitions),
          name_(name) {}

    std::shared_ptr<PieceStore> operator()() const {
        PieceStore routed(input_.context());
        {
            PieceStore kept(input_.context());
            Splitters<Key, Less> const splitters = keep_and_sample(kept);
            route(kept, splitters, routed);
        }
        routed.exchange(partitions_, name_);
        return sort_partitions(routed);
    }

  private:
    std::vector<std::int64_t> sources() const { return input_.plan().local_partitions(); }

    Splitters<Key, Less> keep_and_sample(PieceStore& kept) const {
        Context const& context = input_.context();
        // The imbalance of partitions falls with the root of the samples per splitter.
        std::int64_t const most = std::max<std::int64_t>(
            32, 128 * partitions_ / std::max<std::int64_t>(input_.num_partitions(), 1));
        auto samples = run_partitions(input_.plan(), name_, [&](std::int64_t source) {
            KeySampler<Key> sampler(context.seed(), source, most);
            PartitionAppender<T> out(kept, source, source, writer_chunk_bytes(context));
            input_.push()(source, [&](auto&& item) {
                if (sampler.wants_next()) sampler.add(Key(std::invoke(key_of_, item)));
                out.add(item);
            });
            out.flush();
            return sampler.take();
        });
        auto all = gather_partitions(input_.plan(), samples);
        return collectively(context.comm(), name_, [&] {
            std::vector<SortSample<Key>> joined;
            for (auto& part : all)
                joined.insert(joined.end(), std::make_move_iterator(part.begin()),
                              std::make_move_iterator(part.end()));
            kept.settle({0, input_.num_partitions()});
            return Splitters<Key, Less>(std::move(joined), partitions_, less_);
        });
    }

    void route(PieceStore const& kept, Splitters<Key, Less> const& splitters,
               PieceStore& routed) const {
        Context const& context = input_.context();
        std::vector<std::int64_t> const local = sources();
        collectively(context.comm(), name_, [&] {
            context.parallel_for({0, static_cast<std::int64_t>(local.size())}, [&](std::int64_t i) {
                std::int64_t const source = local[static_cast<std::size_t>(i)];
                PartitionWriter<T> writer(routed, source, partitions_);
                std::vector<T> unpacked;
                std::int64_t index = 0;
                kept.for_each_piece(source, [&](std::span<std::byte const> bytes) {
                    for_each_block<T>(bytes, unpacked, [&](Block<T> block) {
                        for (T const& item : block)
                            writer.add(
                                splitters.partition_of(std::invoke(key_of_, item), source, index++),
                                item);
                    });
                });
                writer.finish();
            });
        });
    }

    std::shared_ptr<PieceStore> sort_partitions(PieceStore const& routed) const {
        Context const& context = input_.context();
        auto result = std::make_shared<PieceStore>(context);
        ItemSorter<T, KeyOf, Less> const sorter(key_of_, less_);
        collectively(context.comm(), name_, [&] {
            RowRange const local = context.local_partitions(partitions_);
            context.parallel_for(local, [&](std::int64_t partition) {
                PartitionSort<T, decltype(sorter)> sort(*result, partition, partition, sorter);
                routed.for_each_piece(partition, [&](auto bytes) { sort.add_packed(bytes); });
                sort.finish();
            });
            result->settle(local);
        });
        return result;
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
