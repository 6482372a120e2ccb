// A list of pieces under one lock. One thread takes them from the front, the other from the back.
#include "sync/downlink/apply/shared_search.hpp"

#include <algorithm>

namespace rootlet {
namespace {

constexpr std::size_t kPieceRows = 64;

void append(const RowBlock& more, RowBlock& rows) {
  rows.rids.insert(rows.rids.end(), more.rids.begin(), more.rids.end());
  rows.columns.resize(more.columns.size());
  for (std::size_t c = 0; c < more.columns.size(); ++c) {
    for (std::size_t row = 0; row < more.rids.size(); ++row) {
      rows.columns[c].push(more.columns[c].at(row));
    }
  }
}

}  // namespace

void SharedSearch::add(std::span<const Rid> rids) {
  const std::lock_guard guard(mutex_);
  List list{.rids = {rids.begin(), rids.end()}, .first = pieces_.size(), .count = 0};
  for (; !rids.empty(); ++list.count) {
    const std::span<const Rid> piece = rids.first(std::min(kPieceRows, rids.size()));
    pieces_.push_back({.rids = {piece.begin(), piece.end()}, .found = std::nullopt});
    rids = rids.subspan(piece.size());
  }
  lists_.push_back(std::move(list));
}

SharedSearch::Piece* SharedSearch::next(From from) {
  const auto is_left = [](const Piece& piece) { return !piece.is_taken; };
  if (from == From::kFirst) {
    const auto found = std::find_if(pieces_.begin(), pieces_.end(), is_left);
    return found == pieces_.end() ? nullptr : &*found;
  }
  const auto found = std::find_if(pieces_.rbegin(), pieces_.rend(), is_left);
  return found == pieces_.rend() ? nullptr : &*found;
}

bool SharedSearch::help(const Find& find, From from) {
  std::unique_lock lock(mutex_);
  Piece* piece = next(from);
  if (piece == nullptr) return false;
  piece->is_taken = true;
  lock.unlock();
  Result<RowBlock> found = find(piece->rids);
  lock.lock();
  piece->found = std::move(found);
  changed_.notify_all();
  return true;
}

void SharedSearch::finish(const Find& find, From from) {
  while (help(find, from)) continue;
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] {
    return std::all_of(pieces_.begin(), pieces_.end(),
                       [](const Piece& piece) { return piece.found.has_value(); });
  });
}

std::optional<Result<RowBlock>> SharedSearch::take(std::span<const Rid> rids) {
  const std::lock_guard guard(mutex_);
  for (const List& list : lists_) {
    if (std::equal(rids.begin(), rids.end(), list.rids.begin(), list.rids.end())) {
      return joined(list);
    }
  }
  return std::nullopt;
}

Result<RowBlock> SharedSearch::joined(const List& list) const {
  RowBlock whole;
  for (std::size_t i = list.first; i < list.first + list.count; ++i) {
    ROOTLET_TRY(const RowBlock part, *pieces_[i].found);
    append(part, whole);
  }
  return whole;
}

}  // namespace rootlet
