// The entry of every test program: libsodium first, then doctest.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include "core/crypto.hpp"

int main(int argc, char** argv) {
  rootlet::initialise_crypto();
  return doctest::Context(argc, argv).run();
}
