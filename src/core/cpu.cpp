#include "partita/core/cpu.hpp"
