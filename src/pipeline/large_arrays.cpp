#include "pipeline/large_arrays.hpp"

#include "partita/core/error.hpp"

#include <algorithm>
#include <string>

namespace partita::pipeline {

namespace {

using nlohmann::json;

/// Shorter ones take less room as text than a reference does.
constexpr std::size_t large = 16;
constexpr char key[] = "array", numbers[] = "numbers", integers[] = "integers";

bool are_integers(json const& array) {
    return std::all_of(array.begin(), array.end(),
                       [](json const& value) { return value.is_number_integer(); });
}

bool are_numbers(json const& array) {
    return array.is_array() && std::all_of(array.begin(), array.end(),
                                           [](json const& value) { return value.is_number(); });
}

/// The length of each row of a matrix of numbers; 0 of anything else.
std::size_t width_of(json const& rows) {
    std::size_t const width = rows.empty() ? 0 : rows.front().size();
    bool const even = std::all_of(rows.begin(), rows.end(), [&](json const& row) {
        return are_numbers(row) && row.size() == width;
    });
    return even ? width : 0;
}

template <class T>
void append(json const& array, std::vector<T>& to) {
    for (json const& value : array) to.push_back(value.get<T>());
}

/// Moves an array, or the rows of a matrix.
json moved(json const& array, std::size_t width, io::ArrayFile& file) {
    json const rows = width > 0 ? array : json::array({array});
    bool const whole = std::all_of(rows.begin(), rows.end(), are_integers);
    std::size_t const first = whole ? file.integers.size() : file.numbers.size();
    for (json const& row : rows)
        if (whole)
            append(row, file.integers);
        else
            append(row, file.numbers);
    json reference{whole ? integers : numbers, first, array.size()};
    if (width > 0) reference.push_back(width);
    return {{key, reference}};
}

void take(json& tree, io::ArrayFile& file) {
    if (tree.is_array() && are_numbers(tree)) {
        if (tree.size() >= large) tree = moved(tree, 0, file);
        return;
    }
    if (std::size_t const width = tree.is_array() ? width_of(tree) : 0;
        width > 0 && tree.size() * width >= large) {
        tree = moved(tree, width, file);
        return;
    }
    if (tree.is_structured())
        for (json& child : tree) take(child, file);
}

template <class T>
std::vector<T> part_of(std::vector<T> const& from, std::size_t first, std::size_t count) {
    check(first <= from.size() && count <= from.size() - first,
          "expected {} numbers from {} on, got {} in all", count, first, from.size());
    auto const begin = from.begin() + static_cast<std::ptrdiff_t>(first);
    return std::vector<T>(begin, begin + static_cast<std::ptrdiff_t>(count));
}

json found(json const& reference, io::ArrayFile const& file) {
    auto const name = reference.at(0).get<std::string>();
    auto const first = reference.at(1).get<std::size_t>();
    auto const count = reference.at(2).get<std::size_t>();
    check(name == numbers || name == integers, "expected numbers or integers, got '{}'", name);
    auto const part = [&](std::size_t start, std::size_t size) {
        return name == numbers ? json(part_of(file.numbers, start, size))
                               : json(part_of(file.integers, start, size));
    };
    if (reference.size() == 3) return part(first, count);
    auto const width = reference.at(3).get<std::size_t>();
    json rows = json::array();
    for (std::size_t row = 0; row < count; ++row) rows.push_back(part(first + row * width, width));
    return rows;
}

void put(json& tree, io::ArrayFile const& file) {
    if (tree.is_object() && tree.size() == 1 && tree.contains(key))
        tree = found(tree.at(key), file);
    else if (tree.is_structured())
        for (json& child : tree) put(child, file);
}

}  // namespace

io::ArrayFile without_large_arrays(json tree) {
    io::ArrayFile file;
    take(tree, file);
    file.text = tree.dump(1);
    return file;
}

json with_large_arrays(io::ArrayFile const& file) {
    json tree = json::parse(file.text, nullptr, false);
    put(tree, file);
    return tree;
}

}  // namespace partita::pipeline
