// Which partitions of a dataset a grant covers, so that no grant covers nothing unnoticed. Pure.
#pragma once

#include <span>

#include "platform/realm/registry.hpp"
#include "sync/pack/table/dataset.hpp"

namespace rootlet::platform {

struct Coverage {
  std::size_t partitions = 0;
  std::uint64_t rows = 0;
  bool is_published = false;  // the dataset has partitions at all
};

// `streams` of the grant's dataset.
Coverage coverage_of(const Grant& grant, std::span<const StreamEntry> streams);

// The divisions of a grant that names none: all of a dataset of one partition, else the office's
// own division.
std::vector<std::string> default_divisions(const DatasetDefinition& dataset,
                                           const std::string& office_division);

// A dataset of one partition is granted as `all`, never by a prefix. kBadInput otherwise.
Status check_one_partition(const DatasetDefinition& dataset, const Grant& grant);

// kBadInput, naming the cut and prefixes that exist, if a division is longer than the dataset's cut
// or covers none of its published partitions. A dataset that was never published has no partitions
// to compare with.
Status check_coverage(const DatasetDefinition& dataset, const Grant& grant,
                      std::span<const StreamEntry> streams);

}  // namespace rootlet::platform
