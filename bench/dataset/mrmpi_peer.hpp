#pragma once

#include "bench_support.hpp"
#include "inputs.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace partita::bench {

/// MR-MPI (Plimpton and Devine's MapReduce on MPI), written as its manual shows, with pages large
/// enough to stay in memory. Collective; each returns the checksum of its result, see
/// checksums.hpp.

/// Whether the program was built with it; the others may be called only then.
bool has_mrmpi();

/// Sum by key. @param combine  Fold on each rank before the exchange ("compress").
Contest::Checksum mrmpi_reduce(Communicator const& comm, std::span<NumberPair const> pairs,
                               bool combine);
Contest::Checksum mrmpi_word_count(Communicator const& comm, std::span<std::string const> blocks);
/// Words with their counts: all on root.
using CountedWord = std::pair<std::string, std::int64_t>;
std::vector<CountedWord> mrmpi_words(Communicator const& comm, std::span<std::string const> blocks);
/// Keys to ranks by their leading bits, then its sort of keys.
Contest::Checksum mrmpi_sort(Communicator const& comm, std::span<std::uint64_t const> numbers);
/// Group by key, then sort each key's values and number them.
Contest::Checksum mrmpi_sort_by_group(Communicator const& comm, std::span<TextPair const> pairs);

}  // namespace partita::bench
