// One downlink sync: poll, metadata, directory, grant, data (docs/ARCHITECTURE.md). Derives the
// work from what is held, never from the news, so the next sync finishes one that was killed
// anywhere, even if the platform has published nothing new.
//
// Promises: a poll without news and without unfinished work is one request; nothing becomes visible
// or trusted before its checks; an error in one stream does not affect others. Fetches nothing for
// suspended or ended grants. One thread at a time.
#pragma once

#include "sync/downlink/sync_session.hpp"

namespace rootlet {

struct SyncSettings {
  fs::path trust_folder;    // TUF metadata, with a root installed
  fs::path staging_folder;  // created if missing
  DownloadGate gate = {};
  double bytes_per_second = 0;  // measured by earlier syncs, for the progress; 0: unknown
  CrawlRule crawl = {};         // which transfers are too slow to wait for
};

class DownSync {
 public:
  // All of these must outlive the object. `clock` is the trusted clock; its wall() decides
  // expiry unless the host knows better.
  DownSync(SyncSettings settings, OfficeIdentity identity, SyncHost& host, FileSource& source,
           const Clock& clock)
      : settings_(std::move(settings)),
        identity_(std::move(identity)),
        host_(&host),
        source_(&source),
        clock_(&clock) {}

  // Never fails as a whole: the report has all errors, and everything that could be synced was.
  SyncReport run(const ProgressSink& on_progress = {}, const StopCheck& should_stop = {});

 private:
  Status run_once(SyncReport& report, const ProgressSink& on_progress,
                  const StopCheck& should_stop);

  SyncSettings settings_;
  OfficeIdentity identity_;
  SyncHost* host_;
  FileSource* source_;
  const Clock* clock_;
};

}  // namespace rootlet
