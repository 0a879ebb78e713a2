#include "partita/dataset/key_hash.hpp"
#include "partita/dataset/table_keys.hpp"

#include <set>
#include <string>
#include <sys/mman.h>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

namespace partita::dataset {
namespace {

std::string letters(std::size_t size, char last) {
    std::string text(size, 'k');
    if (size > 0) text.back() = last;
    return text;
}

TEST(TextKey, HoldsAndComparesTextOfAnyLength) {
    for (std::size_t size = 0; size < 40; ++size) {
        std::string const a = letters(size, 'a'), same = a, b = letters(size, 'b');
        EXPECT_EQ(TextKey(a).view(), a);
        EXPECT_EQ(TextKey(a).is_inline(), size <= 15);
        EXPECT_TRUE(TextKey(a) == TextKey(same)) << size;
        EXPECT_EQ(TextKey(a) == TextKey(b), a == b) << size;
        EXPECT_FALSE(TextKey(a) == TextKey(a + "a")) << size;
        EXPECT_FALSE(TextKey(a) == TextKey(a + std::string(1, '\0'))) << size;
    }
}

/// What lies behind a text is neither part of the key, nor read from a page that is not there.
TEST(TextKey, ReadsNothingOfTheNextPage) {
    auto const page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    void* const pages =
        ::mmap(nullptr, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(pages, MAP_FAILED);
    auto* const end = static_cast<char*>(pages) + page;
    ASSERT_EQ(::mprotect(end, page, PROT_NONE), 0);
    for (std::size_t size = 0; size <= 15; ++size)
        for (std::size_t behind : {0, 1, 20}) {
            std::string const text = letters(size, 'x');
            std::fill(end - 64, end, 'y');
            std::copy(text.begin(), text.end(), end - behind - size);
            EXPECT_TRUE(TextKey(std::string_view(end - behind - size, size)) == TextKey(text));
        }
    ::munmap(pages, 2 * page);
}

TEST(TextPool, KeepsWhatItsSourceForgets) {
    MemoryAccount account(1 << 20);
    TableKeys<std::string> keys(account);
    std::vector<TextKey> kept;
    for (std::size_t size = 0; size < 3000; ++size) {
        std::string text = letters(size, 'z');
        kept.push_back(keys.keep(text));
        std::fill(text.begin(), text.end(), '?');
    }
    for (std::size_t size = 0; size < 3000; ++size)
        EXPECT_EQ(kept[size].view(), letters(size, 'z')) << size;
    EXPECT_GE(keys.memory_bytes(), 2999 * 3000 / 2 - 15 * 16 / 2);
}

// Hashes decide who owns a key: these values may never change.
TEST(KeyHash, OfTextIsTheSameOnEveryBuild) {
    EXPECT_EQ(key_hash(std::string()), 0x2afa3043c0fbb4d2u);
    EXPECT_EQ(key_hash(std::string("partita")), 0x8dad34a603d1a11eu);
    EXPECT_EQ(key_hash(std::string_view("fifteen letters")), 0xf4cda1bb70e7a43fu);
    EXPECT_EQ(key_hash(std::string("sixteen letters!")), hash_bytes("sixteen letters!"));
}

TEST(KeyHash, OfTextMovesAllBits) {
    std::set<std::uint64_t> top, bottom;
    double moved = 0;
    for (int i = 0; i < 4096; ++i) {
        std::string text = "key" + std::to_string(i);
        std::uint64_t const hash = key_hash(text);
        top.insert(hash >> 40);
        bottom.insert(hash & 0xffffff);
        text[static_cast<std::size_t>(i) % text.size()] ^= static_cast<char>(1 << (i % 7));
        moved += __builtin_popcountll(hash ^ key_hash(text));
    }
    // Of 4096 among 2^24 values half a pair coincides.
    EXPECT_GT(top.size(), 4090u);
    EXPECT_GT(bottom.size(), 4090u);
    EXPECT_NEAR(moved / 4096, 32, 0.5);
}

}  // namespace
}  // namespace partita::dataset
