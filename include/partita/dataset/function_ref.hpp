#pragma once

#include <memory>
#include <type_traits>
#include <utility>

namespace partita::dataset {

template <class Signature>
class FunctionRef;

/// A callable that lives elsewhere, as two pointers: std::function without ownership.
template <class Result, class... Args>
class FunctionRef<Result(Args...)> {
  public:
    template <class F>
    requires(!std::is_same_v<std::remove_cvref_t<F>, FunctionRef> &&
             std::is_invocable_r_v<Result, F&, Args...>) FunctionRef(F&& function)
        : object_(const_cast<void*>(static_cast<void const*>(std::addressof(function)))),
          call_([](void* object, Args... args) -> Result {
              return (*static_cast<std::remove_reference_t<F>*>(object))(
                  std::forward<Args>(args)...);
          }) {}

    Result operator()(Args... args) const { return call_(object_, std::forward<Args>(args)...); }

  private:
    void* object_;
    Result (*call_)(void*, Args...);
};

}  // namespace partita::dataset
