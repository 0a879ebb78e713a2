#include "partita/core/atomic_file.hpp"
