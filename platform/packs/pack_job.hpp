// The input of one pack, complete so that any thread can make the pack: the change, the base that
// offices hold, and the digests before and after.
#pragma once

#include <memory>
#include <vector>

#include "platform/change/net_change.hpp"
#include "platform/packs/publisher_packs.hpp"
#include "sync/pack/body/learned_plans.hpp"

namespace rootlet::platform {

enum class PackKind {
  kStep,         // from the version before, or from nothing for version 1
  kMergedDelta,  // the net change from an older version
  kSnapshot,     // every row
};

struct PackJob {
  PackKind kind = PackKind::kStep;
  PackSpec spec;
  std::shared_ptr<const Difference> change;  // led to spec.to; has all its rows
  PastRows past = {};                        // for a merged delta: rows that differed at spec.from
  std::vector<SectionDigest> before;         // by section
  std::vector<SectionDigest> after = {};     // by section; empty for a step, which computes them
  std::vector<SymmetricKey> keys = {};
  // For a first copy: the plans of another partition, null if there are none, and where to leave
  // its own.
  std::shared_ptr<const LearnedPlans> plans = {};
  std::shared_ptr<LearnedPlans> learned = {};
};

struct MadePack {
  BuiltPack pack;
  std::vector<SectionDigest> after;
};

// Makes packs of streams that share a layout. Thread-safe.
class PackMaker {
 public:
  // `key_columns` (indexes of the dataset's columns) identify a row. `publisher` must outlive the
  // maker.
  PackMaker(SectionLayout layout, std::vector<std::size_t> key_columns,
            const SigningKey& publisher);

  const SectionLayout& layout() const { return layout_; }
  // kStorageDamaged if the past of a merged delta or the rows of a snapshot do not match their
  // published digests; other errors as build_checked_pack().
  Result<MadePack> make(const PackJob& job) const;

 private:
  Result<Difference> content_of(const PackJob& job) const;
  SameRow same_row() const;

  SectionLayout layout_;
  std::vector<std::size_t> key_columns_;
  const SigningKey& publisher_;
};

}  // namespace rootlet::platform
