#include "partita/core/memory.hpp"
