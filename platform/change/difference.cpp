// A merge join of the held rows and the new rows, both ordered by key.
#include "platform/change/difference.hpp"

#include <algorithm>
#include <utility>

#include "core/limits.hpp"

namespace rootlet::platform {
namespace {

// The row numbers that a stream uses; gives out the smallest free ones.
class RidSet {
 public:
  void use(Rid rid) {
    if (rid >= used_.size()) used_.resize(rid + 1);
    used_[rid] = true;
  }
  void free(Rid rid) { used_[rid] = false; }
  Rid take_smallest_free() {
    while (next_ < used_.size() && used_[next_]) ++next_;
    return next_++;
  }

 private:
  std::vector<bool> used_;
  Rid next_ = 0;
};

// The merge join and the difference found so far.
class Walk {
 public:
  Walk(std::span<const SourceRow> wanted, std::span<const std::uint32_t> unchanged,
       const KeptKeys& kept_keys, const NamedKeys* named_keys = nullptr)
      : wanted_(wanted), unchanged_(unchanged), kept_keys_(kept_keys), named_keys_(named_keys) {}

  void take_unchanged(const HeldRow& held) {
    rids_.use(held.rid);
    ++found_.rows_before;
    ++found_.rows_after;
    place(held.rid, keep(held.image));
  }

  void take_held(const HeldRow& held) {
    if (held.rid < unchanged_.size() && unchanged_[held.rid] != 0) return take_unchanged(held);
    if (kept_keys_.contains(held.key)) return take_unchanged(held);
    if (named_keys_ != nullptr && !named_keys_->contains(held.key)) return take_unchanged(held);
    rids_.use(held.rid);
    ++found_.rows_before;
    while (at_ < wanted_.size() && wanted_[at_].key() < held.key) insert_next();
    if (at_ == wanted_.size() || wanted_[at_].key() != held.key) {
      found_.deletes.push_back({held.rid, keep(held.key), keep(held.image), {}, {}});
      return;
    }
    const SourceRow& row = wanted_[at_++];
    place(held.rid, row.image());
    if (row.image() == held.image) {
      found_.refingerprinted.push_back({held.rid, row.fingerprint});
    } else {
      found_.updates.push_back(
          {held.rid, row.key(), keep(held.image), row.image(), row.fingerprint});
    }
  }

  Result<Difference> finish() {
    while (at_ < wanted_.size()) insert_next();
    for (const RowChange& row : found_.deletes) rids_.free(row.rid);
    for (RowChange& row : found_.inserts) row.rid = rids_.take_smallest_free();
    for (const RowChange& row : found_.inserts) place(row.rid, row.new_image);
    if (!found_.inserts.empty() && found_.inserts.back().rid > limits::kMaxRid) {
      return bad_input("a partition has more rows than " + std::to_string(limits::kMaxRid), "rows");
    }
    const auto by_rid = [](const RowChange& a, const RowChange& b) { return a.rid < b.rid; };
    std::sort(found_.deletes.begin(), found_.deletes.end(), by_rid);
    std::sort(found_.updates.begin(), found_.updates.end(), by_rid);
    found_.rows_after += wanted_.size();
    return std::move(found_);
  }

 private:
  void insert_next() {
    const SourceRow& row = wanted_[at_++];
    found_.inserts.push_back({0, row.key(), {}, row.image(), row.fingerprint});
  }
  void place(Rid rid, std::string_view image) {
    if (rid >= found_.rows.size()) found_.rows.resize(rid + 1);
    found_.rows[rid] = image;
  }
  std::string_view keep(std::string_view text) { return found_.kept.keep(text); }

  std::span<const SourceRow> wanted_;
  std::span<const std::uint32_t> unchanged_;
  const KeptKeys& kept_keys_;
  const NamedKeys* named_keys_;
  std::size_t at_ = 0;
  RidSet rids_;
  Difference found_;
};

}  // namespace

Result<Difference> find_difference(const HeldRows& held, std::span<const SourceRow> wanted,
                                   std::span<const std::uint32_t> unchanged,
                                   const KeptKeys& kept_keys, const NamedKeys* named_keys) {
  Walk walk(wanted, unchanged, kept_keys, named_keys);
  HeldRow row;
  while (true) {
    ROOTLET_TRY(const bool more, held(row));
    if (!more) return walk.finish();
    walk.take_held(row);
  }
}

Result<Difference> no_difference(const HeldRows& held) {
  const KeptKeys none;
  Walk walk({}, {}, none);
  HeldRow row;
  while (true) {
    ROOTLET_TRY(const bool more, held(row));
    if (!more) return walk.finish();
    walk.take_unchanged(row);
  }
}

}  // namespace rootlet::platform
