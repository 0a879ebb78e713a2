#include "comm/cached_copy.hpp"

#include "support/temp_folder.hpp"

#include "partita/core/hash.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <gmock/gmock.h>

namespace partita {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::int64_t hour = 3600;

/// Copies of 100 bytes that were last used some hours ago.
class EvictCopies : public testing::Test {
  protected:
    std::string put(std::uint64_t hash, std::int64_t hours) {
        std::string const path = cached_copy_path(folder_.path(), hash, 100);
        std::string const name = path.substr(path.rfind('/') + 1);
        folder_.put(name, std::string(100, 'x'));
        timespec const used{std::time(nullptr) - hours * hour, 0};
        timespec const times[2] = {used, used};
        EXPECT_EQ(utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
        return path;
    }
    std::vector<std::string> evicted(std::int64_t bytes, std::int64_t free_bytes) const {
        return copies_to_evict(folder_.path(), bytes, free_bytes);
    }

    test::TempFolder folder_;
};

TEST_F(EvictCopies, ThoseUnusedForLongestGoUntilHalfOfTheRoomIsEnough) {
    std::string const b = put(2, 5), a = put(1, 9), c = put(3, 1), now = put(4, 0);
    folder_.put("unrelated-100", std::string(100, 'x'));
    // four copies take 400 bytes
    EXPECT_THAT(evicted(100, 600), IsEmpty());
    EXPECT_THAT(evicted(101, 600), ElementsAre(a));
    EXPECT_THAT(evicted(100, 300), ElementsAre(a, b));
    EXPECT_THAT(evicted(5000, 600), ElementsAre(a, b, c));  // but none that is in use
    EXPECT_THAT(evicted(5000, 0), ElementsAre(a, b, c));
    EXPECT_THAT(copies_to_evict(folder_.file("nowhere"), 1, 0), IsEmpty());
}

TEST_F(EvictCopies, ACopyThatIsFoundCountsAsUsed) {
    std::string const a = put(hash_bytes(std::string(100, 'x')), 8);
    put(7, 9);
    std::string const b = put(9, 5);
    EXPECT_THAT(evicted(5000, 0), ElementsAre(cached_copy_path(folder_.path(), 7, 100), a, b));
    struct stat before {
    }, after{};
    ASSERT_EQ(stat(a.c_str(), &before), 0);
    EXPECT_TRUE(has_valid_copy(folder_.path(), hash_bytes(std::string(100, 'x')), 100, true));
    ASSERT_EQ(stat(a.c_str(), &after), 0);
    EXPECT_EQ(before.st_mtime, after.st_mtime);
    EXPECT_THAT(evicted(5000, 0), ElementsAre(cached_copy_path(folder_.path(), 7, 100), b));
}

TEST_F(EvictCopies, RemovesNothingElse) {
    put(1, 9);
    folder_.put("other", "");
    evict_copies(folder_.path(), std::int64_t{1} << 60);
    EXPECT_EQ(folder_.entries(), 1);
}

}  // namespace
}  // namespace partita
