#pragma once

#include "partita/core/error.hpp"

#include <string>

namespace partita::test {

/// The message of the Error that `work` throws; "(no error)" when it throws none.
template <class Work>
std::string error_message(Work&& work) {
    try {
        work();
    } catch (Error const& error) {
        return error.what();
    }
    return "(no error)";
}

}  // namespace partita::test
