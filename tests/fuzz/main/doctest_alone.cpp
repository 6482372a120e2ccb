// doctest without its main(), for the harnesses that use the test world: libFuzzer has its own. A
// failed check outside of a test ends the program, which is what a harness wants.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>
