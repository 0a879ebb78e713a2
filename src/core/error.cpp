#include "partita/core/error.hpp"
