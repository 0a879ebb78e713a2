#include "partita/core/file.hpp"
