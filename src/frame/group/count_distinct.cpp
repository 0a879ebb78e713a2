#include "frame/group/keys.hpp"
#include "frame/group/scatter.hpp"
#include "frame/group/value_keeper.hpp"

#include "partita/core/hash.hpp"
#include "partita/frame/column_builder.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace partita::frame {

namespace {

/// Pairs of group and value are groups themselves. A large group's values are counted in parts, by
/// their hashes.
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
        if (parts_ > 1) return hold_part(values, groups);
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
    void begin_large(std::uint32_t, std::int64_t values) override {
        part_ = 0;
        parts_ = static_cast<std::int64_t>(std::bit_ceil(static_cast<std::uint64_t>(
            2 * values / std::max<std::int64_t>(most_bytes() / bytes_of_pair, 1) + 2)));
    }
    bool end_large_pass(std::uint32_t group) override {
        conclude(group, group + 1);
        if (++part_ < parts_) return true;
        parts_ = 1;
        return false;
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

    void hold_part(Column const& values, std::vector<std::uint32_t> const& groups) {
        std::vector<std::uint64_t> hashes(groups.size());
        hash_rows({&values, 1}, values.size(), hashes.data());
        std::vector<std::uint32_t> of_part, their_groups;
        for (std::uint32_t i = 0; i < hashes.size(); ++i)
            if (partition_of(mix64(hashes[i]), parts_) == part_) {
                of_part.push_back(i);
                their_groups.push_back(groups[i]);
            }
        if (!of_part.empty()) add_pairs(values.take(of_part), their_groups);
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
    std::int64_t part_ = 0, parts_ = 1;
};

}  // namespace

std::unique_ptr<Accumulator> make_count_distinct(Type input) {
    return std::make_unique<CountDistinct>(input);
}

}  // namespace partita::frame
