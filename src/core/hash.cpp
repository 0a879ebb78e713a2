#include "partita/core/hash.hpp"
