#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace partita {

/// The candidate nearest to `word` by edit distance (insert, delete, substitute, swap neighbours;
/// case ignored), or "" when none is near enough to be what was meant.
std::string nearest_word(std::string_view word, std::span<std::string const> candidates);

/// " (did you mean 'cosine'?)" or "" when nothing is near.
std::string did_you_mean(std::string_view word, std::span<std::string const> candidates);

/// "a, b or c".
std::string one_of(std::span<std::string const> choices);

}  // namespace partita
