#include "partita/core/suggest.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

namespace partita {
namespace {

bool same_letter(char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) ==
           std::tolower(static_cast<unsigned char>(b));
}

/// Damerau's edit distance in its optimal string alignment form: no part is edited twice.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before, previous,
        row(b.size() + 1);  // of the letters a[.. i - 2, i - 1, i)
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        before = std::move(previous);
        previous = std::move(row);
        row.assign(b.size() + 1, i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            std::size_t const replaced = same_letter(a[i - 1], b[j - 1]) ? 0 : 1;
            row[j] = std::min({previous[j] + 1, row[j - 1] + 1, previous[j - 1] + replaced});
            if (i > 1 && j > 1 && same_letter(a[i - 1], b[j - 2]) &&
                same_letter(a[i - 2], b[j - 1]))
                row[j] = std::min(row[j], before[j - 2] + 1);
        }
    }
    return row[b.size()];
}

/// One edit for each three letters begun, but never all of them: then nothing is left of the word.
bool near_enough(std::size_t distance, std::size_t letters) {
    return distance <= (letters + 2) / 3 && distance < letters;
}

}  // namespace

std::string nearest_word(std::string_view word, std::span<std::string const> candidates) {
    std::string nearest;
    std::size_t least = std::string::npos;
    for (auto const& candidate : candidates) {
        std::size_t const distance = edit_distance(word, candidate);
        if (distance >= least || !near_enough(distance, std::max(word.size(), candidate.size())))
            continue;
        least = distance;
        nearest = candidate;
    }
    return nearest;
}

std::string did_you_mean(std::string_view word, std::span<std::string const> candidates) {
    std::string const nearest = nearest_word(word, candidates);
    return nearest.empty() ? "" : fmt::format(" (did you mean '{}'?)", nearest);
}

std::string one_of(std::span<std::string const> choices) {
    std::string text;
    for (std::size_t i = 0; i < choices.size(); ++i) {
        if (i > 0) text += i + 1 == choices.size() ? " or " : ", ";
        text += choices[i];
    }
    return text;
}

}  // namespace partita
