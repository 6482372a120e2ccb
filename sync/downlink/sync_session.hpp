// State that the steps of one sync share. DownSync makes one for each run; one thread.
#pragma once

#include "sync/downlink/fetch/fetch.hpp"
#include "sync/downlink/fetch/link_watch.hpp"
#include "sync/downlink/fetch/realm_trust.hpp"
#include "sync/downlink/sync_host.hpp"
#include "sync/downlink/sync_report.hpp"

namespace rootlet {

// Called before each data pack: the reason to wait, or nullopt to fetch. Never called for metadata,
// directory, grants or uploads.
using DownloadGate = std::function<std::optional<HoldReason>(std::uint64_t bytes)>;

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
  const DownloadGate& gate;

  std::optional<HoldReason> refusal(std::uint64_t bytes) const {
    return gate ? gate(bytes) : std::nullopt;
  }
  void hold_back(HoldReason reason, std::uint64_t bytes) const {
    if (!report.held_back.has_value()) report.held_back = HeldBack{.reason = reason};
    report.held_back->packs += 1;
    report.held_back->bytes += bytes;
  }
  // The realm has signed two histories of `stream`: it was restored from an older copy.
  void note_fork(const StreamName& stream, Version version) const {
    report.forks.push_back({.stream = stream, .version = version});
  }
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
