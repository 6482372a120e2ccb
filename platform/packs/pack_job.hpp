// One pack to be made, with everything that it takes, so that any thread can make it: what changed,
// the base that offices hold, the digests on both sides.
#pragma once

#include <memory>
#include <vector>

#include "platform/change/net_change.hpp"
#include "platform/packs/publisher_packs.hpp"

namespace rootlet::platform {

enum class PackKind {
  kStep,         // from the version before; the first version comes from nothing
  kMergedDelta,  // the net change from an older version
  kSnapshot,     // every row
};

struct PackJob {
  PackKind kind = PackKind::kStep;
  PackSpec spec;
  std::shared_ptr<const Difference> change;  // the one that led to spec.to, and the rows there
  PastRows past = {};                        // a merged delta's: what stood otherwise at spec.from
  std::vector<SectionDigest> before;         // by section
  std::vector<SectionDigest> after = {};     // empty for a step: it finds them
  std::vector<SymmetricKey> keys = {};
};

struct MadePack {
  BuiltPack pack;
  std::vector<SectionDigest> after;
};

// Makes the packs of streams of one shape. Safe to use from several threads at once.
class PackMaker {
 public:
  // `key_columns` of `layout` tell one row from another. `publisher` must outlive the maker.
  PackMaker(SectionLayout layout, std::vector<std::size_t> key_columns,
            const SigningKey& publisher);

  const SectionLayout& layout() const { return layout_; }
  // kStorageDamaged if the past that a merged delta starts from, or the rows of a snapshot, do not
  // give the digests that they were published with; otherwise as build_checked_pack().
  Result<MadePack> make(const PackJob& job) const;

 private:
  Result<Difference> content_of(const PackJob& job) const;
  SameRow same_row() const;

  SectionLayout layout_;
  std::vector<std::size_t> key_columns_;
  const SigningKey& publisher_;
};

}  // namespace rootlet::platform
