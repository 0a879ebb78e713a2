#pragma once

#include "partita/dataset/gather.hpp"
#include "partita/dataset/plan.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace partita::dataset {

/// Counts rows and distinct values within their keys along sorted records.
template <class Records>
class KeyPositions {
  public:
    /// Go to the next record, which stands for `rows` equal rows.
    void add(std::string_view record, std::int64_t rows = 1) {
        bool const same_key =
            record.size() >= key_end_ && key_end_ > 0 && record.substr(0, key_end_) == last_key();
        if (!same_key) {
            key_end_ = Records::key_end(record);
            next_index_ = 0;
            rank_ = 0;
        }
        starts_key_ = !same_key;
        starts_value_ = !same_key || record != last_;
        if (starts_value_) {
            ++rank_;
            last_.assign(record);
        }
        index_ = std::exchange(next_index_, next_index_ + rows);
    }

    bool starts_key() const { return starts_key_; }
    bool starts_value() const { return starts_value_; }
    std::int64_t index() const { return index_; }  ///< Of the record's first row.
    std::int64_t rank() const { return rank_; }    ///< Of the value, from 1.
    std::string_view key_bytes() const { return last_key(); }
    /// Of the record, behind the key.
    std::string_view value_bytes() const { return std::string_view(last_).substr(key_end_); }

    /// What a partition's records do to positions: enough to put partitions one after another.
    struct Summary {
        std::string first, last;  ///< Records; "" when there is none.
        std::int64_t rows = 0;    ///< Of the last key, in this partition.
        std::int64_t values = 0;  ///< Distinct ones of the last key.
        bool has_one_key = true;
    };
    /// Go on behind a whole partition.
    void add(Summary const& summary) {
        if (summary.last.empty()) return;
        std::int64_t rows = summary.rows, values = summary.values;
        std::string_view const first = summary.first;
        bool const goes_on = summary.has_one_key && key_end_ > 0 && first.starts_with(last_key());
        if (goes_on) {
            rows += next_index_;
            values += rank_ - (first == last_ ? 1 : 0);
        }
        last_ = summary.last;
        key_end_ = Records::key_end(last_);
        next_index_ = rows;
        rank_ = values;
    }
    /// For a partition that was gone through from its start.
    Summary summary(std::string first, bool has_one_key) const {
        return {std::move(first), last_, next_index_, rank_, has_one_key};
    }

  private:
    std::string_view last_key() const { return std::string_view(last_).substr(0, key_end_); }

    std::string last_;
    std::size_t key_end_ = 0;
    std::int64_t index_ = 0, next_index_ = 0, rank_ = 0;
    bool starts_key_ = false, starts_value_ = false;
};

/// The positions before each partition of a dataset of sorted records, found when they are needed.
/// A key may span partitions and ranks: what is gathered is a few records a partition.
///
/// @tparam Split  std::pair<std::string_view, std::int64_t>(element): the record and its rows.
template <class Records, class Input, class Split>
class KeyPositionsStage final : public Stage {
    using Positions = KeyPositions<Records>;

  public:
    KeyPositionsStage(Input input, Split split)
        : input_(std::move(input)), split_(std::move(split)) {}

    void prepare() override {
        if (!starts_.empty()) return;
        auto const local = run_partitions(input_.plan(), "positions", [&](std::int64_t partition) {
            return summarize(partition);
        });
        Positions positions;
        for (auto const& summary : gather_partitions(input_.plan(), local)) {
            starts_.push_back(positions);
            positions.add(summary);
        }
    }
    Positions const& start(std::int64_t partition) const {
        return starts_[static_cast<std::size_t>(partition)];
    }

  private:
    typename Positions::Summary summarize(std::int64_t partition) const {
        Positions positions;
        std::string first;
        std::int64_t keys = 0;
        input_.push()(partition, [&](auto const& item) {
            auto const [record, rows] = split_(item);
            if (keys == 0) first.assign(record);
            positions.add(record, rows);
            keys += positions.starts_key();
        });
        return positions.summary(std::move(first), keys <= 1);
    }

    Input input_;
    Split split_;
    std::vector<Positions> starts_;
};

}  // namespace partita::dataset
