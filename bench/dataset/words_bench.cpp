// Word count of text in memory, beside single-core code and MR-MPI.
//
// usage: dataset_words_bench [bytes] [repeats] [threads] [memory bytes]

#include "bench_support.hpp"
#include "checksums.hpp"
#include "mrmpi_peer.hpp"

#include "partita/comm/run_app.hpp"
#include "partita/dataset/sources.hpp"

#include <array>
#include <bit>
#include <cstring>
#include <memory>
#include <string_view>
#include <unordered_map>

namespace partita::bench {
namespace {

constexpr std::int64_t blocks = 64;

/// Bit i: text[i] is no white space. @param size  At most 64.
std::uint64_t letters(char const* text, std::size_t size) {
    std::array<std::uint8_t, 64> flags{};
    for (std::size_t i = 0; i < size; ++i) flags[i] = text[i] > ' ';
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < 8; ++i) {
        std::uint64_t eight;
        std::memcpy(&eight, &flags[8 * i], sizeof eight);
        bits |= (eight * 0x0102040810204080u >> 56) << (8 * i);
    }
    return bits;
}

/// The words of a text that ends with white space.
template <class Emit>
void split(std::string_view text, Emit&& emit) {
    bool inside = false;
    std::size_t start = 0;
    for (std::size_t first = 0; first < text.size(); first += 64) {
        std::size_t const left = text.size() - first;
        std::uint64_t const bits =
            left >= 64 ? letters(text.data() + first, 64) : letters(text.data() + first, left);
        // A bit where a word starts or ends.
        std::uint64_t edges = bits ^ (bits << 1 | static_cast<std::uint64_t>(inside));
        for (; edges != 0; edges &= edges - 1) {
            std::size_t const at = first + static_cast<std::size_t>(std::countr_zero(edges));
            if (inside) emit(text.substr(start, at - start));
            start = at;
            inside = !inside;
        }
    }
}

struct TextHash {
    std::size_t operator()(std::string_view text) const { return hash_bytes(text); }
};

Contest::Checksum count_on_one_core(std::vector<std::string> const& texts) {
    auto counts = std::make_shared<std::unordered_map<std::string_view, std::int64_t, TextHash>>();
    counts->reserve(1 << 17);
    for (std::string const& text : texts)
        split(text, [&](std::string_view word) { ++(*counts)[word]; });
    return [counts] {
        std::uint64_t sum = 0;
        for (auto const& [word, count] : *counts) sum += checksum_of(word, count);
        return sum;
    };
}

void bench(Communicator const& comm, Arguments const& arguments) {
    dataset::Context const context(comm, arguments.options);
    std::int64_t const block_bytes = arguments.items / blocks;
    std::vector<std::string> const mine = text_blocks(comm, blocks, block_bytes);
    std::int64_t const first = share_of(blocks, comm.size(), comm.rank()).first;
    // Texts are where they are: no source whose partitions any rank may take.
    auto const text = dataset::make_dataset<std::string_view>(
        dataset::Plan{context, {blocks}, {}, "texts", {}},
        [&mine, first](std::int64_t block, auto&& sink) {
            sink(std::string_view(mine[static_cast<std::size_t>(block - first)]));
        });
    Contest contest(context, "word_count", arguments.items);
    contest.add("ours", [&] {
        auto const counts =
            text.flat_map_into<std::string_view>(
                    [](std::string_view block, auto&& emit) { split(block, emit); })
                .map([](std::string_view word) { return std::pair(word, std::int64_t{1}); })
                .reduce_by_key(std::plus<>{});
        counts.count();
        return [counts] {
            return counts.map([](auto const& p) { return checksum_of(p.first, p.second); })
                .reduce(std::plus<>{});
        };
    });
    std::vector<std::string> all;
    if (comm.is_root()) all = text_blocks(Communicator::self(), blocks, block_bytes);
    contest.add_on_root("one_core", [&] { return count_on_one_core(all); });
    if (has_mrmpi()) contest.add("mrmpi", [&] { return mrmpi_word_count(comm, mine); });
    contest.run(arguments.repeats, arguments.items / 2);
}

}  // namespace
}  // namespace partita::bench

int main(int argc, char** argv) {
    return partita::run_app(argc, argv, [&](partita::Communicator const& comm) {
        partita::bench::bench(comm, partita::bench::Arguments(argc, argv, 100000000));
        return 0;
    });
}
