#include "partita/format/element_type.hpp"
