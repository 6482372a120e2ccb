// A prefix covers a partition if the partition begins with it.
#include "platform/office/coverage.hpp"

#include <algorithm>
#include <cstdlib>
#include <set>

namespace rootlet::platform {
namespace {

constexpr std::size_t kMostNear = 5;
constexpr std::string_view kAll = "all";

bool covers_any(std::string_view division, std::span<const StreamEntry> streams) {
  return std::any_of(streams.begin(), streams.end(), [&](const StreamEntry& stream) {
    return division_covers(division, stream.name.partition);
  });
}

std::size_t common_digits(std::string_view a, std::string_view b) {
  return static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first -
                                  a.begin());
}

// Prefixes of published partitions, as long as `division` but for the cut, the nearest first: those
// that share the most leading digits, and of these the nearest numbers.
std::vector<std::string> near_prefixes(const std::string& division, std::size_t cut,
                                       std::span<const StreamEntry> streams) {
  std::set<std::string> known;
  for (const StreamEntry& stream : streams) {
    known.insert(stream.name.partition.substr(0, std::min(division.size(), cut)));
  }
  std::vector<std::string> near(known.begin(), known.end());
  const auto distance = [&](const std::string& prefix) {
    const std::string wanted = division.substr(0, prefix.size());
    return std::abs(std::atoll(prefix.c_str()) - std::atoll(wanted.c_str()));
  };
  std::stable_sort(near.begin(), near.end(), [&](const std::string& a, const std::string& b) {
    const std::size_t in_a = common_digits(division, a), in_b = common_digits(division, b);
    return in_a != in_b ? in_a > in_b : distance(a) < distance(b);
  });
  if (near.size() > kMostNear) near.resize(kMostNear);
  return near;
}

std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

Error covers_nothing(const DatasetDefinition& dataset, const std::string& division,
                     const std::string& why, std::span<const StreamEntry> streams) {
  const auto cut = static_cast<std::size_t>(dataset.division_digits);
  const std::string near = listed(near_prefixes(division, cut, streams));
  const std::string en = near.empty() ? "" : "prefixes that exist: " + near + "; ";
  const std::string zh = near.empty() ? "" : "现有前缀：" + near + "；";
  return bad_input("divisions: " + division + " covers no partition of " + dataset.id + ": " + why,
                   "divisions",
                   {.en = en + "--anyway grants it nevertheless, for data that is still to come",
                    .zh = zh + "数据尚待发布时可用 --anyway 强制授权"});
}

}  // namespace

Coverage coverage_of(const Grant& grant, std::span<const StreamEntry> streams) {
  Coverage coverage{.is_published = !streams.empty()};
  for (const StreamEntry& stream : streams) {
    const std::string& partition = stream.name.partition;
    const bool is_covered = std::any_of(
        grant.divisions.begin(), grant.divisions.end(),
        [&](const std::string& division) { return division_covers(division, partition); });
    if (!is_covered) continue;
    ++coverage.partitions;
    coverage.rows += stream.rows;
  }
  return coverage;
}

std::vector<std::string> default_divisions(const DatasetDefinition& dataset,
                                           const std::string& office_division) {
  return {dataset.division_digits == 0 ? std::string(kAll) : office_division};
}

Status check_one_partition(const DatasetDefinition& dataset, const Grant& grant) {
  if (dataset.division_digits != 0) return ok();
  for (const std::string& division : grant.divisions) {
    if (division == kAll) continue;
    return bad_input("divisions: " + dataset.id +
                         " is one partition and is not cut by division, so " + division +
                         " would cover nothing",
                     "divisions",
                     {.en = "leave --divisions out, or write --divisions all",
                      .zh = "请省略 --divisions，或使用 --divisions all"});
  }
  return ok();
}

Status check_coverage(const DatasetDefinition& dataset, const Grant& grant,
                      std::span<const StreamEntry> streams) {
  const auto cut = static_cast<std::size_t>(dataset.division_digits);
  for (const std::string& division : grant.divisions) {
    if (division == kAll) continue;
    if (division.size() > cut) {
      return covers_nothing(dataset, division,
                            "its partitions have " + std::to_string(cut) +
                                " digits; the one around it is " + division.substr(0, cut),
                            streams);
    }
    if (!streams.empty() && !covers_any(division, streams)) {
      return covers_nothing(dataset, division,
                            "none of its " + std::to_string(streams.size()) + " partitions of " +
                                std::to_string(cut) + " digits begins with it",
                            streams);
    }
  }
  return ok();
}

}  // namespace rootlet::platform
