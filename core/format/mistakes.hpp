// All mistakes of a document in the order of its parser, so that its author sees them at once and
// not one for each attempt.
#pragma once

#include <utility>
#include <vector>

#include "core/limits.hpp"
#include "core/result.hpp"

namespace rootlet {

class Mistakes {
 public:
  // Beyond limits::kMistakes the rest is dropped: nobody reads more.
  void note(Error error) {
    if (all_.size() < limits::kMistakes) all_.push_back(std::move(error));
  }
  // False if `status` is a mistake.
  bool note(const Status& status) {
    if (status.has_error()) note(Error(status.error()));
    return status.has_value();
  }
  // Keeps the value in `target`; false if there is none.
  template <typename T, typename U>
  bool read(T& target, Result<U> result) {
    if (result.has_error()) {
      note(std::move(result).error());
      return false;
    }
    target = static_cast<T>(std::move(result).value());
    return true;
  }
  bool none() const { return all_.empty(); }
  const std::vector<Error>& all() const { return all_; }

 private:
  std::vector<Error> all_;
};

}  // namespace rootlet
