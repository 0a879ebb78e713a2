#pragma once

#include "frame/group/accumulator.hpp"
#include "frame/group/keys.hpp"
#include "frame/group/scatter.hpp"

#include "partita/frame/aggregate.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace partita::frame {

/// What all steps of a group-by share: how its keys, inputs, states and results lie in columns.
struct GroupPlan {
    GroupPlan(Schema const& input, std::vector<std::string> const& keys,
              std::vector<Aggregate> aggregates);

    std::vector<Aggregate> aggregates;
    std::vector<std::int64_t> needed;  ///< Columns of the table: the keys first, then inputs.
    std::int64_t keys = 0;
    std::shared_ptr<Schema const> rows;      ///< The needed columns.
    std::vector<std::int64_t> inputs;        ///< Of each aggregate, in `rows`; -1 = none.
    bool can_fold = true;                    ///< Whether all states can be sent.
    std::shared_ptr<Schema const> partials;  ///< Keys and states.
    std::shared_ptr<Schema const> results;

    std::vector<std::int64_t> key_columns() const;
};
using GroupPlanRef = std::shared_ptr<GroupPlan const>;

/// Groups and their states.
class GroupFold {
  public:
    explicit GroupFold(GroupPlanRef plan);

    /// Rows of plan.rows, or of plan.partials. Those whose key is new when the table is full are
    /// left out, and their numbers go to `left_out`.
    void add_rows(Block const& block, std::int64_t first_position, std::int64_t most_bytes,
                  std::vector<std::uint32_t>& left_out);
    void add_partials(Block const& block, std::int64_t most_bytes,
                      std::vector<std::uint32_t>& left_out);
    std::int64_t groups() const { return table_.groups(); }

    /// How much of the memory values may take that aggregates hold.
    void limit_values(std::int64_t bytes);
    /// Whether all rows that were added must be given to add_again(), for aggregates whose values
    /// do not fit; and then it must be asked again.
    bool needs_pass();
    void add_again(Block const& block);

    /// The groups as rows of plan.partials, or plan.results. The fold is empty afterwards.
    Block take_partials();
    Block take_results();
    /// A group whose key is empty, for aggregates of a whole table without rows.
    void need_one_group();

  private:
    template <class Take>
    void find(Block const& all, std::int64_t most_bytes, std::vector<std::uint32_t>& left_out,
              Take const& take);
    Block rows_with_groups(Block const& block, std::int64_t first,
                           std::vector<std::uint32_t>& left_out);
    std::int64_t bytes() const;

    GroupPlanRef plan_;
    GroupTable table_;
    std::vector<std::unique_ptr<Accumulator>> accumulators_;
    std::vector<bool> unfinished_;  ///< Of the accumulators: those that need the pass.
    std::vector<std::uint64_t> hashes_;
    std::vector<std::uint32_t> groups_;
    bool one_group_ = false;
};

}  // namespace partita::frame
