// Counts how often each person looked up the same row today, by the keyed hash of its key. Keeps a
// bounded number of rows: those that were looked up once give way first. Not thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "agent/ledger/ledger.hpp"

namespace rootlet::agent {

// The day of `time`, counted from the Unix epoch in UTC: in China it begins at eight in the
// morning, before an office opens.
std::int64_t day_of(UnixTime time);
UnixTime start_of_day(UnixTime time);

class LookupCounter {
 public:
  // Takes in a use of today; others are left out.
  void add(const Use& use, UnixTime now);
  // How often `use.subject` was looked up today by the same person in the same dataset.
  int count(const Use& use) const;

 private:
  static std::size_t row_of(const Use& use, std::string_view subject);
  void make_room();

  std::int64_t day_ = 0;
  std::unordered_map<std::size_t, int> counts_;  // by a hash of person, dataset and subject
};

}  // namespace rootlet::agent
