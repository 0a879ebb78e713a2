#include "partita/core/hash.hpp"

#include <random>
#include <set>
#include <string>

#include <gmock/gmock.h>

namespace partita {
namespace {

/// `size` bytes that any language can make: byte i is i mod 251.
std::string counting_bytes(int size) {
    std::string bytes(static_cast<std::size_t>(size), '\0');
    for (int i = 0; i < size; ++i) bytes[static_cast<std::size_t>(i)] = static_cast<char>(i % 251);
    return bytes;
}

// Hashes are stored in files and decide who owns a key: these values may never change.
TEST(HashBytes, IsXxh3) {
    EXPECT_EQ(hash_bytes(""), 0x2d06800538d394c2u);
    EXPECT_EQ(hash_bytes("a"), 0xe6c632b61e964e1fu);
    EXPECT_EQ(hash_bytes("abc"), 0x78af5f94892f3950u);
    EXPECT_EQ(hash_bytes("partita", 7, 42), 0x5158f44d3e8eff54u);
    EXPECT_EQ(hash_bytes(counting_bytes(300).data(), 300, 7), 0x5c01cd610dd5af91u);
    EXPECT_EQ(hash_bytes(counting_bytes(2000)), 0x8d38fc31dc9d9fabu);
    EXPECT_EQ(hash_bytes(nullptr, 0), hash_bytes(""));
}

TEST(Mix64, IsSplitMix64) {
    static_assert(mix64(0) == 0xe220a8397b1dcdafu);
    static_assert(mix64(1) == 0x910a2dec89025cc1u);
}

TEST(Mix64, MovesHalfOfTheBits) {
    double moved = 0;
    for (int bit = 0; bit < 64; ++bit)
        for (std::uint64_t x = 0; x < 64; ++x)
            moved += __builtin_popcountll(mix64(x) ^ mix64(x ^ (std::uint64_t{1} << bit)));
    EXPECT_NEAR(moved / (64 * 64), 32, 0.5);
}

TEST(CombineHashes, DependsOnOrder) {
    static_assert(combine_hashes(1, 2) == 0xf445498bd334ba90u);
    EXPECT_NE(combine_hashes(1, 2), combine_hashes(2, 1));
    std::set<std::uint64_t> seen;
    for (std::uint64_t a = 0; a < 100; ++a)
        for (std::uint64_t b = 0; b < 100; ++b) seen.insert(combine_hashes(a, b));
    EXPECT_EQ(seen.size(), 10000u);
}

TEST(StreamingHash, EqualsTheHashOfTheWholeHoweverItIsCut) {
    std::uint64_t const seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    for (int size : {0, 1, 16, 240, 241, 1024, 100'000}) {
        std::string const bytes = counting_bytes(size);
        StreamingHash hash;
        for (std::size_t begin = 0; begin < bytes.size();) {
            std::size_t const part = std::min<std::size_t>(random() % 5000, bytes.size() - begin);
            hash.update(bytes.data() + begin, part);
            begin += part;
        }
        EXPECT_EQ(hash.digest(), hash_bytes(bytes)) << size;
    }
}

TEST(StreamingHash, GoesOnAfterADigestAndAMove) {
    StreamingHash first;
    first.update("par", 3);
    EXPECT_EQ(first.digest(), hash_bytes("par"));
    StreamingHash second = std::move(first);
    second.update("tita", 4);
    second.update(nullptr, 0);
    EXPECT_EQ(second.digest(), hash_bytes("partita"));
}

}  // namespace
}  // namespace partita
