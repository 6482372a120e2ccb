// A process of this program that works beside `serve` with keys that `serve` must not have:
// `keeper` and `worker`. Started again when it ends; ends with its parent.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

#include "core/result.hpp"

namespace rootlet::platform {

class HelperProcess {
 public:
  // `arguments` of this program, without its name.
  explicit HelperProcess(std::vector<std::string> arguments) : arguments_(std::move(arguments)) {}
  ~HelperProcess();  // stops it, and waits
  HelperProcess(const HelperProcess&) = delete;
  HelperProcess& operator=(const HelperProcess&) = delete;

  // Starts it if it does not run; no sooner than some seconds after it ended by itself.
  void keep_running();

 private:
  Status start();
  std::vector<std::string> arguments_;
  pid_t process_ = -1;
  std::chrono::steady_clock::time_point not_before_{};
};

}  // namespace rootlet::platform
