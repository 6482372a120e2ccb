// Compares each held row with the past row of the same number; rows that have no past row stay.
#include "platform/change/reversal.hpp"

#include <algorithm>

namespace rootlet::platform {
namespace {

class Reversal {
 public:
  Reversal(const PastRows& past, const KeyOfRow& key_of)
      : past_(past.rows), key_of_(key_of), was_held_(past.rows.size()) {}

  Status take_held(const HeldRow& held) {
    ++found_.rows_before;
    const auto at = std::lower_bound(past_.begin(), past_.end(), held.rid,
                                     [](const PastRow& row, Rid rid) { return row.rid < rid; });
    if (at == past_.end() || at->rid != held.rid || at->image == held.image) {
      if (at != past_.end() && at->rid == held.rid) was_held_[index_of(at)] = true;
      place(held.rid, keep(held.image));
      return ok();
    }
    std::string key;
    if (!at->image.empty()) {
      ROOTLET_TRY(key, key_of_(at->image));
    }
    if (key != held.key) {  // the number had another row, or none
      found_.deletes.push_back({held.rid, keep(held.key), keep(held.image), {}, {}});
      return ok();
    }
    was_held_[index_of(at)] = true;
    const std::string_view image = keep(at->image);
    found_.updates.push_back({held.rid, keep(held.key), keep(held.image), image, {}});
    place(held.rid, image);
    return ok();
  }

  Result<Difference> finish() {
    for (std::size_t i = 0; i < past_.size(); ++i) {
      if (was_held_[i] || past_[i].image.empty()) continue;
      ROOTLET_TRY(const std::string key, key_of_(past_[i].image));
      const std::string_view image = keep(past_[i].image);
      found_.inserts.push_back({past_[i].rid, keep(key), {}, image, {}});
      place(past_[i].rid, image);
    }
    const auto by_rid = [](const RowChange& a, const RowChange& b) { return a.rid < b.rid; };
    std::sort(found_.deletes.begin(), found_.deletes.end(), by_rid);
    std::sort(found_.updates.begin(), found_.updates.end(), by_rid);
    found_.rows_after = found_.rows_before - found_.deletes.size() + found_.inserts.size();
    return std::move(found_);
  }

 private:
  std::size_t index_of(std::span<const PastRow>::iterator at) const {
    return static_cast<std::size_t>(at - past_.begin());
  }
  void place(Rid rid, std::string_view image) {
    if (rid >= found_.rows.size()) found_.rows.resize(rid + 1);
    found_.rows[rid] = image;
  }
  std::string_view keep(std::string_view text) { return found_.kept.keep(text); }

  std::span<const PastRow> past_;
  const KeyOfRow& key_of_;
  std::vector<bool> was_held_;  // the past row is held now, perhaps with another image
  Difference found_;
};

}  // namespace

Result<Difference> find_reversal(const HeldRows& held, const PastRows& past,
                                 const KeyOfRow& key_of) {
  Reversal reversal(past, key_of);
  HeldRow row;
  while (true) {
    ROOTLET_TRY(const bool more, held(row));
    if (!more) return reversal.finish();
    ROOTLET_TRY(reversal.take_held(row));
  }
}

}  // namespace rootlet::platform
