#pragma once

#include <span>

namespace partita::knn {

/// Where the vectors come from that candidates are ranked by, when a candidate's `row` is not
/// simply a vector in memory.
///
/// Thread-safe.
class RowStore {
  public:
    virtual ~RowStore() = default;

    /// The vector at a candidate's place. @param room  dim floats, to make it in.
    virtual float const* vector(float const* place, float* room) const = 0;
    /// The vectors at ascending places. @param out  places.size() x dim.
    virtual void vectors(std::span<float const* const> places, float* out) const = 0;
    /// Are the vectors to rank by not those that a scan brings, or not to be ranked before it ends?
    /// They lie scattered over a file, and are better read in its order.
    virtual bool is_far() const = 0;
    /// Do equal bytes at two places mean equal vectors, and may places be looked at?
    virtual bool is_comparable() const = 0;
};

}  // namespace partita::knn
