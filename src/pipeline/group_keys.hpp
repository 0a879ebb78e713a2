#pragma once

#include "partita/frame/block.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace partita::pipeline {

/// The keys of a block's rows as one text each, which tells them apart: for each column its value
/// as text with its length before it, or a mark for null.
class GroupKeys {
  public:
    /// @throws Error when a column is missing.
    GroupKeys(frame::Block const& block, std::vector<std::string> const& columns);

    /// Valid until the next call.
    std::string const& of(std::int64_t row);

  private:
    std::vector<frame::Column> texts_;
    std::string key_;
};

/// The values of one key, as texts; empty optional for null.
std::vector<std::pair<bool, std::string>> split_group_key(std::string const& key);

/// A key as people read it: "Rome, 2011".
std::string shown_group_key(std::string const& key);

}  // namespace partita::pipeline
