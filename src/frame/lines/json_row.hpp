#pragma once

#include "frame/lines/line_table.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace partita::frame::lines {

/// What the values of a key were seen to be. Bits, so that those of all ranks can be joined.
enum SeenJson : std::uint32_t {
    json_integer = 1,
    json_float = 2,
    json_bool = 4,
    json_timestamp = 8,
    json_text = 16,
    json_numbers = 32,  ///< An array of numbers.
    json_other = 64,    ///< Another array, an object, an array of another length.
};

struct KeyFacts {
    std::string name;
    std::uint32_t seen = 0;
    std::int64_t length = -1;  ///< Of arrays of numbers; -1 = there was none.

    void add(std::uint32_t also_seen, std::int64_t its_length) {
        seen |= also_seen;
        if (length >= 0 && its_length >= 0 && length != its_length) seen |= json_other;
        if (its_length >= 0) length = its_length;
    }
};

/// The narrowest column that holds all that was seen.
Field field_for(KeyFacts const& key);

/// Looks at lines to find out which keys there are.
class JsonSample {
  public:
    JsonSample();
    ~JsonSample();
    void add(std::string_view line);
    std::vector<KeyFacts> const& keys() const { return keys_; }

  private:
    struct Parser;
    std::unique_ptr<Parser> parser_;
    std::vector<KeyFacts> keys_;
    std::unordered_map<std::string, std::size_t> known_;
};

/// Makes rows of `schema` from JSON objects. Keys that neither it nor `all` has are an error,
/// unless `all` is null.
std::unique_ptr<RowBuilder> make_json_rows(std::shared_ptr<Schema const> schema, Schema const* all);

}  // namespace partita::frame::lines
