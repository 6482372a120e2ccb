// Publishes of several datasets, each in a process of its own, so that a source that hangs or a
// driver that breaks harms no other: a process may be killed at any moment, and the next publish
// finishes what it began (platform/publish/publisher.hpp).
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "core/result.hpp"

namespace rootlet::platform {

struct PublishChild {
  std::string dataset;
  std::vector<std::string> words;  // the command line, without the program
  std::chrono::seconds timeout{};
};

struct ChildEnd {
  enum class How { kExit, kTooLong, kBroken };
  How how = How::kExit;
  int exit_code = 0;   // of kExit
  std::string output;  // what it wrote to standard output, at most kChildOutputBytes
};

inline constexpr std::size_t kChildOutputBytes = 256 * 1024;

// Runs this program for each child, at most `at_once` of them at a time, and calls `ended` on the
// caller's thread. Standard error is shared. kStorage if the system starts no process; the children
// that run are killed then.
Status run_publish_children(
    const std::vector<PublishChild>& children, std::size_t at_once,
    const std::function<Status(const PublishChild&, const ChildEnd&)>& ended);

}  // namespace rootlet::platform
