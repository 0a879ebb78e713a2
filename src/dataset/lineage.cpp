#include "partita/dataset/lineage.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace partita::dataset {
namespace {

/// Numbers kept results in the order in which they are computed, and writes a line for each.
class Explanation {
  public:
    /// @param outline  Operations only, also of what need not run again.
    explicit Explanation(bool outline) : outline_(outline) {}

    std::string text() { return std::move(text_); }

    /// "reduce_by_key | map (of 1)", after what it starts from has been written.
    std::string describe(Chain const& chain) {
        std::vector<std::size_t> numbers;
        for (auto const& start : chain.starts) {
            std::size_t const number = number_of(start.get());
            if (std::find(numbers.begin(), numbers.end(), number) == numbers.end())
                numbers.push_back(number);
        }
        if (numbers.empty()) return chain.operations;
        return fmt::format("{} (of {})", chain.operations, fmt::join(numbers, ", "));
    }

    void add_line(std::string const& line) { text_ += line + "\n"; }

  private:
    std::size_t number_of(KeptResult const* result) {
        auto const known = std::find(numbered_.begin(), numbered_.end(), result);
        if (known != numbered_.end())
            return static_cast<std::size_t>(known - numbered_.begin()) + 1;
        std::vector<std::string> runs;
        bool const runs_now = outline_ || !result->computed;
        if (runs_now)
            for (Chain const& input : result->inputs) runs.push_back(describe(input));
        numbered_.push_back(result);
        std::size_t const number = numbered_.size();
        std::string const how =
            runs_now ? fmt::format("runs {}", fmt::join(runs, "; ")) : "is computed";
        add_line(fmt::format("{}. {}: {}", number, result->operation, how));
        if (!outline_)
            add_line(fmt::format("   {}: {} partitions", result->movement, result->partitions));
        return number;
    }

    bool outline_;
    std::vector<KeptResult const*> numbered_;
    std::string text_;
};

}  // namespace

std::string explain(Chain const& chain, std::int64_t partitions, std::string const& placement) {
    Explanation explanation(false);
    std::string const last = explanation.describe(chain);
    explanation.add_line(fmt::format("then: {}: {} partitions{}", last, partitions,
                                     placement.empty() ? "" : ", placed by " + placement));
    return explanation.text();
}

std::string outline(Chain const& chain) {
    Explanation explanation(true);
    std::string const last = explanation.describe(chain);
    explanation.add_line(std::string(outline_end) + last);
    return explanation.text();
}

}  // namespace partita::dataset
