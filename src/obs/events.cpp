#include "partita/obs/events.hpp"
