// The process-wide sizes that ScopedPackSizes overrides in tests.
#include "sync/pack/coding/sizes.hpp"

namespace rootlet {
namespace {
PackSizes current;
}  // namespace

const PackSizes& pack_sizes() {
  return current;
}

ScopedPackSizes::ScopedPackSizes(const PackSizes& sizes) : before_(current) {
  current = sizes;
}

ScopedPackSizes::~ScopedPackSizes() {
  current = before_;
}

}  // namespace rootlet
