// The 40 cards of a Spanish deck, shuffled, by suit.
#include <algorithm>
#include <partita/comm/run_app.hpp>
#include <partita/core/hash.hpp>
#include <partita/dataset/sources.hpp>

int main(int argc, char** argv) {
    return partita::run_app(argc, argv, [&](partita::Communicator const& world) {
        using Card = std::pair<std::string, int>;  // suit, number
        partita::dataset::Context const context(world);
        auto const deck = partita::dataset::generate(context, 40, [](std::int64_t i) {
            char const* const suits[] = {"coins", "cups", "swords", "clubs"};
            int const numbers[] = {1, 2, 3, 4, 5, 6, 7, 10, 11, 12};
            return Card(suits[i / 10], numbers[i % 10]);
        });
        auto const shuffled = deck.sort_by([](Card const& card) {
            return partita::mix64(partita::hash_bytes(card.first) +
                                  static_cast<std::uint64_t>(card.second));
        });
        for (auto& [suit, numbers] : shuffled.group_by_key().collect()) {
            std::sort(numbers.begin(), numbers.end());
            if (world.is_root()) fmt::print("{}: {}\n", suit, fmt::join(numbers, " "));
        }
        return 0;
    });
}
