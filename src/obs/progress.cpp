#include "partita/obs/progress.hpp"
