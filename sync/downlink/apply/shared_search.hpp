// Two threads find rows of the base together, each piece by piece on its own connection: the
// decoding thread and the writing thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

#include "sync/pack/table/change.hpp"

namespace rootlet {

class SharedSearch {
 public:
  using Find = std::function<Result<RowBlock>(std::span<const Rid>)>;
  enum class From { kFirst, kLast };  // the end of the list at which a thread begins

  // Adds rows to find; callable from either thread.
  void add(std::span<const Rid> rids);
  // Finds one piece that no thread has taken, with `find`; false if there is none.
  bool help(const Find& find, From from);
  // Helps until nothing is left, then waits for the pieces of the other thread.
  void finish(const Find& find, From from);
  // After finish(): the rows that one add() call added as `rids`; nullopt if no call did.
  std::optional<Result<RowBlock>> take(std::span<const Rid> rids);

 private:
  struct Piece {
    std::vector<Rid> rids;
    bool is_taken = false;
    std::optional<Result<RowBlock>> found;
  };
  struct List {
    std::vector<Rid> rids;
    std::size_t first, count;  // pieces
  };
  Piece* next(From from);
  Result<RowBlock> joined(const List& list) const;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Piece> pieces_;  // a deque: references to pieces stay valid
  std::vector<List> lists_;
};

}  // namespace rootlet
