// Copies the write-ahead log into the file on a thread of its own, so that the thread that writes a
// snapshot does not wait for the disk after each of its transactions. Blocks no reader and no
// writer. What it has not copied stays in the log, where readers find it, and the next copy
// continues.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "storage/database.hpp"

namespace rootlet {

class WalCopier {
 public:
  // `connection` is a connection of its own to the file. Null if the system refused a thread.
  static std::unique_ptr<WalCopier> start(Database connection);
  // Waits for a copy that has begun.
  ~WalCopier();
  WalCopier(const WalCopier&) = delete;
  WalCopier& operator=(const WalCopier&) = delete;

  // Asks for a copy of everything committed so far.
  void request();
  // Waits until all that was asked for is done. Returns the first error of any copy.
  Status wait();

 private:
  explicit WalCopier(Database connection) : connection_(std::move(connection)) {}
  void work();

  Database connection_;  // of the thread
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_wanted_ = false, is_copying_ = false, ends_ = false;
  Status copied_ = ok();
  std::thread thread_;
};

}  // namespace rootlet
