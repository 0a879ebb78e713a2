#include "inputs.hpp"

#include "partita/core/hash.hpp"
#include "partita/core/row_range.hpp"

#include <cmath>

#include <fmt/format.h>

namespace partita::bench {
namespace {

std::uint64_t random_bits(std::int64_t i, std::uint64_t stream) {
    return mix64(static_cast<std::uint64_t>(i) + (stream << 48));
}

/// A word of `least` to `most` small letters that is a function of its number.
std::string word(std::int64_t number, std::uint64_t stream, int least, int most) {
    std::uint64_t bits = random_bits(number, stream);
    auto const length = least + static_cast<int>(bits % static_cast<unsigned>(most - least + 1));
    std::string text;
    for (int i = 0; i < length; ++i) {
        if (i % 8 == 0) bits = mix64(bits);
        text += static_cast<char>('a' + bits % 26);
        bits /= 26;
    }
    return text;
}

std::vector<std::string> vocabulary(std::int64_t size, std::uint64_t stream, int least, int most) {
    std::vector<std::string> words;
    for (std::int64_t i = 0; i < size; ++i) words.push_back(word(i, stream, least, most));
    return words;
}

RowRange rows_of(Communicator const& comm, std::int64_t n) {
    return share_of(n, comm.size(), comm.rank());
}

}  // namespace

std::int64_t zipf_number(std::int64_t i, std::int64_t n) {
    double const u = static_cast<double>(random_bits(i, 0) >> 11) * 0x1.0p-53;
    return static_cast<std::int64_t>(std::exp(u * std::log(static_cast<double>(n) + 1))) - 1;
}

std::vector<NumberPair> number_pairs(Communicator const& comm, std::string const& kind,
                                     std::int64_t n) {
    std::uint64_t const keys = kind == "1000" ? 1000 : 1000000;
    RowRange const rows = rows_of(comm, n);
    std::vector<NumberPair> pairs;
    pairs.reserve(static_cast<std::size_t>(rows.size()));
    for (std::int64_t i = rows.first; i < rows.last; ++i)
        pairs.emplace_back(kind == "zipf" ? zipf_number(i, 1000000)
                                          : static_cast<std::int64_t>(random_bits(i, 0) % keys),
                           i & 15);
    return pairs;
}

std::vector<std::uint64_t> numbers(Communicator const& comm, std::int64_t n) {
    RowRange const rows = rows_of(comm, n);
    std::vector<std::uint64_t> all;
    all.reserve(static_cast<std::size_t>(rows.size()));
    for (std::int64_t i = rows.first; i < rows.last; ++i) all.push_back(random_bits(i, 0));
    return all;
}

std::vector<std::string> text_blocks(Communicator const& comm, std::int64_t blocks,
                                     std::int64_t block_bytes) {
    std::vector<std::string> const words = vocabulary(50000, 1, 3, 12);
    RowRange const mine = rows_of(comm, blocks);
    std::vector<std::string> texts;
    for (std::int64_t b = mine.first; b < mine.last; ++b) {
        std::string text;
        text.reserve(static_cast<std::size_t>(block_bytes) + 16);
        for (std::int64_t i = b << 32; static_cast<std::int64_t>(text.size()) < block_bytes; ++i)
            text += words[static_cast<std::size_t>(zipf_number(i, 50000))] +
                    (i % 16 == 15 ? '\n' : ' ');
        texts.push_back(std::move(text));
    }
    return texts;
}

std::vector<TextPair> text_pairs(Communicator const& comm, std::int64_t n) {
    std::vector<std::string> const keys = vocabulary(50, 2, 6, 12);
    std::vector<std::string> const values = vocabulary(20000, 3, 6, 20);
    RowRange const rows = rows_of(comm, n);
    std::vector<TextPair> pairs;
    for (std::int64_t i = rows.first; i < rows.last; ++i)
        pairs.emplace_back(keys[static_cast<std::size_t>(zipf_number(i, 50))],
                           values[static_cast<std::size_t>(zipf_number(i + n, 20000))]);
    return pairs;
}

}  // namespace partita::bench
