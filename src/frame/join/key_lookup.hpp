#pragma once

#include "partita/frame/block.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace partita::frame {

/// Finds the group of a key: a table that is made once and then only read, by several threads.
class KeyLookup {
  public:
    virtual ~KeyLookup() = default;
    /// The groups of rows, GroupTable::none for keys that are not there or null.
    virtual void find(std::vector<Column> const& keys, std::int64_t rows,
                      std::uint32_t* out) const = 0;
    std::int64_t groups() const { return groups_; }

  protected:
    std::int64_t groups_ = 0;
};

/// Of these keys, none of which is null; `groups` gets the group of each row. Groups are numbered
/// in the order of their first rows.
std::unique_ptr<KeyLookup> make_key_lookup(std::span<Field const> fields,
                                           std::vector<Column> const& keys, std::int64_t rows,
                                           std::uint32_t* groups);

}  // namespace partita::frame
