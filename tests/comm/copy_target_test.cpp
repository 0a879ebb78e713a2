#include "comm/copy_target.hpp"

#include "support/scoped_file_limit.hpp"

#include "partita/core/error.hpp"
#include "partita/core/file.hpp"
#include "partita/core/scratch.hpp"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

namespace partita {
namespace {

/// On a disk (usually) and in memory.
class CopyTargetIn : public testing::TestWithParam<char const*> {
  protected:
    void put(CopyTarget& target, std::int64_t chunk) const {
        std::memset(target.prepare(chunk), static_cast<int>('a' + chunk),
                    static_cast<std::size_t>(chunks_.size(chunk)));
        target.keep(chunk);
    }

    ScratchDir folder_{GetParam()};
    std::string path_ = folder_.path() + "/copy";
    Chunks chunks_{95, 10};
};

TEST_P(CopyTargetIn, ChunksEndUpInTheFileInOrder) {
    std::string expected;
    auto const target = make_copy_target(path_, chunks_);
    for (std::int64_t chunk = 0; chunk < chunks_.count(); ++chunk) {
        put(*target, chunk);
        expected.append(static_cast<std::size_t>(chunks_.size(chunk)),
                        static_cast<char>('a' + chunk));
    }
    target->finish();
    EXPECT_EQ(read_text_file(path_), expected);
}

TEST_P(CopyTargetIn, FolderThatIsMissingOrTooSmallIsAnError) {
    EXPECT_THROW(make_copy_target(folder_.path() + "/nowhere/copy", chunks_), Error);
    EXPECT_THROW(make_copy_target(path_, {std::int64_t{1} << 60, 1 << 20}), Error);
    EXPECT_FALSE(std::filesystem::exists(path_));
    test::ScopedFileLimit const limit(50);
    EXPECT_THROW(make_copy_target(path_, chunks_), Error);
}

INSTANTIATE_TEST_SUITE_P(Folders, CopyTargetIn, testing::Values("/tmp", "/dev/shm", "/var/tmp"),
                         [](auto const& folder) {
                             std::string name = folder.param;
                             std::replace(name.begin(), name.end(), '/', '_');
                             return name;
                         });

TEST(CopyTargetOnDisk, LastWriteThatFailsIsAnErrorAtTheEnd) {
    ScratchDir const folder("/var/tmp");
    Chunks const chunks{30, 10};
    auto const target = make_copy_target(folder.path() + "/copy", chunks);
    test::ScopedFileLimit const limit(25);
    for (std::int64_t chunk = 0; chunk < 3; ++chunk) {
        std::memset(target->prepare(chunk), 'x', 10);
        target->keep(chunk);
    }
    EXPECT_THROW(target->finish(), Error);
}

}  // namespace
}  // namespace partita
