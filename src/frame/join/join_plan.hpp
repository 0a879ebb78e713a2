#pragma once

#include "frame/group/keys.hpp"

#include "partita/frame/wide.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace partita::frame {

/// How the columns of a join lie in those of its tables.
struct JoinPlan {
    JoinPlan(Schema const& left, Schema const& right, std::vector<std::string> const& left_names,
             std::vector<std::string> const& right_names, JoinKind kind);

    JoinKind kind;
    std::vector<std::int64_t> left_keys, right_keys;
    std::vector<std::int64_t> right_columns;  ///< Those that appear in the result.
    std::vector<Field> key_fields;
    std::shared_ptr<Schema const> result;
};

/// The right rows, found by their keys.
class JoinTable {
  public:
    JoinTable(std::shared_ptr<JoinPlan const> plan, Block right);
    /// Push what joining the rows of a left block gives, in their order.
    void probe(Block const& left, BlockSink sink) const;

  private:
    std::vector<std::uint32_t> groups_of(Block const& left) const;
    void keep_rows(Block const& left, std::vector<std::uint32_t> const& groups, bool partnered,
                   BlockSink sink) const;
    void pair_rows(Block const& left, std::vector<std::uint32_t> const& groups,
                   BlockSink sink) const;
    Block paired(Block const& left, std::vector<std::uint32_t> const& left_rows,
                 std::vector<std::uint32_t> const& right_rows) const;

    std::shared_ptr<JoinPlan const> plan_;
    Block right_;
    GroupTable table_;
    std::vector<std::uint32_t> starts_, rows_;  ///< Of each group's rows; their numbers.
};

}  // namespace partita::frame
