// Rows of the base that two threads look for together, some at a time, each where it reads: the
// thread that decodes and the one that will write.
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
  enum class From { kFirst, kLast };  // of what was added, where a thread begins

  // Rows to be looked for; from either thread.
  void add(std::span<const Rid> rids);
  // Looks for some of those that nobody has taken, with `find`; false: there are none.
  bool help(const Find& find, From from);
  // Helps, and waits for what the other thread has taken.
  void finish(const Find& find, From from);
  // When all is finished: the rows that were added at once as `rids`; nullopt: none were.
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
  std::deque<Piece> pieces_;  // they stay where they are
  std::vector<List> lists_;
};

}  // namespace rootlet
