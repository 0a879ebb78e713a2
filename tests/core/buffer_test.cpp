#include "partita/core/buffer.hpp"

#include "support/error_message.hpp"

#include <algorithm>
#include <limits>

#include <gmock/gmock.h>

namespace partita {
namespace {

using test::error_message;
using ::testing::StartsWith;

constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();

std::uintptr_t address(void const* pointer) { return reinterpret_cast<std::uintptr_t>(pointer); }

TEST(Buffer, IsAligned) {
    for (std::int64_t const bytes : {1, 63, 64, 65, 4096, (1 << 20) - 1}) {
        Buffer<char> const buffer(bytes);
        EXPECT_EQ(address(buffer.data()) % 64, 0u) << bytes;
    }
    for (std::int64_t const bytes : {1 << 20, (1 << 20) + 1, 2 << 20, (7 << 20) + 12345}) {
        Buffer<char> const buffer(bytes);
        EXPECT_EQ(address(buffer.data()) % (2 << 20), 0u) << bytes;
    }
}

TEST(Buffer, EveryByteCanBeUsed) {
    for (std::int64_t const bytes : {1, 4095, 1 << 20, (1 << 20) + 4097, 5 << 20}) {
        Buffer<unsigned char> buffer(bytes);
        std::fill(buffer.begin(), buffer.end(), 0xab);
        EXPECT_EQ(buffer[0], 0xab);
        EXPECT_EQ(buffer[bytes - 1], 0xab);
        EXPECT_EQ(buffer.span().size(), static_cast<std::size_t>(bytes));
    }
}

TEST(Buffer, ReleasedPagesComeBackUnlessThereIsNoRoom) {
    limit_recycled_pages(64 << 20);
    auto const place_of = [](std::int64_t bytes) { return Buffer<char>(bytes).data(); };
    char* const place = place_of(5 << 20);
    Buffer<char> const again((5 << 20) - 17);  // of the same number of huge pages
    EXPECT_EQ(again.data(), place);
    Buffer<char> const another(5 << 20);
    EXPECT_NE(another.data(), place);
    limit_recycled_pages(0);
    void* const kept_by_nobody = allocate_pages(6 << 20);
    release_pages(kept_by_nobody, 6 << 20);
    Buffer<char> const fresh(6 << 20);
    EXPECT_TRUE(std::all_of(fresh.begin(), fresh.end(), [](char c) { return c == 0; }));
    limit_recycled_pages(256 << 20);
}

TEST(Buffer, EmptyOnesHoldNothing) {
    for (Buffer<int> const& buffer : {Buffer<int>(), Buffer<int>(0), Buffer<int>(-5)}) {
        EXPECT_TRUE(buffer.empty());
        EXPECT_EQ(buffer.data(), nullptr);
        EXPECT_EQ(buffer.begin(), buffer.end());
    }
    void* const nothing = allocate_pages(0);
    EXPECT_NE(nothing, nullptr);
    release_pages(nothing, 0);
}

TEST(Buffer, MovesItsElements) {
    Buffer<int> first(3);
    first[2] = 7;
    int const* const place = first.data();
    Buffer<int> second = std::move(first);
    EXPECT_EQ(second.data(), place);
    EXPECT_TRUE(first.empty());
    Buffer<int> third(1 << 20);
    third = std::move(second);
    EXPECT_EQ(third.size(), 3);
    EXPECT_EQ(third[2], 7);
    auto& same = third;
    third = std::move(same);
    EXPECT_EQ(third.data(), place);
}

TEST(Buffer, SaysWhatCouldNotBeAllocated) {
    EXPECT_THAT(error_message([] { Buffer<char> const buffer(std::int64_t{1} << 60); }),
                StartsWith("cannot allocate 1.00 EiB: "));
}

TEST(Buffer, SizesThatOverflowAreRefused) {
    EXPECT_THAT(error_message([] { Buffer<double> const buffer(largest / 2); }),
                StartsWith("cannot allocate "));
    EXPECT_THAT(error_message([] { Matrix const matrix(std::int64_t{1} << 40, 1 << 24); }),
                StartsWith("cannot allocate "));
}

TEST(SaturatedProduct, NeverWraps) {
    static_assert(saturated_product(6, 7) == 42);
    static_assert(saturated_product(0, largest) == 0);
    static_assert(saturated_product(-3, -4) == 0);
    static_assert(saturated_product(largest, 1) == largest);
    static_assert(saturated_product(largest / 2 + 1, 2) == largest);
    static_assert(saturated_product(std::int64_t{1} << 32, std::int64_t{1} << 31) == largest);
    static_assert(saturated_product(std::int64_t{1} << 31, std::int64_t{1} << 31) == std::int64_t{1}
                                                                                         << 62);
}

TEST(Matrix, IsRowMajor) {
    Matrix matrix(3, 2);
    for (std::int64_t i = 0; i < 6; ++i) matrix.data()[i] = static_cast<float>(i);
    EXPECT_EQ(matrix.row(1)[0], 2);
    EXPECT_EQ(matrix.view().row(2)[1], 5);
    MatrixView const readonly = matrix.view();
    EXPECT_EQ(readonly.data, matrix.data());
    EXPECT_EQ(readonly.size(), 6);
}

TEST(Matrix, MayHaveNoRows) {
    Matrix const matrix(0, 5);
    EXPECT_EQ(matrix.cols(), 5);
    EXPECT_TRUE(matrix.view().empty());
}

TEST(MatrixView, SlicesRows) {
    float values[] = {0, 1, 2, 3, 4, 5, 6, 7};
    MutableMatrixView const all(values, 4, 2);
    auto const middle = all.slice(1, 3);
    EXPECT_EQ(middle.rows, 2);
    EXPECT_THAT(middle.row(0), ::testing::ElementsAre(2, 3));
    EXPECT_THAT(middle.row(1), ::testing::ElementsAre(4, 5));
    EXPECT_TRUE(all.slice(4, 4).empty());
}

}  // namespace
}  // namespace partita
