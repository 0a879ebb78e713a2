#include "partita/core/buffer.hpp"
