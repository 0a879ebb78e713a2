#pragma once

#include "partita/dataset/fold_by_key.hpp"
#include "partita/dataset/key_positions.hpp"
#include "partita/dataset/key_records.hpp"
#include "partita/dataset/key_words.hpp"
#include "partita/dataset/sort_by.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace partita::dataset {

/// A row of sort_within_keys.
template <class K, class V>
struct RowInKey {
    K key{};
    V value{};
    std::int64_t index = 0;  ///< Position among the key's rows, from 0.
};
template <class K, class V>
auto partita_members(RowInKey<K, V>& row) {
    return std::tie(row.key, row.value, row.index);
}
template <class K, class V>
struct Stored<RowInKey<K, V>> {
    using type = RowInKey<stored_t<K>, stored_t<V>>;
};

/// A row of rank_within_keys.
template <class K, class V>
struct RankedRow {
    K key{};
    V value{};
    std::int64_t count = 0;  ///< How often the value occurs with the key.
    std::int64_t index = 0;  ///< Position among the key's rows, from 0.
    std::int64_t rank = 0;   ///< Of the value among the key's distinct ones, from 1.
};
template <class K, class V>
auto partita_members(RankedRow<K, V>& row) {
    return std::tie(row.key, row.value, row.count, row.index, row.rank);
}
template <class K, class V>
struct Stored<RankedRow<K, V>> {
    using type = RankedRow<stored_t<K>, stored_t<V>>;
};

struct SortWithinKeysOptions {
    ValueOrder order = ValueOrder::ascending;
    bool nulls_last = false;      ///< Where values and keys of std::optional are nothing.
    bool distinct = false;        ///< One row for each distinct value of a key.
    std::int64_t partitions = 0;  ///< Of the result; 0: the context's default.
};

/// The pairs of a dataset as sorted rows with their positions.
///
/// Everything is a sort of byte strings over all partitions, whose splitters tell equal strings
/// apart, so that a key with most of the rows is spread like any others; rows are then numbered
/// within their keys by a scan over the partitions' ends. Nothing ever holds a key's values.
template <class Input>
class SortWithinKeys {
    using Pair = typename Input::Element;
    using K = std::remove_cvref_t<typename Pair::first_type>;
    using V = std::remove_cvref_t<typename Pair::second_type>;
    using Records = KeyRecords<K, V>;
    using KeyView = typename OrderedBytes<K>::View;
    using ValueView = typename OrderedBytes<V>::View;
    using Counted = std::pair<std::string, std::int64_t>;

  public:
    SortWithinKeys(Input const& input, SortWithinKeysOptions const& options)
        : input_(input),
          options_(options),
          records_({options.order == ValueOrder::descending, options.nulls_last}) {}

    auto by_value() const {
        auto const sorted =
            sort_by(encoded(), WholeItem{}, std::less<>{}, options_.partitions, "sort_within_keys");
        auto const split = [](auto const& record) {
            return std::pair<std::string_view, std::int64_t>(record, 1);
        };
        return numbered<RowInKey<KeyView, ValueView>>(
            sorted, split, "sort_within_keys",
            [options = options_, records = records_, room = typename OrderedBytes<V>::Room{},
             scratch = std::string()](KeyView const& key, auto const& positions, std::int64_t,
                                      auto&& sink) mutable {
                if (options.distinct && !positions.starts_value()) return;
                sink(RowInKey<KeyView, ValueView>{
                    key, records.value(positions.value_bytes(), room, scratch),
                    options.distinct ? positions.rank() - 1 : positions.index()});
            });
    }

    auto by_frequency() const {
        bool const most_first = options_.order == ValueOrder::most_frequent;
        auto const sorted = sort_by(chunked(counted(), most_first), FirstOfItem{}, std::less<>{},
                                    options_.partitions, "rank_within_keys");
        auto const split = [](auto const& counted) {
            return std::pair<std::string_view, std::int64_t>(counted.first, counted.second);
        };
        using Row = RankedRow<KeyView, ValueView>;
        return numbered<Row>(sorted, split, "rank_within_keys",
                             [most_first, distinct = options_.distinct, records = records_,
                              room = typename OrderedBytes<V>::Room{}, bytes = std::string(),
                              scratch = std::string()](KeyView const& key, auto const& positions,
                                                       std::int64_t rows, auto&& sink) mutable {
                                 auto const count = static_cast<std::int64_t>(Records::take_count(
                                     positions.value_bytes(), most_first, bytes));
                                 Row row{key, records.value(bytes, room, scratch), count,
                                         positions.index(), positions.rank()};
                                 if (distinct) {
                                     row.index = row.rank - 1;
                                     if (positions.starts_value()) sink(row);
                                     return;
                                 }
                                 for (std::int64_t i = 0; i < rows; ++i, ++row.index) sink(row);
                             });
    }

