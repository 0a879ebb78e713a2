#pragma once

#include "frame/group/accumulator.hpp"

#include <cstdint>
#include <vector>

namespace partita::frame {

/// Accumulators whose states cannot be sent: all rows of a group are updated in one place, and
/// their values are held until the group's result is known.
///
/// When the values do not fit, they are let go and only counted. Then rows come again, in as many
/// passes as are needed: each is for a batch of groups that do fit, or for one group that does not,
/// which is worked on in parts. Results are exact in any case.
class ValueKeeper : public Accumulator {
  public:
    void grow(std::int64_t groups) final { counts_.resize(static_cast<std::size_t>(groups), 0); }
    std::vector<Type> partial_types() const final { return {}; }
    void take_partial(std::vector<Column>&) final {}
    void merge(std::span<Column const>, std::uint32_t const*, std::int64_t) final {}
    void limit_values(std::int64_t bytes) final { most_bytes_ = bytes; }

    void update(Column const* input, std::uint32_t const* groups, std::int64_t rows,
                std::int64_t) final;
    bool needs_pass() final;
    Column finish() final;
    std::int64_t bytes() const final {
        return held_bytes() + 16 * static_cast<std::int64_t>(counts_.size());
    }

  protected:
    /// @param value_bytes  What a value takes at most while it is held.
    explicit ValueKeeper(std::int64_t value_bytes) : value_bytes_(value_bytes) {}

    /// Take in values of the batch, none of which is null: row rows[i] of the column is of group
    /// groups[i].
    virtual void hold(Column const& input, std::vector<std::uint32_t> const& rows,
                      std::vector<std::uint32_t> const& groups) = 0;
    virtual std::int64_t held_bytes() const = 0;
    virtual void let_go() = 0;
    /// The results of groups [first, last), of which all values are held; nothing is held then.
    virtual void conclude(std::uint32_t first, std::uint32_t last) = 0;

    /// One large group: a pass begins, or ends, in which only its values come to hold().
    virtual void begin_large(std::uint32_t group, std::int64_t values) = 0;
    /// Whether it takes another pass.
    virtual bool end_large_pass(std::uint32_t group) = 0;

    /// All groups' results.
    virtual Column results(std::int64_t groups) = 0;

    std::int64_t most_bytes() const { return most_bytes_; }
    std::int64_t count(std::uint32_t group) const { return counts_[group]; }

  private:
    bool plan_pass();

    enum class Stage { all, counting, batch, large };

    std::int64_t value_bytes_;
    std::int64_t most_bytes_ = std::int64_t{1} << 60;
    Stage stage_ = Stage::all;
    std::uint32_t first_ = 0, last_ = 0;  ///< The batch: these groups.
    std::vector<std::int64_t> counts_;    ///< Of each group's values.
    std::vector<std::uint32_t> rows_, groups_;
};

}  // namespace partita::frame
