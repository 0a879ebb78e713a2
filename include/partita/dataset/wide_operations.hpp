#pragma once

namespace partita::dataset {

/// Operations that exchange elements of any type: Dataset's members.
template <class Self, class T>
class WideOperations {
  public:
  private:
    Self const& self() const { return static_cast<Self const&>(*this); }
};

}  // namespace partita::dataset
