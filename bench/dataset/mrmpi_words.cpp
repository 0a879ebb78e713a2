// Word count of a text file by MR-MPI: what `partita wordcount` is compared with.
//
// usage: mpirun -n 2 dataset_mrmpi_words FILE OUT.csv
//
// Words are what white space separates. Each rank reads its share of the bytes and counts; root
// writes all words, the most frequent first. One JSON line with the seconds of all this.

#include "mrmpi_peer.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/comm/run_app.hpp"
#include "partita/core/atomic_file.hpp"
#include "partita/core/error.hpp"
#include "partita/core/file.hpp"
#include "partita/core/row_range.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

namespace partita::bench {
namespace {

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/// Where the first word begins that begins at `from` or later.
std::int64_t first_word(File const& file, std::int64_t from) {
    if (from == 0) return 0;
    char around[1 << 12];
    std::int64_t const got = file.read_some_at(from - 1, around, sizeof around);
    auto const end = std::find_if(around, around + got, is_space);
    check(end != around + got || from - 1 + got == file.size(), "a word of over 4 KiB");
    return from - 1 + (end - around);
}

/// This rank's share, as blocks that end between words; spaces only, as mrmpi_word_count splits.
std::vector<std::string> read_share(Communicator const& comm, std::string const& path) {
    File const file = File::open_read(path);
    RowRange const share = share_of(file.size(), comm.size(), comm.rank());
    std::int64_t const first = first_word(file, share.first), last = first_word(file, share.last);
    std::string text(static_cast<std::size_t>(std::max<std::int64_t>(last - first, 0)), ' ');
    file.read_at(first, text.data(), static_cast<std::int64_t>(text.size()));
    std::replace_if(text.begin(), text.end(), is_space, ' ');
    return {std::move(text)};
}

void write(std::string const& path, std::vector<CountedWord> words) {
    std::sort(words.begin(), words.end(), [](CountedWord const& a, CountedWord const& b) {
        return a.second != b.second ? a.second > b.second : a.first < b.first;
    });
    std::string text = "word,count\n";
    for (auto const& [word, count] : words) text += fmt::format("{},{}\n", word, count);
    write_text_file(path, text);
}

void count(Communicator const& comm, std::string const& path, std::string const& out) {
    double const seconds = seconds_of(comm, [&] {
        auto const blocks = collectively(comm, path, [&] { return read_share(comm, path); });
        auto words = mrmpi_words(comm, blocks);
        if (comm.is_root()) write(out, std::move(words));
    });
    if (comm.is_root())
        fmt::print("{{\"bench\":\"mrmpi_words\",\"ranks\":{},\"seconds\":{:.4f}}}\n", comm.size(),
                   seconds);
}

}  // namespace
}  // namespace partita::bench

int main(int argc, char** argv) {
    return partita::run_app(argc, argv, [&](partita::Communicator const& comm) {
        partita::check(argc == 3, "usage: dataset_mrmpi_words FILE OUT");
        partita::bench::count(comm, argv[1], argv[2]);
        return 0;
    });
}
