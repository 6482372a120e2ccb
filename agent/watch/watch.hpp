// Watches: saved queries of a granted purpose that say what a sync brought. keys.db keeps them,
// because a condition may hold a person's name. What they found lies in the dataset's own file
// (sync/downlink/store/row_watch.hpp). A watch belongs to the user, or to the person of a paired
// browser, who made it.
#pragma once

#include <string>
#include <vector>

#include "agent/channel/local_socket.hpp"
#include "agent/office/office.hpp"
#include "core/format/json_fwd.hpp"
#include "sync/downlink/store/row_watch.hpp"

namespace rootlet::agent {

struct Watch {
  std::string id;    // random: a new watch of an old name has no hits of the old one
  std::string name;  // one per user
  std::string dataset;
  std::string purpose;
  std::vector<std::string> filters;  // agent/query/filter.hpp; all must hold
  std::int64_t uid = -1;
  std::string person = {};  // of a paired browser, which has no uid
  UnixTime made{};
};

bool belongs_to(const Watch& watch, const Peer& peer);

// All users', by user and name.
Result<std::vector<Watch>> load_watches(KeyStore& keys);
// On disk on return. kUsage if the user has one of this name, or as many as limits::kWatches.
Status add_watch(KeyStore& keys, const Watch& watch);
// kBadInput, field "name", with the user's watches, if there is none of this name.
Result<Watch> find_watch(KeyStore& keys, const Peer& owner, std::string_view name);
Status remove_watch(KeyStore& keys, const Watch& watch);

// The condition over the columns that `grant` shows. kBadInput for a filter that does not fit them.
Result<RowWatch> compile_watch(const Watch& watch, const DatasetDefinition& definition,
                               const Grant& grant);

// Those over a dataset whose purpose the grant allows and whose filters fit.
Result<std::vector<RowWatch>> compile_watches(KeyStore& keys, const DatasetDefinition& definition,
                                              const Grant& grant);

// A hit's key as people see it: a column with a mask is masked here as in a row.
json::array shown_key(const DatasetDefinition& definition, json::array key);

// The user has looked: forgets what the watch found. Waits while a sync changes the dataset's file.
Status forget_hits_of(Office& office, const Watch& watch);

json::object to_json(const Watch& watch);

}  // namespace rootlet::agent
