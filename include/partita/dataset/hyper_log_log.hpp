#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace partita::dataset {

/// Counts distinct hashes in little memory (HyperLogLog: Flajolet, Fusy, Gandouet, Meunier, 2007;
/// 64-bit hashes: Heule, Nunkesser, Hall, 2013; estimator: Ertl, "New cardinality estimation
/// algorithms for HyperLogLog sketches", 2017, which needs no tables of corrections).
///
/// 2^precision registers of a byte; the relative standard error is 1.04 / sqrt(2^precision).
class HyperLogLog {
  public:
    /// The least precision whose error is at most `relative_error`, as Spark computes it.
    /// @throws Error unless 0.00026 <= relative_error <= 0.26.
    static int precision_for(double relative_error);

    explicit HyperLogLog(int precision)
        : precision_(precision), registers_(std::size_t{1} << precision, 0) {}

    /// Count a well-mixed hash.
    void add(std::uint64_t hash) {
        std::uint64_t const rest = hash << precision_;
        int const rank = rest == 0 ? 64 - precision_ + 1 : __builtin_clzll(rest) + 1;
        std::uint8_t& most = registers_[hash >> (64 - precision_)];
        if (rank > most) most = static_cast<std::uint8_t>(rank);
    }
    /// As if all that `other` (of the same precision) has counted had been added.
    void merge(HyperLogLog const& other);
    double estimate() const;

    std::span<std::uint8_t> registers() { return registers_; }

  private:
    int precision_;
    std::vector<std::uint8_t> registers_;
};

}  // namespace partita::dataset
