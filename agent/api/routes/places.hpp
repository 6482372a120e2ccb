// How many answers of one kind are on their way at once. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>

namespace rootlet::agent {

// Each answer in pieces holds a thread of the server for as long as it lasts. The two kinds have
// places of their own, so that pages that only listen never keep rows from anybody.
inline constexpr int kEventStreams = 16;  // of all callers: open pages of the console
inline constexpr int kXlsxStreams = 2;    // each holds its rows in memory until the end
// Of one workbook over HTTP: about 60 MiB of memory while it is made.
inline constexpr std::int64_t kApiXlsxRows = 100'000;

class Places {
 public:
  explicit Places(int most) : most_(most) {}

  // One place, given back at the end of its life; none if all are taken.
  class Taken {
   public:
    explicit Taken(Places& places) : places_(++places.taken_ <= places.most_ ? &places : nullptr) {
      if (places_ == nullptr) --places.taken_;
    }
    ~Taken() {
      if (places_ != nullptr) --places_->taken_;
    }
    Taken(const Taken&) = delete;
    Taken& operator=(const Taken&) = delete;
    bool is_granted() const { return places_ != nullptr; }

   private:
    Places* places_;
  };

 private:
  const int most_;
  std::atomic<int> taken_ = 0;
};

}  // namespace rootlet::agent
