#include "partita/knn/metric.hpp"
