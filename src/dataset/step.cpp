#include "partita/dataset/step.hpp"

#include "partita/comm/collectively.hpp"

namespace partita::dataset {
namespace {

/// An Error that says already in which step it arose.
struct ErrorInStep : Error {
    using Error::Error;
};

/// What came out of a sink, on its way through a user's function.
struct FromSink {
    std::exception_ptr error;
};

}  // namespace

void Step::rethrow() const {
    try {
        throw;
    } catch (FromSink const& passing) {
        std::rethrow_exception(passing.error);
    } catch (ErrorInStep const&) {
        throw;
    } catch (EnoughElements const&) {
        throw;
    } catch (...) {
        throw ErrorInStep(
            fmt::format("{} (operation {}): {}", name, number, current_exception_message()));
    }
}

void Step::pass_through() { throw FromSink{std::current_exception()}; }

}  // namespace partita::dataset
