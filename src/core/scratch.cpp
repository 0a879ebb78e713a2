#include "partita/core/scratch.hpp"
