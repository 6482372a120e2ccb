// What the steps of one sync share. Made by DownSync for one run; one thread.
#pragma once

#include "sync/downlink/realm_trust.hpp"
#include "sync/downlink/sync_host.hpp"
#include "sync/downlink/sync_report.hpp"

namespace rootlet {

struct SyncSession {
  SyncHost& host;
  LinkWatch& source;
  const Staging& staging;
  const Clock& clock;
  RealmTrust& trust;
  const OfficeIdentity& identity;
  SyncReport& report;
  SyncProgress& progress;
  const ProgressSink& on_progress;
  const StopCheck& should_stop;

  void tell() const {
    if (on_progress) on_progress(progress);
  }
  bool stopped() const { return should_stop && should_stop(); }
  // Counts bytes of data packs into the progress.
  TransferContext counted_transfer() const {
    return {.should_stop = should_stop, .on_bytes = [this](std::uint64_t bytes) {
              progress.bytes_done += bytes;
              tell();
            }};
  }
};

}  // namespace rootlet