  private:
    auto encoded() const {
        return input_.map([records = records_, buffer = std::string()](auto const& pair) mutable {
            buffer.clear();
            records.append(buffer, pair.first, pair.second);
            return std::string_view(buffer);
        });
    }

    auto counted() const {
        return encoded()
            .map([](std::string_view record) {
                return std::pair<std::string_view, std::int64_t>(record, 1);
            })
            .reduce_by_key(std::plus<std::int64_t>{});
    }

    /// How many rows one sorted record may stand for: so many that there are at most twice as many
    /// records as distinct ones, yet all have about the same weight in the partitions' sizes.
    template <class Counts>
    class ChunkStage final : public Stage {
      public:
        explicit ChunkStage(Counts counts) : counts_(std::move(counts)) {}
        void prepare() override {
            if (most_rows_ > 0) return;
            using Totals = std::pair<std::int64_t, std::int64_t>;
            auto const [rows, records] = counts_.aggregate(
                Totals{0, 0},
                [](Totals sum, Counted const& counted) {
                    return Totals{sum.first + counted.second, sum.second + 1};
                },
                [](Totals a, Totals b) {
                    return Totals{a.first + b.first, a.second + b.second};
                });
            most_rows_ = rows / std::max<std::int64_t>(records, 1) + 1;
        }
        std::int64_t most_rows() const { return most_rows_; }

      private:
        Counts counts_;
        std::int64_t most_rows_ = 0;
    };

    /// (record with its count, rows): a value that occurs very often becomes several such.
    template <class Counts>
    static auto chunked(Counts const& counts, bool most_first) {
        auto const stage = std::make_shared<ChunkStage<Counts>>(counts);
        Plan plan = counts.plan().then_anew("chunks");
        plan.stages.push_back(stage);
        using Chunk = std::pair<std::string_view, std::int64_t>;
        return make_dataset<Chunk>(std::move(plan), [push = counts.push(), stage, most_first](
                                                        std::int64_t partition, auto&& sink) {
            std::string buffer;
            push(partition, [&](Counted const& counted) {
                buffer.clear();
                Records::append_counted(buffer, counted.first,
                                        static_cast<std::uint64_t>(counted.second), most_first);
                for (std::int64_t left = counted.second; left > 0; left -= stage->most_rows())
                    sink(Chunk(buffer, std::min(left, stage->most_rows())));
            });
        });
    }

    /// emit(key, positions, rows, sink) for each record.
    template <class Row, class Sorted, class Split, class Emit>
    static auto numbered(Sorted const& sorted, Split split, std::string_view name, Emit emit) {
        using Stage = KeyPositionsStage<Records, Sorted, Split>;
        auto const stage = std::make_shared<Stage>(sorted, split);
        Plan plan = sorted.plan();
        plan.stages.push_back(stage);
        plan.lineage = std::string(name);
        return make_dataset<Row>(std::move(plan), [push = sorted.push(), stage, split, emit](
                                                      std::int64_t partition, auto&& sink) {
            Emit run = emit;
            KeyPositions<Records> positions = stage->start(partition);
            typename OrderedBytes<K>::Room room;
            std::string key_bytes;
            KeyView key{};
            bool is_first = true;
            push(partition, [&](auto const& item) {
                auto const [record, rows] = split(item);
                positions.add(record, rows);
                if (is_first || positions.starts_key()) {
                    key_bytes.assign(positions.key_bytes());
                    std::size_t at = 0;
                    key = OrderedBytes<K>::read(key_bytes, at, room);
                    is_first = false;
                }
                run(key, positions, rows, sink);
            });
        });
    }

    Input input_;
    SortWithinKeysOptions options_;
    Records records_;
};

}  // namespace partita::dataset
