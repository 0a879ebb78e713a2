#include "ml/kmeans_start.hpp"

#include "ml/nearest_centre.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/random.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <optional>

namespace partita::ml {

namespace {

/// What a pass over rows looks at: the chance that a row is drawn, given the squared distance to
/// its nearest candidate.
using Chance = std::function<double(double weight, double squared_distance)>;

/// State: the weighted sum of squared distances, then the weight nearest to each centre.
class SharesPartial : public Partial {
  public:
    explicit SharesPartial(CentreTable const& table) : table_(table) {}
    std::int64_t size() const override { return 1 + table_.clusters(); }
    void accumulate(Batch const& batch, std::span<double> state, Scratch& scratch) const override {
        for_nearest(batch, table_, scratch,
                    [&](std::int64_t i, double const*, std::int32_t nearest, double square) {
                        double const weight = batch.weight(i);
                        state[0] += weight * square;
                        state[static_cast<std::size_t>(1 + nearest)] += weight;
                    });
    }

  private:
    CentreTable const& table_;
};

class Start {
  public:
    Start(Communicator const& comm, TrainingSet const& set, KMeansOptions const& options,
          std::span<double const> origin)
        : comm_(comm), set_(set), options_(options), origin_(origin), d_(set.features()) {}

    RealMatrix run() {
        switch (options_.start) {
            case KMeansStart::random:
                draw(static_cast<double>(options_.clusters) * 4, 0);
                return choose(std::vector<double>(candidates(), 1.0), true);
            case KMeansStart::plus_plus:
                draw(4096 + 64 * static_cast<double>(options_.clusters), 0);
                return choose(std::vector<double>(candidates(), 1.0), false);
            case KMeansStart::parallel:
                break;
        }
        // Bahmani et al. 2012: about 2 k more candidates a round, each row with a chance in
        // proportion to its share of the cost.
        draw(1, 0);
        std::vector<double> shares = measure();
        for (int round = 1; round <= options_.start_rounds && shares[0] > 0; ++round) {
            double const factor = 2 * static_cast<double>(options_.clusters) / shares[0];
            draw_by(round, [&](double weight, double square) { return factor * weight * square; });
            shares = measure();
        }
        shares.erase(shares.begin());
        return choose(shares, false);
    }

  private:
    std::size_t candidates() const { return found_.size() / static_cast<std::size_t>(d_); }
    Reals view() const { return {found_.data(), static_cast<std::int64_t>(candidates()), d_}; }

    /// About `wanted` rows, at least one, whatever their place.
    void draw(double wanted, int round) {
        double const chance = wanted / static_cast<double>(set_.rows());
        draw_by(round, [&](double, double) { return chance; });
        if (found_.empty()) add_row(first_row());
    }

    std::int64_t first_row() const {
        return static_cast<std::int64_t>(
            RandomStream(options_.seed, 0x6b6d).below(static_cast<std::uint64_t>(set_.rows())));
    }

    void add_row(std::int64_t row) {
        std::vector<double> mine;
        collectively(comm_, "k-means start", [&] {
            if (set_.blocking().owner_of(row, comm_.size()) != comm_.rank()) return;
            BatchBuffer buffer;
            Batch const batch = set_.read({row, row + 1}, buffer);
            mine.assign(batch.x.data, batch.x.data + d_);
        });
        append(mine);
    }

    void append(std::vector<double> const& mine) {
        std::vector<double> const all = comm_.all_gather_varying(std::span<double const>(mine));
        found_.insert(found_.end(), all.begin(), all.end());
    }

    /// Whether each row is drawn depends on (seed, round, row) and the candidates so far.
    void draw_by(int round, Chance const& chance) {
        std::vector<double> mine;
        collectively(comm_, "k-means start", [&] {
            RowRange const blocks = set_.blocking().blocks_of(comm_.rank(), comm_.size());
            BatchBuffer buffer;
            Scratch scratch;
            for (std::int64_t b = blocks.first; b < blocks.last; ++b)
                draw_from(set_.read(set_.blocking().block(b), buffer), round, chance, scratch,
                          mine);
        });
        append(mine);
    }

    void draw_from(Batch const& batch, int round, Chance const& chance, Scratch& scratch,
                   std::vector<double>& drawn) const {
        auto const visit = [&](std::int64_t i, double square) {
            RandomStream random(options_.seed + static_cast<std::uint64_t>(round) * 0x9e37,
                                static_cast<std::uint64_t>(batch.rows.first + i));
            if (batch.weight(i) == 0 || random.uniform() >= chance(batch.weight(i), square)) return;
            drawn.insert(drawn.end(), batch.x.row_data(i), batch.x.row_data(i) + d_);
        };
        if (found_.empty()) {
            for (std::int64_t i = 0; i < batch.x.rows; ++i) visit(i, 0);
            return;
        }
        CentreTable const table(view(), origin_);
        for_nearest(
            batch, table, scratch,
            [&](std::int64_t i, double const*, std::int32_t, double square) { visit(i, square); });
    }

    std::vector<double> measure() const {
        CentreTable const table(view(), origin_);
        return fold_rows(comm_, set_, SharesPartial(table), "k-means start", options_.threads);
    }

