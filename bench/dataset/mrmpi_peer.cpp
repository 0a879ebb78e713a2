#include "mrmpi_peer.hpp"

#include "checksums.hpp"

#include "partita/core/error.hpp"

#ifdef PARTITA_HAS_MRMPI

#include <algorithm>
#include <cstring>
#include <memory>
#include <mrmpi/mapreduce.h>
#include <string_view>
#include <vector>
// After it, for it needs what that includes.
#include <mrmpi/keyvalue.h>

namespace partita::bench {
namespace {

using MAPREDUCE_NS::KeyValue;
using MAPREDUCE_NS::MapReduce;

/// MR-MPI takes char pointers to what it only reads.
template <class T>
char* bytes_of(T const& value) {
    return reinterpret_cast<char*>(const_cast<T*>(&value));
}
char* bytes_of(std::string_view text) { return const_cast<char*>(text.data()); }

template <class T>
T value_at(char const* bytes) {
    T value;
    std::memcpy(&value, bytes, sizeof value);
    return value;
}

std::shared_ptr<MapReduce> map_reduce(Communicator const& comm) {
    auto mr = std::make_shared<MapReduce>(comm.handle());
    mr->memsize = 512;  // MB a page: larger ones do not help
    mr->outofcore = -1;
    mr->verbosity = mr->timer = 0;
    return mr;
}

/// Run `map` once on every rank.
template <class Map>
void map_on_each(MapReduce& mr, Communicator const& comm, Map map) {
    mr.map(
        comm.size(), [](int, KeyValue* kv, void* made) { (*static_cast<Map*>(made))(kv); }, &map);
}

/// Sum of `Value`s, as a reduce or (in place, before the exchange) a compress.
template <class Value>
void sum_values(char* key, int key_bytes, char* values, int count, int*, KeyValue* kv, void*) {
    Value sum = 0;
    for (int i = 0; i < count; ++i)
        sum += value_at<Value>(values + i * static_cast<int>(sizeof(Value)));
    kv->add(key, key_bytes, bytes_of(sum), sizeof sum);
}

using Scan = void (*)(char* key, int key_bytes, char* value, int value_bytes, void* sum);

/// The checksum of what is left, one pair at a time.
Contest::Checksum checksum_by(Communicator const& comm, std::shared_ptr<MapReduce> mr, Scan scan) {
    return [comm, mr = std::move(mr), scan] {
        SortedChecksum sum;
        mr->scan(scan, &sum);
        return comm.all_reduce(sum.sum, Reduce::sum);
    };
}

std::shared_ptr<MapReduce> count_words(Communicator const& comm,
                                       std::span<std::string const> blocks) {
    auto mr = map_reduce(comm);
    map_on_each(*mr, comm, [=](KeyValue* kv) {
        std::int64_t const one = 1;
        for (std::string_view text : blocks)
            for (std::size_t first = 0, last; first < text.size(); first = last + 1) {
                last = std::min(text.find_first_of(" \n", first), text.size());
                if (last > first)
                    kv->add(bytes_of(text.substr(first)), static_cast<int>(last - first),
                            bytes_of(one), sizeof one);
            }
    });
    mr->compress(sum_values<std::int64_t>, nullptr);
    mr->collate(nullptr);
    mr->reduce(sum_values<std::int64_t>, nullptr);
    return mr;
}

int ranks;  // MR-MPI's hash functions have no argument of the user's

int rank_by_leading_bits(char* key, int) {
    return static_cast<int>(
        (value_at<std::uint64_t>(key) >> 32) * static_cast<std::uint64_t>(ranks) >> 32);
}
int compare_numbers(char* a, int, char* b, int) {
    auto const x = value_at<std::uint64_t>(a), y = value_at<std::uint64_t>(b);
    return x < y ? -1 : x > y;
}

/// One key's values, sorted and numbered.
void sort_and_number(char* key, int key_bytes, char* values, int count, int* sizes, KeyValue* kv,
                     void*) {
    std::vector<std::string_view> sorted;
    for (int i = 0; i < count; ++i) {
        sorted.emplace_back(values, static_cast<std::size_t>(sizes[i]));
        values += sizes[i];
    }
    std::sort(sorted.begin(), sorted.end());
    std::string row;
    for (std::int64_t i = 0; i < count; ++i) {
        row.assign(reinterpret_cast<char const*>(&i), sizeof i);
        row += sorted[static_cast<std::size_t>(i)];
        kv->add(key, key_bytes, row.data(), static_cast<int>(row.size()));
    }
}

}  // namespace

bool has_mrmpi() { return true; }

Contest::Checksum mrmpi_reduce(Communicator const& comm, std::span<NumberPair const> pairs,
                               bool combine) {
    auto mr = map_reduce(comm);
    map_on_each(*mr, comm, [=](KeyValue* kv) {
        for (auto const& [key, value] : pairs)
            kv->add(bytes_of(key), sizeof key, bytes_of(value), sizeof value);
    });
    if (combine) mr->compress(sum_values<std::int64_t>, nullptr);
    mr->collate(nullptr);
    mr->reduce(sum_values<std::int64_t>, nullptr);
    return checksum_by(comm, mr, [](char* key, int, char* value, int, void* sum) {
        static_cast<SortedChecksum*>(sum)->sum +=
            checksum_of(value_at<std::int64_t>(key), value_at<std::int64_t>(value));
    });
}

Contest::Checksum mrmpi_word_count(Communicator const& comm, std::span<std::string const> blocks) {
    return checksum_by(comm, count_words(comm, blocks),
                       [](char* key, int bytes, char* value, int, void* sum) {
                           static_cast<SortedChecksum*>(sum)->sum +=
                               checksum_of(std::string_view(key, static_cast<std::size_t>(bytes)),
                                           value_at<std::int64_t>(value));
                       });
}

std::vector<CountedWord> mrmpi_words(Communicator const& comm,
                                     std::span<std::string const> blocks) {
    auto const mr = count_words(comm, blocks);
    mr->gather(1);
    std::vector<CountedWord> words;
    mr->scan(
        [](char* key, int bytes, char* value, int, void* all) {
            static_cast<std::vector<CountedWord>*>(all)->emplace_back(
                std::string(key, static_cast<std::size_t>(bytes)), value_at<std::int64_t>(value));
        },
        &words);
    return words;
}

Contest::Checksum mrmpi_sort(Communicator const& comm, std::span<std::uint64_t const> numbers) {
    auto mr = map_reduce(comm);
    map_on_each(*mr, comm, [=](KeyValue* kv) {
        for (std::uint64_t const number : numbers)
            kv->add(bytes_of(number), sizeof number, nullptr, 0);
    });
    ranks = comm.size();
    mr->aggregate(rank_by_leading_bits);
    mr->sort_keys(compare_numbers);
    return checksum_by(comm, mr, [](char* key, int, char*, int, void* sum) {
        static_cast<SortedChecksum*>(sum)->add(value_at<std::uint64_t>(key));
    });
}

Contest::Checksum mrmpi_sort_by_group(Communicator const& comm, std::span<TextPair const> pairs) {
    auto mr = map_reduce(comm);
    map_on_each(*mr, comm, [=](KeyValue* kv) {
        for (auto const& [key, value] : pairs)
            kv->add(bytes_of(std::string_view(key)), static_cast<int>(key.size()),
                    bytes_of(std::string_view(value)), static_cast<int>(value.size()));
    });
    mr->collate(nullptr);
    mr->reduce(sort_and_number, nullptr);
    return checksum_by(comm, mr, [](char* key, int key_bytes, char* row, int bytes, void* sum) {
        static_cast<SortedChecksum*>(sum)->sum +=
            checksum_of(std::string_view(key, static_cast<std::size_t>(key_bytes)),
                        std::string_view(row + sizeof(std::int64_t),
                                         static_cast<std::size_t>(bytes) - sizeof(std::int64_t)),
                        value_at<std::int64_t>(row));
    });
}

}  // namespace partita::bench

#else

namespace partita::bench {

bool has_mrmpi() { return false; }
Contest::Checksum mrmpi_reduce(Communicator const&, std::span<NumberPair const>, bool) {
    fail("built without MR-MPI");
}
Contest::Checksum mrmpi_word_count(Communicator const&, std::span<std::string const>) {
    fail("built without MR-MPI");
}
std::vector<CountedWord> mrmpi_words(Communicator const&, std::span<std::string const>) {
    fail("built without MR-MPI");
}
Contest::Checksum mrmpi_sort(Communicator const&, std::span<std::uint64_t const>) {
    fail("built without MR-MPI");
}
Contest::Checksum mrmpi_sort_by_group(Communicator const&, std::span<TextPair const>) {
    fail("built without MR-MPI");
}

}  // namespace partita::bench

#endif
