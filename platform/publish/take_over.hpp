// Steps 4 and 5 of publishing (publisher.hpp): what a state has committed goes into the registry
// and the repository.
#pragma once

#include <functional>

#include "platform/publish/publisher_state.hpp"
#include "platform/repository/repository.hpp"

namespace rootlet::platform {

// Names the dataset whose publish has begun, or is "".
inline constexpr std::string_view kSettingPublishing = "publishing";

// The changed heads and new packs that a state has committed or is about to commit.
struct Decision {
  std::map<std::string, StreamHead> heads;
  std::vector<PackEntry> fresh;
};
Result<Decision> decision_of(PublisherState& state);

// Saves the decision in the registry and writes the repository. Commits only after `state_has_it`
// has returned, when the state is on disk.
Status take_over(Realm& realm, const Decision& decision, const std::string& dataset, UnixTime now,
                 const std::function<Status()>& state_has_it);
// The same with what the state has committed; then clears its list of fresh packs.
Status take_over(Realm& realm, PublisherState& state, const std::string& dataset, UnixTime now);

}  // namespace rootlet::platform
