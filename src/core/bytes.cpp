#include "partita/core/bytes.hpp"
