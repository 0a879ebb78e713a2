#include "knn/build/growing_graph.hpp"

#include "partita/core/random.hpp"

#include <cmath>

namespace partita::knn {

namespace {

/// As FAISS cuts them off: levels that fewer than one in a billion nodes would have.
std::vector<double> probabilities_of_levels(std::int64_t links) {
    std::vector<double> probabilities;
    double const inverse = 1 / static_cast<double>(links);
    for (double p = 1 - inverse; p >= 1e-9; p *= inverse) probabilities.push_back(p);
    return probabilities;
}

/// Puts things one after the other into a file, small ones in large pieces.
class Appender {
  public:
    explicit Appender(GrowingGraph::Write const& write) : write_(write) {
        pending_.reserve(piece_bytes);
    }

    void put(void const* data, std::int64_t bytes) {
        if (static_cast<std::int64_t>(pending_.size()) + bytes > piece_bytes) flush();
        if (bytes > piece_bytes) {
            write_(end_, data, bytes);
            end_ += bytes;
            return;
        }
        auto const* first = static_cast<std::byte const*>(data);
        pending_.insert(pending_.end(), first, first + bytes);
    }
    template <class T>
    void put_value(T value) {
        put(&value, sizeof value);
    }
    void put_all(std::vector<std::byte> const& bytes) {
        put(bytes.data(), static_cast<std::int64_t>(bytes.size()));
    }
    void flush() {
        auto const bytes = static_cast<std::int64_t>(pending_.size());
        if (bytes == 0) return;
        write_(end_, pending_.data(), bytes);
        end_ += bytes;
        pending_.clear();
    }

  private:
    static constexpr std::int64_t piece_bytes = 1 << 20;

    GrowingGraph::Write const& write_;
    std::vector<std::byte> pending_;
    std::int64_t end_ = 0;
};

int draw_level(std::vector<double> const& probabilities, std::uint64_t seed, std::int64_t node) {
    double left = RandomStream(seed, static_cast<std::uint64_t>(node)).uniform();
    int level = 0;
    for (double probability : probabilities) {
        if (left < probability) return level;
        left -= probability;
        ++level;
    }
    return level - 1;
}

}  // namespace

GrowingGraph::GrowingGraph(std::int64_t rows, std::int64_t dim, std::int64_t links, bool l2,
                           std::uint64_t seed)
    : rows_(rows),
      dim_(dim),
      links_(links),
      l2_(l2),
      level_probabilities_(probabilities_of_levels(links)),
      vectors_(rows, dim),
      levels_(rows),
      offsets_(rows + 1),
      links_0_(rows * 2 * links) {
    std::int64_t end = 0;
    for (std::int64_t node = 0; node < rows; ++node) {
        levels_[node] = static_cast<std::int8_t>(draw_level(level_probabilities_, seed, node));
        offsets_[node] = end;
        end += (2 + levels_[node]) * links;
    }
    offsets_[rows] = end;
    links_above_ = Buffer<std::int32_t>(end - rows * 2 * links);
    std::fill(links_0_.begin(), links_0_.end(), -1);
    std::fill(links_above_.begin(), links_above_.end(), -1);
}

std::int64_t GrowingGraph::memory_bytes(std::int64_t rows, std::int64_t dim, std::int64_t links) {
    // Above level 0, M links of 4 bytes for each of the levels, whose mean number is 1 / (M - 1).
    std::int64_t const above = 4 * links / (links - 1) + 1;
    return rows * (dim * 4 + links * 8 + above + 9);
}

std::int64_t GrowingGraph::file_bytes(std::int64_t rows, std::int64_t dim, std::int64_t links,
                                      std::uint64_t seed) {
    auto const probabilities = probabilities_of_levels(links);
    std::vector<std::int32_t> const cumulative(probabilities.size() + 1);
    std::int64_t all_links = 0;
    for (std::int64_t node = 0; node < rows; ++node)
        all_links += (2 + draw_level(probabilities, seed, node)) * links;
    return std::ssize(hnsw_prefix(rows, dim, true, probabilities, cumulative)) + 3 * 8 + rows * 4 +
           (rows + 1) * 8 + all_links * 4 + std::ssize(hnsw_suffix(0, 0, 0, 0)) +
           std::ssize(flat_prefix(rows, dim, true)) + rows * dim * 4;
}

void GrowingGraph::write(Write const& write, int ef_construction, int ef_search) const {
    std::vector<std::int32_t> cumulative{0};
    for (std::size_t level = 0; level < level_probabilities_.size(); ++level)
        cumulative.push_back(
            static_cast<std::int32_t>(cumulative.back() + capacity(static_cast<int>(level))));
    Appender out(write);
    out.put_all(hnsw_prefix(rows_, dim_, l2_, level_probabilities_, cumulative));
    out.put_value(rows_);
    for (std::int8_t level : levels_.span()) out.put_value(std::int32_t{level} + 1);
    out.put_value(offsets_.size());
    out.put(offsets_.data(), offsets_.size() * 8);
    out.put_value(offsets_[rows_]);
    for (std::int64_t node = 0; node < rows_; ++node) {
        std::int64_t const first_above = offsets_[node] - 2 * links_ * node;
        out.put(links_0_.data() + 2 * links_ * node, links_ * 8);
        out.put(links_above_.data() + first_above, links_ * levels_[node] * 4);
    }
    out.put_all(hnsw_suffix(entry_point, max_level, ef_construction, ef_search));
    out.put_all(flat_prefix(rows_, dim_, l2_));
    out.put(vectors_.data(), rows_ * dim_ * 4);
    out.flush();
}

}  // namespace partita::knn
