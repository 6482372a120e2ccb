// A read that is longer than one piece has two entries: "started", and the one with its count.
#include "agent/reading/ledgered_rows.hpp"

namespace rootlet::agent {
namespace {

constexpr std::size_t kFlushBytes = 64 * limits::kKiB;

}  // namespace

LedgeredRows::~LedgeredRows() {
  if (promised_ > 0) recorder_.take_back_rows(use_, promised_);
}

std::size_t LedgeredRows::allow(std::size_t wanted, const RowCaps& caps) {
  Result<std::size_t> allowed = recorder_.promise_rows(use_, wanted, caps);
  if (allowed.has_error()) {
    keep(allowed.error());
    return 0;
  }
  promised_ += allowed.value();
  return allowed.value();
}

bool LedgeredRows::begin_export() {
  use_.is_export = noted_ = true;
  return keep(write_entry("started"));
}

bool LedgeredRows::add(json::array row, std::size_t bytes) {
  rows_.push_back(std::move(row));
  bytes_ += bytes;
  ++count_;
  if (bytes_ < kFlushBytes) return true;
  entry_ = Entry::kOwn;
  return keep(flush("started"));
}

void LedgeredRows::finish(std::string_view outcome) {
  if (trouble_) return;
  noted_ = false;
  keep(flush(outcome));
}

bool LedgeredRows::keep(const Status& done) {
  if (done.has_error() && !trouble_) trouble_ = done.error();
  return done.has_value();
}

Status LedgeredRows::write_entry(std::string_view outcome) {
  use_.count = static_cast<std::int64_t>(count_);
  use_.outcome = std::string(outcome);
  if (entry_ == Entry::kInGroup) return recorder_.record_in_group(use_);
  ROOTLET_TRY(const std::int64_t sequence, recorder_.record(use_));
  if (use_.began == 0) use_.began = sequence;  // for the entry that completes this one
  return ok();
}

Status LedgeredRows::flush(std::string_view outcome) {
  if (!noted_) {
    ROOTLET_TRY(write_entry(outcome));
    noted_ = true;
  }
  if (rows_.empty()) return ok();
  ROOTLET_TRY(sink_.rows(rows_));
  rows_.clear();
  bytes_ = 0;
  return ok();
}

}  // namespace rootlet::agent
