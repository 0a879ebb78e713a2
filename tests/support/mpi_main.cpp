// The main of every test that runs on several ranks.

#include "comm/keep_plugins_loaded.hpp"

#include "partita/testing/main.hpp"

int main(int argc, char** argv) { return partita::testing::run_tests(argc, argv); }
