#include "comm/file_chain.hpp"

#include "support/shared_folder.hpp"

#include "partita/core/error.hpp"
#include "partita/core/hash.hpp"
#include "partita/core/random.hpp"

#include <cstring>
#include <vector>

#include <gtest/gtest.h>

namespace partita::file_chain_test {
namespace {

Communicator world() { return Communicator::world(); }

/// Holds a copy in memory, and fails at a chosen chunk.
class FragileTarget : public CopyTarget {
  public:
    explicit FragileTarget(Chunks chunks)
        : bytes(static_cast<std::size_t>(chunks.file_bytes)), chunks_(chunks) {}

    std::byte* prepare(std::int64_t chunk) override {
        check(chunk != fail_prepare, "no room for chunk {}", chunk);
        return bytes.data() + chunks_.offset(chunk);
    }
    void keep(std::int64_t chunk) override {
        check(chunk != fail_keep, "cannot write chunk {}", chunk);
        ++kept;
    }
    void finish() override { finished = true; }

    std::vector<std::byte> bytes;
    std::int64_t fail_prepare = -1, fail_keep = -1, kept = 0;
    bool finished = false;

  private:
    Chunks chunks_;
};

/// A file of 25 chunks on its way through all ranks, by rank.
class FileChain : public testing::Test {
  protected:
    FileChain() : folder_(world()), original_(chunks_.file_bytes), target_(chunks_) {
        RandomStream random(5);
        for (std::byte& byte : original_) byte = static_cast<std::byte>(random());
        if (comm_.is_root())
            File::create(folder_.file("x")).write_at(0, original_.data(), chunks_.file_bytes);
    }

    ChainOutcome run() {
        ChainLink link(comm_, chunks_);
        link.target = &target_;
        if (comm_.rank() > 0) link.previous = comm_.rank() - 1;
        if (comm_.rank() + 1 < comm_.size()) link.next = comm_.rank() + 1;
        if (comm_.rank() > 0) return receive_along(link);
        return send_along(link, File::open_read(folder_.file("x")), {});
    }

    bool has_original() const {
        return std::memcmp(target_.bytes.data(), original_.data(), original_.size()) == 0;
    }

    Communicator comm_ = world();
    test::SharedFolder folder_;
    Chunks chunks_{2497, 100};
    std::vector<std::byte> original_;
    FragileTarget target_;
};

TEST(ChunksOfAFile, CoverItOnce) {
    for (std::int64_t const bytes : {0, 1, 99, 100, 101, 1000}) {
        Chunks const chunks{bytes, 100};
        std::int64_t sum = 0;
        for (std::int64_t c = 0; c < chunks.count(); ++c) {
            EXPECT_EQ(chunks.offset(c), sum);
            EXPECT_GT(chunks.size(c), 0);
            sum += chunks.size(c);
        }
        EXPECT_EQ(sum, bytes);
    }
}

TEST_F(FileChain, AllHaveTheBytesAndTheHash) {
    ChainOutcome const outcome = run();
    EXPECT_FALSE(outcome.failure.has_value());
    EXPECT_EQ(outcome.hash, hash_bytes(original_.data(), original_.size()));
    EXPECT_TRUE(has_original());
    EXPECT_EQ(target_.kept, chunks_.count());
    EXPECT_TRUE(target_.finished);
}

TEST_F(FileChain, FailureOnTheWayDoesNotStopTheOthers) {
    bool const fragile = comm_.rank() == comm_.size() / 2;
    for (std::int64_t const chunk : {std::int64_t{0}, std::int64_t{7}, chunks_.count() - 1})
        for (bool const while_preparing : {true, false}) {
            target_ = FragileTarget(chunks_);
            if (fragile) (while_preparing ? target_.fail_prepare : target_.fail_keep) = chunk;
            ChainOutcome const outcome = run();
            std::string const reason = while_preparing ? "no room for" : "cannot write";
            EXPECT_EQ(outcome.failure.value_or("(none)"),
                      fragile ? reason + " chunk " + std::to_string(chunk) : "(none)");
            EXPECT_EQ(target_.finished, !fragile);
            EXPECT_TRUE(fragile || has_original());
        }
}

}  // namespace
}  // namespace partita::file_chain_test
