#include "partita/obs/log.hpp"
