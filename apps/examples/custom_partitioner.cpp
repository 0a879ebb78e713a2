// Words by their first letter: a partitioner of one's own, which later operations know of.
#include <partita/comm/run_app.hpp>
#include <partita/dataset/sources.hpp>

namespace {

/// A partition for each letter, and one for what begins otherwise.
struct ByFirstLetter {
    std::int64_t num_partitions() const { return 27; }
    std::int64_t partition_of(std::string_view word) const {
        bool const is_letter = !word.empty() && word[0] >= 'a' && word[0] <= 'z';
        return is_letter ? word[0] - 'a' : 26;
    }
    friend bool operator==(ByFirstLetter, ByFirstLetter) = default;
};

}  // namespace

int main(int argc, char** argv) {
    return partita::run_app(argc, argv, [&](partita::Communicator const& world) {
        using Pair = std::pair<std::string, int>;
        partita::dataset::Context const context(world);
        std::vector<Pair> const pairs = {{"apple", 1}, {"beet", 2}, {"avocado", 3}, {"cherry", 4},
                                         {"beet", 5},  {"42", 6},   {"apple", 7}};
        auto const placed =
            partita::dataset::parallelize(context, pairs).partition_by(ByFirstLetter{});
        // Equal partitioners: this exchanges nothing.
        auto const sums = placed.reduce_by_key(std::plus<>{}, ByFirstLetter{});
        for (auto const& [word, sum] : sums.collect())
            if (world.is_root()) fmt::print("{} {}\n", word, sum);
        return 0;
    });
}
