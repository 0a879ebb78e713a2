#pragma once

#include "partita/dataset/codec.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace partita::dataset {

/// Several texts as one element, such as a key of a number of columns that is known at run time. A
/// view; kept, it is a vector of strings. Empty texts are nulls where that makes a difference.
struct TextColumns {
    std::span<std::string_view const> texts;

    std::vector<std::string> to_owned() const { return {texts.begin(), texts.end()}; }
};

template <>
struct Stored<TextColumns> {
    using type = std::vector<std::string>;
};

}  // namespace partita::dataset
