#pragma once

#include "partita/comm/communicator.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace partita::bench {

/// The inputs of the benchmarks: functions of the row number, so that every contestant has the
/// same. Each returns this rank's share of `n` rows.

using NumberPair = std::pair<std::int64_t, std::int64_t>;
using TextPair = std::pair<std::string, std::string>;

/// Number i of a Zipf(1) distribution over [0, n), by inverting its approximate distribution.
std::int64_t zipf_number(std::int64_t i, std::int64_t n);

/// (key, i mod 16). @param kind  Keys: "1m" or "1000" even ones, "zipf" over a million.
std::vector<NumberPair> number_pairs(Communicator const& comm, std::string const& kind,
                                     std::int64_t n);

/// Random 64-bit numbers.
std::vector<std::uint64_t> numbers(Communicator const& comm, std::int64_t n);

/// Blocks of text, words of 3 to 12 letters from 50,000, Zipf(1), about `block_bytes` each.
std::vector<std::string> text_blocks(Communicator const& comm, std::int64_t blocks,
                                     std::int64_t block_bytes);

/// One of 50 keys (Zipf) and one of 20,000 values of 6 to 20 characters (Zipf).
std::vector<TextPair> text_pairs(Communicator const& comm, std::int64_t n);

}  // namespace partita::bench
