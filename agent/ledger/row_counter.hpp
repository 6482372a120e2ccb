// Counts the rows of a dataset that each person was handed within the last hour, or day if the
// grant has a cap of its own, by reads that are no exports, so that many pages do not add up to an
// export: pages of queries and of SQL, and searches that show more than a screen. Purposes count
// together: a person who has several takes no more. What was handed out is what the ledger says;
// rows that are about to leave are promised before. Not thread-safe.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "agent/ledger/ledger.hpp"
#include "core/local_limits.hpp"
#include "sync/trust/office/grant.hpp"

namespace rootlet::agent {

// Rows a day, by dataset; a dataset without a cap has the hourly limit.
using RowCaps = std::map<std::string, std::int64_t>;

RowCaps row_caps(const Grant& grant);

class RowCounter {
 public:
  // With caps only if `window` is kCapWindow.
  explicit RowCounter(std::chrono::minutes window = limits::kCapWindow) : window_(window) {}

  // Takes in what the ledger says since the last call.
  Status catch_up(Ledger& ledger, UnixTime now);

  // How many of `wanted` rows `use` may hand out; promises them until take_back(). A search always
  // has its screen. kNotPermitted, with what to do, if none are left.
  Result<std::size_t> promise(const Use& use, std::size_t wanted, const RowCaps& caps = {});
  void take_back(const Use& use, std::size_t promised);

 private:
  using Key = std::tuple<std::int64_t, std::string, std::string>;  // uid, user, dataset
  struct Handed {
    UnixTime at{};
    std::int64_t rows = 0;
  };
  struct Person {
    std::deque<Handed> handed;  // by minute
    std::int64_t promised = 0;
  };

  // One for each dataset of a statement; none if `rows` of such a read do not count.
  static std::vector<Key> keys_of(const Use& use, std::int64_t rows);
  void add(std::int64_t sequence, const Use& use);
  void forget_old(UnixTime now);
  std::int64_t left_of(const Key& key, UnixTime now, const RowCaps& caps) const;

  std::chrono::minutes window_;
  std::int64_t last_ = 0;  // sequence of the newest entry taken in
  std::map<Key, Person> people_;
  std::map<std::int64_t, std::int64_t> started_;  // rows of reads without their last entry
};

}  // namespace rootlet::agent
