#include "ml/trees/divide_rows.hpp"

#include "ml/trees/for_blocks.hpp"

#include <algorithm>

namespace partita::ml {

namespace {

constexpr std::int64_t chunk_rows = 1 << 15;

struct Chunk {
    std::size_t division;
    RowRange rows;
    std::int64_t left = 0, first_left = 0, first_right = 0;
};

}  // namespace

std::vector<std::int64_t> divide_rows(std::vector<std::uint32_t>& order,
                                      std::span<Division const> divisions, int threads) {
    std::vector<Chunk> chunks;
    for (std::size_t d = 0; d < divisions.size(); ++d)
        for (std::int64_t first = divisions[d].rows.first; first < divisions[d].rows.last;
             first += chunk_rows)
            chunks.push_back({d, {first, std::min(first + chunk_rows, divisions[d].rows.last)}});
    // Each chunk by itself into `divided`: left from its front, right from its end backwards.
    std::vector<std::uint32_t> divided(order.size());
    for_parallel(0, std::ssize(chunks), threads, [&](std::int64_t c) {
        Chunk& chunk = chunks[static_cast<std::size_t>(c)];
        Division const& division = divisions[chunk.division];
        std::uint32_t* left = divided.data() + chunk.rows.first;
        std::uint32_t* right = divided.data() + chunk.rows.last - 1;
        for (std::int64_t i = chunk.rows.first; i < chunk.rows.last; ++i) {
            std::uint32_t const row = order[static_cast<std::size_t>(i)];
            bool const goes_left = division.column[row] <= division.bin;
            // Without a branch: the place that is not meant is overwritten later.
            *left = row;
            *right = goes_left ? *right : row;
            left += goes_left;
            right -= !goes_left;
        }
        chunk.left = left - (divided.data() + chunk.rows.first);
    });
    std::vector<std::int64_t> lefts(divisions.size(), 0);
    for (Chunk const& chunk : chunks) lefts[chunk.division] += chunk.left;
    std::vector<std::int64_t> next_left, next_right;
    for (std::size_t d = 0; d < divisions.size(); ++d) {
        next_left.push_back(divisions[d].rows.first);
        next_right.push_back(divisions[d].rows.first + lefts[d]);
    }
    for (Chunk& chunk : chunks) {
        chunk.first_left = next_left[chunk.division];
        chunk.first_right = next_right[chunk.division];
        next_left[chunk.division] += chunk.left;
        next_right[chunk.division] += chunk.rows.size() - chunk.left;
    }
    for_parallel(0, std::ssize(chunks), threads, [&](std::int64_t c) {
        Chunk const& chunk = chunks[static_cast<std::size_t>(c)];
        auto const first = divided.begin() + chunk.rows.first;
        std::copy(first, first + chunk.left, order.begin() + chunk.first_left);
        std::reverse_copy(first + chunk.left, first + chunk.rows.size(),
                          order.begin() + chunk.first_right);
    });
    return lefts;
}

}  // namespace partita::ml
