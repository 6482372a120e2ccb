// How many statements run at once in this process: limits::kSqlAtOnce. Any
// thread.
#pragma once

#include <chrono>
#include <functional>
#include <utility>

#include "core/result.hpp"

namespace rootlet::agent {

// One of the places; its destruction gives it back.
class SqlPlace {
 public:
  // kBusy if none becomes free within `patience`, or once should_stop() says
  // so.
  static Result<SqlPlace> take(std::chrono::milliseconds patience,
                               const std::function<bool()>& should_stop);
  SqlPlace(SqlPlace&& other) noexcept : is_mine_(std::exchange(other.is_mine_, false)) {}
  SqlPlace& operator=(SqlPlace&&) = delete;
  ~SqlPlace();

 private:
  SqlPlace() = default;
  bool is_mine_ = true;
};

}  // namespace rootlet::agent
