// One sync down: poll, metadata, directory, grant, data. What is left to do is worked out from what
// is held, never from what was news: a sync that was killed anywhere is finished by the next one,
// also when the platform has nothing new to say.
//
// Promises: a poll without news and without anything unfinished is one request; nothing becomes
// visible or trusted before its checks; one stream's trouble is its own. Refuses to fetch for
// grants that are suspended or ended. One thread at a time. Page: docs/ARCHITECTURE.md, "The life
// of a change".
#pragma once

#include "sync/downlink/sync_session.hpp"

namespace rootlet {

struct SyncSettings {
  fs::path trust_folder;    // TUF metadata, with a root installed
  fs::path staging_folder;  // made if missing
  DownloadGate gate = {};
  double bytes_per_second = 0;  // what earlier syncs gave, for the progress; 0: not known
};

class DownSync {
 public:
  // All of these must outlive the object. `clock` is the trusted one: expiry is judged by its
  // wall().
  DownSync(SyncSettings settings, OfficeIdentity identity, SyncHost& host, FileSource& source,
           const Clock& clock)
      : settings_(std::move(settings)),
        identity_(std::move(identity)),
        host_(&host),
        source_(&source),
        clock_(&clock) {}

  // Never fails as a whole: what went wrong is in the report, and everything that could go forward
  // did.
  SyncReport run(const ProgressSink& on_progress = {}, const StopCheck& should_stop = {});

 private:
  SyncSettings settings_;
  OfficeIdentity identity_;
  SyncHost* host_;
  FileSource* source_;
  const Clock* clock_;
};

}  // namespace rootlet
