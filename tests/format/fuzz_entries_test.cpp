#include "format/fuzz/seeds.hpp"

#include "partita/core/random.hpp"

#include <gmock/gmock.h>

namespace partita::format::test {
namespace {

void run(FuzzEntry entry, std::string const& file) {
    // A copy of exactly this size, so that a sanitizer sees every access beyond it.
    std::vector<std::uint8_t> const bytes(file.begin(), file.end());
    EXPECT_NO_THROW(entry(bytes.data(), bytes.size())) << testing::PrintToString(file);
}

TEST(FuzzEntries, SurviveAllKnownBadFiles) {
    for (FuzzSeeds const& seeds : fuzz_seeds())
        for (std::string const& file : seeds.files) run(seeds.entry, file);
}

TEST(FuzzEntries, SurviveDamagedFiles) {
    std::uint64_t const seed = 5;
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomStream random(seed);
    for (FuzzSeeds const& seeds : fuzz_seeds())
        for (std::string file : seeds.files)
            for (int i = 0; i < 5 && !file.empty(); ++i) {
                file[random.below(file.size())] ^= static_cast<char>(1 + random.below(255));
                run(seeds.entry, file);
                run(seeds.entry, file.substr(0, random.below(file.size())));
            }
}

}  // namespace
}  // namespace partita::format::test
