// Watches another source and notices when it stops answering, crawls, or asks for patience, so that
// a sync neither tries a dead link for every file nor waits for hours on a slow one.
#pragma once

#include "core/clock.hpp"
#include "core/limits.hpp"
#include "sync/downlink/fetch/file_source.hpp"

namespace rootlet {

// A transfer crawls if it brings less than this during `time`.
struct CrawlRule {
  std::uint64_t bytes_per_second = limits::kCrawlBytesPerSecond;
  std::chrono::milliseconds time = limits::kCrawlTime;
};

// Judges one transfer by what arrives and when. Pure.
class CrawlMeter {
 public:
  CrawlMeter(CrawlRule rule, std::chrono::milliseconds began) : rule_(rule), began_(began) {}
  // Counts `bytes` that arrived at `now`; true if the transfer crawls.
  bool crawls(std::uint64_t bytes, std::chrono::milliseconds now);

 private:
  CrawlRule rule_;
  std::chrono::milliseconds began_;  // of the stretch that is being measured
  std::uint64_t bytes_ = 0;
};

class LinkWatch final : public FileSource {
 public:
  // `source` and `clock` must outlive this.
  LinkWatch(FileSource& source, const Clock& clock, CrawlRule rule = {})
      : source_(&source), clock_(&clock), rule_(rule) {}

  // Ends a transfer that crawls with kUnreachable; what arrived has reached the receiver.
  Result<FileReply> get(const FileRequest& request) override;
  Traffic traffic() const override { return source_->traffic(); }
  bool may_resume() const override { return crawls_ == 0 && is_up(); }

  // False after two requests in a row without an answer, or two that crawled (a single one may be
  // the fault of the file), and after the server asked to come back later.
  bool is_up() const { return unanswered_ < 2 && crawls_ < 2 && !must_wait_; }
  // Why is_up() is false.
  std::string_view reason() const;

 private:
  void note(const Result<FileReply>& reply, bool began, bool crawled);

  FileSource* source_;
  const Clock* clock_;
  CrawlRule rule_;
  int unanswered_ = 0;
  int crawls_ = 0;
  bool must_wait_ = false;
};

}  // namespace rootlet