    RealMatrix choose(std::vector<double> const& weights, bool evenly) const {
        if (!evenly) return choose_plus_plus(view(), weights, options_.clusters, options_.seed);
        RealMatrix chosen(std::min<std::int64_t>(options_.clusters, view().rows), d_);
        for (std::int64_t c = 0; c < chosen.rows(); ++c)
            std::copy_n(view().row_data(c * view().rows / chosen.rows()), d_, chosen.row(c));
        return chosen;
    }

    Communicator const& comm_;
    TrainingSet const& set_;
    KMeansOptions const& options_;
    std::span<double const> origin_;
    std::int64_t d_;
    std::vector<double> found_;  // candidates x d
};

double squared_distance(double const* a, double const* b, std::int64_t d) {
    double sum = 0;
    for (std::int64_t j = 0; j < d; ++j) sum += (a[j] - b[j]) * (a[j] - b[j]);
    return sum;
}

/// An index drawn in proportion to `parts`; -1 when all are 0.
std::int64_t draw_in_proportion(std::vector<double> const& parts, RandomStream& random) {
    double total = 0;
    for (double const part : parts) total += part;
    if (!(total > 0)) return -1;
    double left = random.uniform() * total;
    std::int64_t last = -1;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (parts[i] <= 0) continue;
        last = static_cast<std::int64_t>(i);
        left -= parts[i];
        if (left < 0) break;
    }
    return last;
}

/// One run of k-means++ over weighted points.
class PlusPlus {
  public:
    PlusPlus(Reals points, std::span<double const> weights)
        : points_(points),
          weights_(weights),
          parts_(weights.begin(), weights.end()),
          nearest_(parts_.size(), std::numeric_limits<double>::infinity()) {}

    /// Of each step's `trials` draws the one that lowers the cost most is taken.
    void run(std::int64_t k, std::int64_t trials, RandomStream random) {
        std::vector<double> best, tried;
        while (std::ssize(chosen_) < k) {
            std::int64_t taken = -1;
            for (std::int64_t trial = 0; trial < (chosen_.empty() ? 1 : trials); ++trial) {
                std::int64_t const next = draw_in_proportion(parts_, random);
                if (next < 0) break;
                double const cost = cost_with(next, tried);
                if (taken >= 0 && cost >= cost_) continue;
                taken = next;
                cost_ = cost;
                best.swap(tried);
            }
            if (taken < 0) break;
            chosen_.push_back(taken);
            nearest_.swap(best);
            for (std::size_t i = 0; i < parts_.size(); ++i) parts_[i] = weights_[i] * nearest_[i];
        }
    }

    double cost() const { return cost_; }
    RealMatrix centres() const {
        RealMatrix centres(std::ssize(chosen_), points_.cols);
        for (std::int64_t c = 0; c < centres.rows(); ++c)
            std::copy_n(points_.row_data(chosen_[static_cast<std::size_t>(c)]), points_.cols,
                        centres.row(c));
        return centres;
    }

  private:
    double cost_with(std::int64_t next, std::vector<double>& nearest) const {
        nearest.resize(nearest_.size());
        double cost = 0;
        for (std::size_t i = 0; i < nearest.size(); ++i) {
            double const square = squared_distance(points_.row_data(static_cast<std::int64_t>(i)),
                                                   points_.row_data(next), points_.cols);
            nearest[i] = std::min(nearest_[i], square);
            cost += weights_[i] * nearest[i];
        }
        return cost;
    }

    Reals points_;
    std::span<double const> weights_;
    std::vector<double> parts_, nearest_;
    std::vector<std::int64_t> chosen_;
    double cost_ = std::numeric_limits<double>::infinity();
};

}  // namespace

RealMatrix choose_plus_plus(Reals points, std::span<double const> weights, std::int64_t k,
                            std::uint64_t seed) {
    // Distances are cheap beside passes over rows, up to here.
    constexpr double trials_work = 2e9, runs_work = 2e8;
    double const work = static_cast<double>(points.rows) * static_cast<double>(k) *
                        static_cast<double>(points.cols);
    auto const wanted = 2 + static_cast<std::int64_t>(std::log(static_cast<double>(k)));
    std::int64_t const trials = work * static_cast<double>(wanted) <= trials_work ? wanted : 1;
    auto const runs = std::clamp<std::int64_t>(
        static_cast<std::int64_t>(runs_work / (work * static_cast<double>(trials) + 1)), 1, 8);
    std::optional<PlusPlus> best;
    for (std::int64_t run = 0; run < runs; ++run) {
        PlusPlus one(points, weights);
        one.run(k, trials, RandomStream(seed, 0x2b2b + static_cast<std::uint64_t>(run)));
        if (!best || one.cost() < best->cost()) best.emplace(std::move(one));
    }
    return best->centres();
}

RealMatrix starting_centres(Communicator const& comm, TrainingSet const& set,
                            KMeansOptions const& options, std::span<double const> origin) {
    return Start(comm, set, options, origin).run();
}

}  // namespace partita::ml
