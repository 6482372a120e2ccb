// The file is set aside before the gap is noted; after a crash in between the same call goes on.
#include "agent/ledger/ledger_restart.hpp"

#include <array>

#include "agent/office/loss.hpp"
#include "core/format/json.hpp"

namespace rootlet::agent {
namespace {

// Marks every gap as accepted; false if there was none to accept.
Result<bool> accept_gaps(KeyStore& keys, const std::string& user, UnixTime now) {
  ROOTLET_TRY(std::vector<LedgerGap> gaps, load_ledger_gaps(keys));
  bool any = false;
  for (LedgerGap& gap : gaps) {
    if (gap.is_accepted()) continue;
    gap.accepted = now;
    gap.accepted_by = user;
    any = true;
  }
  if (any) {
    ROOTLET_TRY(save_ledger_gaps(keys, gaps));
  }
  return any;
}

// Whether ledger.db does not open or has a damaged page.
Result<bool> is_damaged(const Home& home, KeyStore& keys) {
  Result<Ledger> ledger = Ledger::open(home, keys);
  const Status whole = ledger.has_error() ? Status(ledger.error()) : ledger.value().check_pages();
  if (whole.has_value()) return false;
  if (whole.error().code != ErrorCode::kStorageDamaged) return whole.error();
  return true;
}

}  // namespace

Result<json::object> restart_ledger(const Home& home, KeyStore& keys, const std::string& user,
                                    UnixTime now) {
  json::object out;
  ROOTLET_TRY(const bool damaged, is_damaged(home, keys));
  if (damaged) {
    const std::array files = {home.ledger()};
    ROOTLET_TRY(const fs::path folder, set_aside(home, files, now));
    out["kept_in"] = folder.string();
  }
  ROOTLET_TRY(Ledger ledger, Ledger::open(home, keys));
  ROOTLET_TRY(ledger.note_gap(now));
  ROOTLET_TRY(const bool accepted, accept_gaps(keys, user, now));
  if (!damaged && !accepted) {
    ROOTLET_TRY(ledger.verify());
    return fail(ErrorCode::kUsage,
                home.ledger().string() + " is whole, so nothing is lost; nothing was changed");
  }
  ROOTLET_TRY(const std::vector<LedgerGap> gaps, load_ledger_gaps(keys));
  json::array list;
  for (const LedgerGap& gap : gaps) list.push_back(to_json(gap));
  out["gaps"] = std::move(list);
  return out;
}

}  // namespace rootlet::agent
