#include "partita/io/vector_source.hpp"
