// Comparing a witness with others by files alone: folders of witnesses, what an office says in
// `rootlet status --json`, or the directory's metadata as a file. A fork is proven when both files
// are there and their signatures lead to the root that the reader trusts.
#pragma once

#include "platform/witness/comparison.hpp"
#include "platform/witness/public_folder.hpp"

namespace rootlet::platform {

enum class ViewerKind { kWitness, kOffice, kFile };

struct ForkFound {
  Fork fork;
  bool is_proven = false;       // both files are there and verify
  bool is_one_signer = false;   // the same key signed both
  std::vector<fs::path> files;  // of those that are there, the first one's first
};

struct ExchangeReport {
  std::vector<Viewer> viewers;  // the witness itself first
  std::vector<ViewerKind> kinds;
  Comparison comparison;         // without what is no fork at a closer look
  std::vector<ForkFound> forks;  // of comparison.forks, in their order
  bool is_clean() const { return forks.empty() && comparison.behind.empty(); }
};

// `root` in place of the root that the first witness began with, for a reader who has one of their
// own. kUntrusted if a folder, or a file that a fork rests on, does not verify.
Result<ExchangeReport> compare_files(const fs::path& witness, const std::vector<fs::path>& others,
                                     const std::optional<Bytes>& root);

// The directory that an office says it has verified. kBadInput if it is no status, or one of an
// office that has verified none yet. `status` is from anywhere.
Result<Viewer> parse_office_view(std::string_view status, std::string_view what);

}  // namespace rootlet::platform
