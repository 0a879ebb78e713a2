#pragma once

#include "partita/frame/type.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace partita::frame {

/// A column's name and type.
struct Field {
    std::string name;
    Type type = Type::int64;
    std::int64_t width = 0;  ///< Of vectors: how many numbers each holds.

    friend bool operator==(Field const&, Field const&) = default;
};

/// "int64", "vector(50)": a field's type with its width.
std::string type_text(Field const& field);

/// The columns of a table, in order. All ranks hold the same.
class Schema {
  public:
    Schema() = default;
    /// @throws Error when two columns have one name, or one has none.
    explicit Schema(std::vector<Field> fields);

    std::int64_t size() const { return static_cast<std::int64_t>(fields_.size()); }
    std::span<Field const> fields() const { return fields_; }
    Field const& operator[](std::int64_t column) const {
        return fields_[static_cast<std::size_t>(column)];
    }

    std::optional<std::int64_t> find(std::string_view name) const;
    /// @throws Error "no column 'agee' (did you mean 'age'?)".
    std::int64_t index_of(std::string_view name) const;
    std::vector<std::int64_t> indices_of(std::span<std::string const> names) const;
    std::vector<std::string> names() const;

    /// The columns of these numbers, in that order.
    Schema select(std::span<std::int64_t const> columns) const;

    /// "age:int64, name:string, embedding:vector(50)"
    std::string to_text() const;
    /// The opposite: "age:int64,name:string". Blanks around names and types do not count.
    /// @throws Error that quotes what is no NAME:TYPE.
    static Schema parse(std::string_view text);

    friend bool operator==(Schema const&, Schema const&) = default;

  private:
    std::vector<Field> fields_;
};

/// @throws Error "group_by: cannot compare 'v', which is vector(50)" unless all of these columns
/// can
///         be keys: vectors cannot.
void check_keys(Schema const& schema, std::span<std::int64_t const> columns,
                std::string_view operation);

}  // namespace partita::frame
