// Scores of bytes: the kernels against their definition, the bound on their error, and that results
// are those of floats, bit for bit.

#include "knn/byte_panel.hpp"
#include "knn/nearest_centroids.hpp"
#include "support/knn_oracle.hpp"

#include "partita/core/buffer.hpp"
#include "partita/core/random.hpp"
#include "partita/knn/distance.hpp"
#include "partita/knn/exact_search.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace partita::knn::byte_scores_test {
namespace {

std::vector<ByteKernels const*> runnable_tables() {
    std::vector<ByteKernels const*> tables{&scalar_byte_kernels};
#if defined(__x86_64__)
    if (has_vnni()) tables.push_back(&vnni_byte_kernels);
#endif
    return tables;
}

/// Sets how rows are scored, for as long as it lives.
class Scoring {
  public:
    explicit Scoring(char const* kind) {
        if (char const* const before = std::getenv(name)) before_ = before;
        setenv(name, kind, 1);
    }
    ~Scoring() { setenv(name, before_.c_str(), 1); }
    Scoring(Scoring const&) = delete;
    Scoring& operator=(Scoring const&) = delete;

  private:
    static constexpr char const* name = "PARTITA_KNN_SCORES";
    std::string before_;
};

double squared_length(std::vector<double> const& x) {
    double sum = 0;
    for (double const value : x) sum += value * value;
    return sum;
}

TEST(ByteKernels, RoundToTheNearestCode) {
    for (auto const* table : runnable_tables()) {
        for (std::int64_t const dim : {1, 3, 4, 16, 17, 63, 64, 65, 100, 127, 960}) {
            auto const x = test::normal_vectors(1, dim, 1);
            auto const padded = static_cast<std::size_t>(byte_groups(dim) * byte_group);
            std::vector<std::int8_t> codes(padded + 1, 77);
            ByteScale const scale = table->round(x.data(), dim, codes.data());
            std::vector<double> errors;
            int sum = 0;
            for (std::size_t p = 0; p < padded; ++p) {
                double const value = p < x.size() ? static_cast<double>(x[p]) : 0;
                errors.push_back(value - static_cast<double>(scale.step) * codes[p]);
                ASSERT_LE(std::fabs(errors.back()), static_cast<double>(scale.step) * 0.50001);
                sum += codes[p];
            }
            EXPECT_EQ(codes[padded], 77);
            EXPECT_EQ(scale.product, -byte_zero * sum);
            EXPECT_EQ(*std::max_element(codes.begin(), codes.end() - 1) == 127 ||
                          *std::min_element(codes.begin(), codes.end() - 1) == -127,
                      true);
            double const expected = squared_length(errors);
            EXPECT_NEAR(static_cast<double>(scale.squared_error), expected,
                        1e-4 * expected + 1e-12);
        }
    }
}

TEST(ByteKernels, PanelsHoldTheTransposedRoundedRows) {
    for (auto const* table : runnable_tables()) {
        for (std::int64_t const dim : {1, 3, 16, 19, 64, 100, 129}) {
            for (std::int64_t const rows : {1, 16, 33, 64}) {
                auto const base = test::normal_vectors(rows, dim, 3);
                auto const centre = test::normal_vectors(1, dim, 4);
                Buffer<std::uint8_t> panel(byte_panel_bytes(dim));
                ByteColumns columns;
                table->pack_panel(base.data(), rows, dim, centre.data(), panel.data(), columns);
                for (std::int64_t j = 0; j < panel_columns; ++j) {
                    std::vector<double> values, errors;
                    for (std::int64_t p = 0; p < byte_groups(dim) * byte_group; ++p) {
                        bool const there = j < rows && p < dim;
                        auto const at = static_cast<std::size_t>(j * dim + p);
                        float const x =
                            there ? base[at] - centre[static_cast<std::size_t>(p)] : 0.0f;
                        int const code = panel[(p / byte_group * panel_columns + j) * byte_group +
                                               p % byte_group] -
                                         byte_zero;
                        values.push_back(static_cast<double>(x));
                        errors.push_back(values.back() -
                                         static_cast<double>(columns.steps[j]) * code);
                        ASSERT_LE(std::fabs(errors.back()),
                                  static_cast<double>(columns.steps[j]) * 0.50001);
                    }
                    double const square = squared_length(values), error = squared_length(errors);
                    ASSERT_NEAR(static_cast<double>(columns.squares[j]), square, 1e-5 * square);
                    // Less what float32 cannot tell of a coordinate and its code.
                    ASSERT_NEAR(std::sqrt(static_cast<double>(columns.squared_errors[j])),
                                std::sqrt(error),
                                1e-4 * std::sqrt(error) + 1e-7 * std::sqrt(square));
                }
            }
        }
    }
}

TEST(ByteKernels, TilesScoreAndCompare) {
    RandomStream random(5);
    auto const byte = [&] { return static_cast<int>(random.uniform() * 255) - 127; };
    for (std::int64_t const groups : {1, 5, 25, 240}) {
        std::vector<std::int8_t> codes(
            static_cast<std::size_t>(tile_queries * groups * byte_group));
        Buffer<std::uint8_t> panel(groups * panel_columns * byte_group);
        for (auto& code : codes) code = static_cast<std::int8_t>(byte());
        for (std::int64_t i = 0; i < panel.size(); ++i)
            panel[i] = static_cast<std::uint8_t>(byte() + byte_zero);
        alignas(64) float steps[panel_columns], bias[panel_columns];
        for (int j = 0; j < panel_columns; ++j) {
            steps[j] = j % 2 ? 0.5f : 2;  // so that all is exact
            bias[j] = static_cast<float>(j);
        }
        for (auto const* table : runnable_tables())
            for (int queries = 1; queries <= tile_queries; ++queries)
                for (int vectors = 1; vectors <= panel_vectors; ++vectors) {
                    std::int8_t const* pointers[tile_queries];
                    ByteTerms terms[tile_queries];
                    for (int q = 0; q < queries; ++q) {
                        pointers[q] = codes.data() + q * groups * byte_group;
                        int sum = 0;
                        for (std::int64_t p = 0; p < groups * byte_group; ++p)
                            sum += pointers[q][p];
                        terms[q] = {q % 2 ? 1.0f : 0.25f, 3, 100, -byte_zero * sum};
                    }
                    terms[queries - 1].threshold = 1e9f;
                    TileResult result;
                    bool const any = table->score_tile[vectors - 1][queries - 1](
                        pointers, groups, terms, panel.data(), steps, bias, result);
                    ASSERT_EQ(any, queries > 1);
                    ASSERT_EQ(any ? result.passed[queries - 1] : 0u, 0u);
                    for (int q = 0; any && q < queries - 1; ++q)
                        for (int j = 0; j < vectors * vector_columns; ++j) {
                            int sum = 0;
                            for (std::int64_t p = 0; p < groups * byte_group; ++p)
                                sum += pointers[q][p] *
                                       (panel[(p / byte_group * panel_columns + j) * byte_group +
                                              p % byte_group] -
                                        byte_zero);
                            float const score =
                                bias[j] + steps[j] * (terms[q].step * static_cast<float>(sum) + 3);
                            ASSERT_EQ((result.passed[q] >> j & 1) != 0, score >= 100);
                            if (result.passed[q] != 0) {
                                ASSERT_EQ(result.scores[q][j], score);
                            }
                        }
                }
    }
}

/// Vectors of the shapes that make rounding hard.
std::vector<float> vectors_of_kind(int kind, std::int64_t rows, std::int64_t dim,
                                   std::uint64_t seed) {
    auto values = test::normal_vectors(rows, dim, seed);
    RandomStream random(seed + 100);
    for (std::int64_t row = 0; row < rows; ++row) {
        float* const x = values.data() + row * dim;
        auto const scale = static_cast<float>(std::pow(10, random.uniform() * 12 - 6));
        for (std::int64_t p = 0; p < dim; ++p) {
            if (kind == 1) x[p] *= scale;         // long and short
            if (kind == 2 && p == 0) x[p] = 300;  // one large coordinate
            if (kind == 3) x[p] = row % 10 == 0 ? x[p] : values[static_cast<std::size_t>(p)];
            if (kind == 4) x[p] = 0.5f;                // all equal
            if (kind == 5) x[p] = 100 + 1e-3f * x[p];  // far away, together
            if (kind == 6 && row % 3 == 0) x[p] = 0;
            if (kind == 7) x[p] *= 1e-25f;
            if (kind == 8) x[p] *= row % 50 == 0 ? 1e22f : 1e12f;
        }
    }
    return values;
}
constexpr int kinds = 9;

TEST(ByteScores, LieWithinTheirBound) {
    for (auto const* table : runnable_tables())
        for (std::int64_t const dim : {1, 3, 64, 100, 127, 960})
            for (int kind = 0; kind < kinds; ++kind) {
                auto const base = vectors_of_kind(kind, 64, dim, 1);
                auto const queries = vectors_of_kind(kind, 6, dim, 2);
                ScoreBounds const bounds(Metric::l2, dim);
                Buffer<std::uint8_t> values(byte_panel_bytes(dim));
                BytePanel const panel = pack_bytes(*table, {base.data(), 64, dim}, Metric::l2,
                                                   bounds, nullptr, values.data());
                if (!panel.bounds.scorable) continue;
                std::vector<std::int8_t> codes(
                    static_cast<std::size_t>(byte_groups(dim) * byte_group));
                for (std::int64_t q = 0; q < 6; ++q) {
                    float const* const x = queries.data() + q * dim;
                    QueryBounds const of_query = bounds.of_query(x);
                    if (!ScoreBounds::scorable(of_query)) continue;
                    ByteQuery const query = round_query(*table, x, dim, of_query, codes.data());
                    ByteSlack const slack(query, of_query, panel);
                    ByteTerms terms = slack.terms(query, -INFINITY);
                    terms.offset = 0;
                    TileResult result;
                    std::int8_t const* const pointer = codes.data();
                    table->score_tile[3][0](&pointer, byte_groups(dim), &terms, values.data(),
                                            panel.columns.steps, panel.bias, result);
                    for (std::int64_t j = 0; j < 64; ++j) {
                        float const* const row = base.data() + j * dim;
                        long double score = 0;
                        for (std::int64_t p = 0; p < dim; ++p)
                            score += static_cast<long double>(x[p]) * row[p] -
                                     static_cast<long double>(row[p]) * row[p] / 2;
                        auto const off =
                            static_cast<double>(std::fabs(score - result.scores[0][j]));
                        ASSERT_LE(off, static_cast<double>(slack.rest +
                                                           slack.offset * panel.columns.steps[j]))
                            << dim << ' ' << kind;
                    }
                    if (kind == 0 && dim == 100) {  // and the bound is of use
                        EXPECT_LT(slack.rest, 0.03f * of_query.length * panel.bounds.length);
                    }
                }
            }
}

void expect_same_bits(Neighbors const& a, Neighbors const& b, std::string const& what) {
    ASSERT_TRUE(std::equal(a.positions.data(), a.positions.data() + a.positions.rows() * a.k(),
                           b.positions.data()))
        << what;
    ASSERT_TRUE(std::equal(a.distances.data(), a.distances.data() + a.positions.rows() * a.k(),
                           b.distances.data()))
        << what;
}

TEST(ByteScores, FindWhatFloatsFind) {
    for (Metric const metric : {Metric::l2, Metric::cosine, Metric::inner_product})
        for (std::int64_t const dim : {1, 3, 64, 100, 127, 960})
            for (int kind = 0; kind < kinds; ++kind) {
                auto base = vectors_of_kind(kind, 300, dim, 1);
                auto queries = vectors_of_kind(kind, 30, dim, 2);
                if (metric == Metric::cosine) {
                    normalise_rows({base.data(), 300, dim});
                    normalise_rows({queries.data(), 30, dim});
                }
                for (std::int64_t const k : {1, 10, 100}) {
                    auto const search = [&](char const* scores) {
                        Scoring const scoring(scores);
                        return exact_search({base.data(), 300, dim}, {queries.data(), 30, dim}, k,
                                            metric, {});
                    };
                    expect_same_bits(
                        search("bytes"), search("floats"),
                        to_string(metric) + ' ' + std::to_string(dim) + ' ' + std::to_string(kind));
                }
            }
}

TEST(ByteScores, FindTheCentroidsThatFloatsFind) {
    for (Metric const metric : {Metric::l2, Metric::inner_product})
        for (std::int64_t const dim : {1, 3, 100})
            for (int kind = 0; kind < kinds; ++kind) {
                auto const centroids = vectors_of_kind(kind, 500, dim, 3);
                auto const points = vectors_of_kind(kind, 100, dim, 4);
                for (std::int64_t const count : {1, 16, 200}) {
                    auto const find = [&](char const* scores) {
                        Scoring const scoring(scores);
                        NearestCentroids const nearest({centroids.data(), 500, dim}, metric);
                        std::vector<std::int32_t> found(static_cast<std::size_t>(100 * count));
                        nearest.find({points.data(), 100, dim}, count, found.data(), 2);
                        return found;
                    };
                    EXPECT_EQ(find("bytes"), find("floats")) << dim << ' ' << kind << ' ' << count;
                }
            }
}

}  // namespace
}  // namespace partita::knn::byte_scores_test
