#include "partita/knn/metric.hpp"

#include "partita/core/error.hpp"
#include "partita/core/suggest.hpp"

#include <array>

namespace partita::knn {

Metric parse_metric(std::string const& text) {
    if (text == "l2" || text == "euclidean") return Metric::l2;
    if (text == "cosine" || text == "angular") return Metric::cosine;
    if (text == "ip" || text == "inner_product") return Metric::inner_product;
    static std::array<std::string, 6> const names = {"l2",        "cosine",  "ip",
                                                     "euclidean", "angular", "inner_product"};
    fail("metric: expected l2, cosine or ip, got '{}'{}", text, did_you_mean(text, names));
}

std::string to_string(Metric metric) {
    switch (metric) {
        case Metric::l2:
            return "l2";
        case Metric::cosine:
            return "cosine";
        case Metric::inner_product:
            return "ip";
    }
    return "unknown";
}

}  // namespace partita::knn
