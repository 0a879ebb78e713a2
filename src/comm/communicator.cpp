#include "partita/comm/communicator.hpp"
