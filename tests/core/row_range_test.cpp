#include "partita/core/row_range.hpp"

#include <gmock/gmock.h>

namespace partita {
namespace {

TEST(ShareOf, CoversAllRowsOnceInOrder) {
    for (std::int64_t const n : {0, 1, 2, 5, 7, 12, 100})
        for (std::int64_t const parts : {1, 2, 3, 4, 7, 13}) {
            std::int64_t next = 0;
            std::int64_t previous_size = n;
            for (std::int64_t part = 0; part < parts; ++part) {
                auto const share = share_of(n, parts, part);
                EXPECT_EQ(share.first, next);
                EXPECT_LE(share.size(), previous_size);  // the longer ones come first
                EXPECT_GE(share.size(), n / parts);
                EXPECT_LE(share.size(), n / parts + 1);
                next = share.last;
                previous_size = share.size();
            }
            EXPECT_EQ(next, n);
        }
}

TEST(ShareHolding, AgreesWithShareOf) {
    for (std::int64_t const n : {1, 2, 5, 7, 12, 100})
        for (std::int64_t const parts : {1, 2, 3, 4, 7, 13})
            for (std::int64_t row = 0; row < n; ++row)
                EXPECT_TRUE(share_of(n, parts, share_holding(n, parts, row)).contains(row))
                    << n << " rows, " << parts << " parts, row " << row;
}

TEST(ShareOf, TakesSizesBeyond32Bits) {
    std::int64_t const n = (std::int64_t{1} << 50) + 3;
    EXPECT_EQ(share_of(n, 4, 3).last, n);
    EXPECT_EQ(share_holding(n, 4, n - 1), 3);
}

TEST(RowRange, KnowsWhatItContains) {
    RowRange const rows{3, 5};
    EXPECT_FALSE(rows.contains(2));
    EXPECT_TRUE(rows.contains(3));
    EXPECT_FALSE(rows.contains(5));
    EXPECT_TRUE((RowRange{4, 4}).empty());
    EXPECT_FALSE(rows.empty());
}

}  // namespace
}  // namespace partita
