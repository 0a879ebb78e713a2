#include "partita/core/error.hpp"

#include <system_error>

namespace partita {

std::string errno_text(int error_number) { return std::generic_category().message(error_number); }

}  // namespace partita
