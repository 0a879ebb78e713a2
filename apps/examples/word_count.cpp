// The most frequent words of a text file, a folder or a pattern: word_count TEXT
#include <cctype>
#include <partita/comm/run_app.hpp>
#include <partita/dataset/read_lines.hpp>

namespace {

/// Call emit for each run of letters.
void words_of(std::string_view line, auto&& emit) {
    auto const is_letter = [](unsigned char c) { return std::isalpha(c) != 0; };
    for (auto at = line.begin(); at != line.end();) {
        auto const start = std::find_if(at, line.end(), is_letter);
        at = std::find_if_not(start, line.end(), is_letter);
        if (start != at) emit(std::string_view(start, at));
    }
}

}  // namespace

int main(int argc, char** argv) {
    return partita::run_app(argc, argv, [&](partita::Communicator const& world) {
        partita::dataset::Context const context(world);
        partita::check(argc == 2, "usage: word_count TEXT");
        auto const counts = partita::dataset::read_lines(context, argv[1])
                                .flat_map_into<std::string_view>(
                                    [](auto line, auto& emit) { words_of(line, emit); })
                                .map([](auto word) { return std::pair(word, std::int64_t{1}); })
                                .reduce_by_key(std::plus<>{});
        auto const more = [](auto const& a, auto const& b) { return a.second > b.second; };
        for (auto const& [word, count] : counts.sort_by_key().take_ordered(10, more))
            if (world.is_root()) fmt::print("{} {}\n", word, count);
        return 0;
    });
}
