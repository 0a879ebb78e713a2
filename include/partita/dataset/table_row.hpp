#pragma once

#include "partita/core/error.hpp"
#include "partita/dataset/codec.hpp"
#include "partita/dataset/function_ref.hpp"

#include <charconv>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace partita::dataset {

/// One row of a table of texts, in the columns that were asked for. A view that lasts for the call
/// that gets it; kept, it is a vector of strings.
class TableRow {
  public:
    /// @param where  Names the row and a column (-1: none), for messages.
    TableRow(std::span<std::string_view const> fields,
             FunctionRef<std::string(std::int64_t column)> where)
        : fields_(fields), where_(where) {}

    std::span<std::string_view const> fields() const { return fields_; }
    std::string_view text(std::int64_t column) const {
        return fields_[static_cast<std::size_t>(column)];
    }
    /// An empty field is a null, as Spark's reader has it.
    bool is_null(std::int64_t column) const { return text(column).empty(); }

    /// The field as a number, blanks around it left out.
    /// @throws Error "x.csv: line 3, column 'age': expected a number, got "abc"".
    template <class T>
    requires std::is_arithmetic_v<T> T number(std::int64_t column)
    const {
        std::string_view field = text(column);
        while (field.starts_with(' ')) field.remove_prefix(1);
        while (field.ends_with(' ')) field.remove_suffix(1);
        if (field.size() > 1 && field[0] == '+' && field[1] != '-') field.remove_prefix(1);
        T value{};
        char const* const end = field.data() + field.size();
        auto const [stop, error] = std::from_chars(field.data(), end, value);
        if (error != std::errc() || stop != end) [[unlikely]]
            fail_number(column, std::is_integral_v<T> ? "a whole number" : "a number",
                        error == std::errc::result_out_of_range);
        return value;
    }

    /// The row as a T: a text or number for one column; a pair, tuple or aggregate of such, or of
    /// std::optional (nothing for an empty field), with a member for each column.
    template <class T>
    T as() const {
        T value{};
        if constexpr (is_field<T>)
            read_field(0, value);
        else
            std::apply(
                [this](auto&... part) {
                    std::int64_t column = 0;
                    (read_field(column++, part), ...);
                },
                detail::parts_of(value));
        return value;
    }

    /// How many columns as<T>() takes.
    template <class T>
    static constexpr std::int64_t columns_of() {
        if constexpr (is_field<T>)
            return 1;
        else
            return std::tuple_size_v<
                std::remove_cvref_t<decltype(detail::parts_of(std::declval<T&>()))>>;
    }

    std::vector<std::string> to_owned() const { return {fields_.begin(), fields_.end()}; }

  private:
    template <class T>
    struct IsOptional : std::false_type {};
    template <class T>
    struct IsOptional<std::optional<T>> : std::true_type {};
    template <class T>
    static constexpr bool is_field =
        std::is_arithmetic_v<T> || std::is_same_v<stored_t<T>, std::string> || IsOptional<T>::value;

    template <class T>
    void read_field(std::int64_t column, T& value) const {
        if constexpr (IsOptional<T>::value) {
            if (!is_null(column)) read_field(column, value.emplace());
        } else if constexpr (std::is_arithmetic_v<T>) {
            value = number<T>(column);
        } else {
            value = T(text(column));
        }
    }
    [[noreturn]] void fail_number(std::int64_t column, std::string_view expected,
                                  bool too_large) const;

    std::span<std::string_view const> fields_;
    FunctionRef<std::string(std::int64_t)> where_;
};

template <>
struct Stored<TableRow> {
    using type = std::vector<std::string>;
};

}  // namespace partita::dataset
