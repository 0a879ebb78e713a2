#pragma once

#include "partita/frame/aggregate.hpp"
#include "partita/frame/column.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace partita::frame {

/// The states of one aggregate for all groups of a GroupTable.
class Accumulator {
  public:
    virtual ~Accumulator() = default;

    /// New groups, numbered up to `groups`, begin with an empty state.
    virtual void grow(std::int64_t groups) = 0;
    /// Take in rows. `input` is null for count(). `first_position` orders the rows over the table.
    virtual void update(Column const* input, std::uint32_t const* groups, std::int64_t rows,
                        std::int64_t first_position) = 0;
    /// The columns that states take when they are sent; empty when they cannot be.
    virtual std::vector<Type> partial_types() const = 0;
    /// Append the states of all groups as columns. The accumulator is empty afterwards.
    virtual void take_partial(std::vector<Column>& out) = 0;
    /// Take in states of other accumulators.
    virtual void merge(std::span<Column const> partial, std::uint32_t const* groups,
                       std::int64_t rows) = 0;
    /// The results of all groups. The accumulator is empty afterwards.
    virtual Column finish() = 0;
    virtual std::int64_t bytes() const = 0;

    /// Those that hold all values: how much they may take beyond what each group costs.
    virtual void limit_values(std::int64_t) {}
    /// All rows were given: whether they must be given again, in any order, by update().
    virtual bool needs_pass() { return false; }
};

std::unique_ptr<Accumulator> make_accumulator(Aggregate const& aggregate, Schema const& schema);

/// Sums and means of int64; the column's name is for messages.
std::unique_ptr<Accumulator> make_integer_sum(bool mean, std::string column);

/// min, max and first, of int64, timestamp, float64 or text.
std::unique_ptr<Accumulator> make_choice(Aggregate::Kind kind, Type input);

/// Those that hold all values.
std::unique_ptr<Accumulator> make_count_distinct(Type input);
std::unique_ptr<Accumulator> make_quantile(double fraction);

}  // namespace partita::frame
