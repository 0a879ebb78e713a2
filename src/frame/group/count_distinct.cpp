#include "frame/group/keys.hpp"
#include "frame/group/value_keeper.hpp"

#include "partita/core/hash.hpp"
#include "partita/frame/column_builder.hpp"

#include <algorithm>
#include <utility>

namespace partita::frame {

namespace {

/// Pairs of group and value are groups themselves. A large group's values are counted in parts, by
/// their hashes: as many as fit, however often each of them comes.
class CountDistinct final : public ValueKeeper {
  public:
    explicit CountDistinct(Type input)
        : ValueKeeper(bytes_of_pair),
          fields_{{"group", Type::int64}, {"value", input}},
          pairs_(std::make_unique<GroupTable>(fields_)) {}

  protected:
    void hold(Column const& input, std::vector<std::uint32_t> const& rows,
              std::vector<std::uint32_t> const& groups) override {
        Column const values = input.take(rows);
        if (large_) return hold_part(values, groups);
        add_pairs(values, groups);
    }
    std::int64_t held_bytes() const override { return pairs_->bytes() - empty_bytes_; }
    void let_go() override {
        pairs_ = std::make_unique<GroupTable>(fields_);
        distinct_.clear();
    }
    void conclude(std::uint32_t, std::uint32_t last) override {
        distinct_.resize(std::max<std::size_t>(distinct_.size(), last), 0);
        pairs_ = std::make_unique<GroupTable>(fields_);
    }
    void begin_large(std::uint32_t group, std::int64_t) override {
        large_ = true;
        first_ = 0;
        last_ = all_hashes;
        begin_part(group);
    }
    bool end_large_pass(std::uint32_t group) override {
        if (last_ == all_hashes) {
            conclude(group, group + 1);
            large_ = false;
            return false;
        }
        std::uint64_t const width = last_ - first_;
        first_ = last_ + 1;
        // Twice the width, lest long values make all parts small; halved again if it must be.
        std::uint64_t const left = all_hashes - first_;
        last_ = first_ + (width < left / 2 ? 2 * width + 1 : left);
        begin_part(group);
        return true;
    }
    Column results(std::int64_t groups) override {
        distinct_.resize(static_cast<std::size_t>(groups), 0);
        ColumnBuilder counts(Type::int64);
        for (std::int64_t const count : distinct_) counts.append(count);
        distinct_.clear();
        return counts.finish();
    }

  private:
    static constexpr std::int64_t bytes_of_pair = 96;
    static constexpr std::uint64_t all_hashes = ~std::uint64_t{0};

    void begin_part(std::uint32_t group) {
        conclude(group, group + 1);
        counted_ = distinct_[group];
    }

    /// When the part does not fit, only the half of it with lower hashes stays.
    void hold_part(Column const& values, std::vector<std::uint32_t> const& groups) {
        add_pairs_of_part(values, groups.front());
        while (held_bytes() > most_bytes() && pairs_->groups() > 1 && first_ < last_) {
            last_ = first_ + (last_ - first_) / 2;
            Column const held = pairs_->take_keys()[1];
            distinct_[groups.front()] = counted_;
            add_pairs_of_part(held, groups.front());
        }
    }

    void add_pairs_of_part(Column const& values, std::uint32_t group) {
        std::vector<std::uint64_t> hashes(static_cast<std::size_t>(values.size()));
        hash_rows({&values, 1}, values.size(), hashes.data());
        std::vector<std::uint32_t> of_part;
        for (std::uint32_t i = 0; i < hashes.size(); ++i) {
            // All values may be keys of one partition, whose upper bits are the same.
            std::uint64_t const hash = mix64(hashes[i]);
            if (hash >= first_ && hash <= last_) of_part.push_back(i);
        }
        if (of_part.empty()) return;
        add_pairs(values.take(of_part), std::vector<std::uint32_t>(of_part.size(), group));
    }

    void add_pairs(Column const& values, std::vector<std::uint32_t> const& groups) {
        std::int64_t const count = values.size();
        auto const numbers = make_array<std::int64_t>(count);
        std::copy(groups.begin(), groups.end(), numbers->data());
        Column const keys[] = {{Type::int64, count, numbers->data(), nullptr, numbers}, values};
        std::vector<std::uint64_t> hashes(groups.size());
        hash_rows(keys, count, hashes.data());
        std::vector<std::uint32_t> pair(groups.size());
        std::int64_t next = pairs_->groups();
        pairs_->find(keys, hashes.data(), count, std::int64_t{1} << 60, pair.data());
        std::uint32_t const last = *std::max_element(groups.begin(), groups.end());
        distinct_.resize(std::max<std::size_t>(distinct_.size(), last + std::size_t{1}), 0);
        for (std::size_t i = 0; i < groups.size(); ++i)
            if (pair[i] == next) {
                ++distinct_[groups[i]];
                ++next;
            }
    }

    std::vector<Field> fields_;
    std::unique_ptr<GroupTable> pairs_;
    std::int64_t empty_bytes_ = pairs_->bytes();
    std::vector<std::int64_t> distinct_;
    bool large_ = false;
    std::uint64_t first_ = 0, last_ = 0;  ///< The part's hashes.
    std::int64_t counted_ = 0;            ///< In the parts before.
};

}  // namespace

std::unique_ptr<Accumulator> make_count_distinct(Type input) {
    return std::make_unique<CountDistinct>(input);
}

}  // namespace partita::frame
