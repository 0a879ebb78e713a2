#include "partita/core/suggest.hpp"
