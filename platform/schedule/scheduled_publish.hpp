// One publish of a dataset as its source file says, and what is remembered of it.
#pragma once

#include <functional>

#include "platform/publish/publisher.hpp"
#include "platform/schedule/scheduled_source.hpp"

namespace rootlet::platform {

struct ScheduledReport {
  PublishReport report;
  bool was_whole = true;
  std::string set_aside_file = {};  // of rows with mistakes; "" if there were none
};

// Publishes now, due or not, and saves what came of it: progress and reconciliation sheet. A
// refused state is an error here. `notice` gets what the operator should know about the source.
Result<ScheduledReport> publish_scheduled(Realm& realm, const std::string& dataset, UnixTime now,
                                          const std::function<void(const Text&)>& notice,
                                          const PublishProgress& progress = {});

// Notes a try that ended without a word: it took too long, or the process broke.
Status note_failed_try(Realm& realm, const std::string& dataset, UnixTime began,
                       const std::string& error);

}  // namespace rootlet::platform
