#include "partita/knn/metric.hpp"

#include "support/error_message.hpp"

#include <gtest/gtest.h>

namespace partita::knn {
namespace {

TEST(Metric, NamesGoBothWays) {
    for (Metric const metric : {Metric::l2, Metric::cosine, Metric::inner_product})
        EXPECT_EQ(parse_metric(to_string(metric)), metric);
    EXPECT_EQ(parse_metric("euclidean"), Metric::l2);
    EXPECT_EQ(parse_metric("angular"), Metric::cosine);
    EXPECT_EQ(parse_metric("inner_product"), Metric::inner_product);
}

TEST(Metric, UnknownNamesAreRejected) {
    EXPECT_EQ(test::error_message([] { parse_metric("cosin"); }),
              "metric: expected l2, cosine or ip, got 'cosin' (did you mean 'cosine'?)");
}

}  // namespace
}  // namespace partita::knn
