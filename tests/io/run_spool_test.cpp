#include "partita/io/run_spool.hpp"

#include "support/shared_folder.hpp"

#include "partita/core/error.hpp"
#include "partita/core/file.hpp"

#include <algorithm>
#include <cstring>
#include <filesystem>

#include <gtest/gtest.h>

namespace partita::io::run_spool_test {
namespace {

using test::SharedFolder;

constexpr int round_units = 60;

Communicator world() { return Communicator::world(); }

/// Uneven, and empty for some units.
std::string block_of(std::int64_t unit) {
    return std::string(static_cast<std::size_t>(unit * 7 % 5), static_cast<char>('a' + unit % 26));
}

/// Whose unit it is: neighbours in the output are of different ranks.
int owner_of(std::int64_t unit) { return static_cast<int>(unit * 13 % 17) % world().size(); }

/// This rank's units, not ascending.
std::vector<std::int64_t> own_units(std::int64_t round) {
    std::vector<std::int64_t> units;
    for (std::int64_t unit = round * round_units; unit < (round + 1) * round_units; ++unit)
        if (owner_of(unit) == world().rank()) units.push_back(unit);
    std::rotate(units.begin(), units.begin() + std::ssize(units) / 2, units.end());
    return units;
}

TEST(RunSpool, BlocksOfAllRanksFollowInOrderOfTheirUnits) {
    SharedFolder folder(world());
    PartialOutput partial(world(), folder.file("x.txt"), {});
    OrderedTextWriter out(world(), partial, "text");
    RunSpool spool(world(), partial, "text");
    out.write(world().is_root() ? "head\n" : "");
    std::string expected = "head\n";
    for (std::int64_t round = 0; round < 3; ++round) {
        std::vector<std::int64_t> const units = own_units(round);
        for (std::int64_t unit : units) spool.keep(unit, block_of(unit));
        std::vector<std::int64_t> starts;
        for (std::int64_t unit = round * round_units; unit < (round + 1) * round_units; ++unit) {
            starts.push_back(std::ssize(expected));
            expected += block_of(unit);
        }
        std::vector<std::int64_t> const places = spool.append_to(out);
        EXPECT_EQ(places.size(), units.size());
        for (std::size_t i = 0; i < std::min(places.size(), units.size()); ++i)
            EXPECT_EQ(places[i], starts[static_cast<std::size_t>(units[i] - round * round_units)]);
        EXPECT_EQ(out.bytes(), std::ssize(expected));
        std::string const own = partial.file("text.rank" + std::to_string(world().rank()));
        EXPECT_EQ(file_exists(own) ? std::filesystem::file_size(own) : 0, 0u);  // room given back
    }
    spool.close();
    out.commit();
    EXPECT_EQ(read_text_file(folder.file("x.txt")), expected);
    world().barrier();
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(RunSpool, AFullDiskIsAnErrorOfTheOutput) {
    SharedFolder folder(world());
    PartialOutput partial(world(), folder.file("x.txt"), {});
    RunSpool spool(world(), partial, "text");
    std::filesystem::create_symlink("/dev/full",
                                    partial.file("text.rank" + std::to_string(world().rank())));
    try {
        spool.keep(0, "something");
        ADD_FAILURE() << "it was written";
    } catch (Error const& error) {
        std::string const message = error.what();
        EXPECT_EQ(message.rfind(folder.file("x.txt") + ": ", 0), 0u) << message;
        EXPECT_NE(message.find("No space left on device"), std::string::npos) << message;
    }
    world().barrier();  // its folder is there until all have tried
}

TEST(RunSpool, ABlockOfManyPiecesIsChangedOnItsWay) {
    SharedFolder folder(world());
    PartialOutput partial(world(), folder.file("x.bin"), {});
    OrderedTextWriter out(world(), partial, "numbers");
    RunSpool spool(world(), partial, "numbers");
    // more than two pieces, and not a whole number of them
    std::vector<std::int64_t> numbers((std::size_t{5} << 16) + 3);
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<std::int64_t>(i);
    std::string_view const block(reinterpret_cast<char const*>(numbers.data()),
                                 numbers.size() * sizeof(std::int64_t));
    int const rank = world().rank();
    spool.keep(2 * rank + 1, block);  // the later one first
    spool.keep(2 * rank, block.substr(0, 8));
    spool.append_to(out, [&](std::size_t which, std::span<std::byte> piece) {
        for (std::size_t i = 0; i < piece.size(); i += 8) {
            std::int64_t value = 0;
            std::memcpy(&value, &piece[i], 8);
            value += which == 0 ? rank : -1;
            std::memcpy(&piece[i], &value, 8);
        }
    });
    out.commit();
    std::string const text = read_text_file(folder.file("x.bin"));
    std::vector<std::int64_t> found(text.size() / 8);
    std::memcpy(found.data(), text.data(), text.size());
    ASSERT_EQ(found.size(), static_cast<std::size_t>(world().size()) * (numbers.size() + 1));
    for (std::size_t r = 0; r < static_cast<std::size_t>(world().size()); ++r) {
        auto const first = found.begin() + static_cast<std::ptrdiff_t>(r * (numbers.size() + 1));
        EXPECT_EQ(*first, -1);
        std::vector<std::int64_t> wanted = numbers;
        for (std::int64_t& number : wanted) number += static_cast<std::int64_t>(r);
        EXPECT_TRUE(std::equal(wanted.begin(), wanted.end(), first + 1)) << r;
    }
}

}  // namespace
}  // namespace partita::io::run_spool_test
