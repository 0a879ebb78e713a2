#include "partita/frame/type.hpp"

#include "partita/core/error.hpp"
#include "partita/core/suggest.hpp"

#include <string>
#include <vector>

namespace partita::frame {

namespace {

struct Name {
    std::string_view name;
    Type type;
};

/// The first of a type is the one that is printed.
constexpr Name names[] = {
    {"int64", Type::int64},   {"float64", Type::float64}, {"float32", Type::float32},
    {"bool", Type::boolean},  {"string", Type::text},     {"timestamp", Type::timestamp},
    {"vector", Type::vector}, {"int", Type::int64},       {"double", Type::float64},
    {"float", Type::float64}, {"boolean", Type::boolean}, {"text", Type::text}};
constexpr std::size_t printed_names = 7;

}  // namespace

std::string_view to_string(Type type) {
    for (Name const& one : names)
        if (one.type == type) return one.name;
    return "?";
}

Type parse_type(std::string_view name) {
    std::vector<std::string> known;
    for (Name const& one : names) {
        if (one.name == name) return one.type;
        if (known.size() < printed_names) known.emplace_back(one.name);
    }
    fail("expected a type ({}), got '{}'{}", one_of(known), name, did_you_mean(name, known));
}

std::int64_t value_bytes(Type type) {
    switch (type) {
        case Type::int64:
        case Type::float64:
        case Type::timestamp:
            return 8;
        case Type::float32:
            return 4;
        case Type::boolean:
            return 1;
        case Type::text:
        case Type::vector:
            break;
    }
    return 0;
}

bool is_numeric(Type type) {
    return type != Type::text && type != Type::timestamp && type != Type::vector;
}

template <>
bool holds<std::int64_t>(Type type) {
    return type == Type::int64 || type == Type::timestamp;
}
template <>
bool holds<double>(Type type) {
    return type == Type::float64;
}
template <>
bool holds<float>(Type type) {
    return type == Type::float32;
}
template <>
bool holds<std::uint8_t>(Type type) {
    return type == Type::boolean;
}

}  // namespace partita::frame
