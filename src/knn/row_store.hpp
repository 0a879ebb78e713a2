#pragma once

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
    /// Do places lie in a file that is larger than memory? Then they are read in their order.
    virtual bool is_far() const = 0;
    /// What lies between is not needed any more. Only called where is_far().
    virtual void release(float const* first, float const* last) const = 0;
    /// Do equal bytes at two places mean equal vectors?
    virtual bool is_comparable() const = 0;
};

}  // namespace partita::knn
