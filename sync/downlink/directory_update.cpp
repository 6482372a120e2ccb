// Walks the tree from the root, division by division, then takes what the nodes list.
#include "sync/downlink/directory_update.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "core/limits.hpp"
#include "core/log.hpp"
#include "sync/downlink/fetch/node_pack.hpp"
#include "sync/downlink/plan.hpp"

namespace rootlet {
namespace {

constexpr int kPlans = 3;  // the first, one after a damaged stream, one in reserve
constexpr std::string_view kRootHashFact = "root_node";

// The divisions whose nodes an office reads, each with the datasets that its grants name there.
using WantedNodes = std::map<std::string, std::set<std::string>>;

WantedNodes wanted_nodes(const std::string& division, const GrantFile* grant) {
  WantedNodes wanted;
  for (const std::string& one : path_of(division)) wanted[one];
  if (grant == nullptr) return wanted;
  for (const Grant& one : grant->grants) {
    for (const std::string& named : one.divisions) {
      for (const std::string& step : path_of(named)) wanted[step];
      wanted[named].insert(one.dataset);
    }
  }
  return wanted;
}

// A stream of the directory that has a head and packs: the catalogue, or heads below a division.
struct ListedStream {
  StreamHead head;
  std::vector<PackEntry> packs;
};

Result<std::optional<ListedStream>> listed_in(const HeldNode& node, const StreamName& stream) {
  const std::string id = stream.text();
  std::optional<ListedStream> found;
  std::vector<PackEntry> packs;
  for (const DirectoryRow& row : node.rows) {
    if (row.id != id) continue;
    if (row.kind == DirectoryKind::kStream) {
      ROOTLET_TRY(StreamHead head, head_of(row));
      found = ListedStream{.head = std::move(head), .packs = {}};
    } else if (row.kind == DirectoryKind::kPack) {
      ROOTLET_TRY(PackEntry pack, pack_of(row));
      packs.push_back(std::move(pack));
    }
  }
  if (found.has_value()) found->packs = std::move(packs);
  return found;
}

const DirectoryRow* child_row(const HeldNode& node, const StreamName& child) {
  const std::string id = child.text();
  const auto found = std::find_if(node.rows.begin(), node.rows.end(), [&](const DirectoryRow& row) {
    return row.kind == DirectoryKind::kNode && row.id == id;
  });
  return found == node.rows.end() ? nullptr : &*found;
}

class DirectoryUpdate {
 public:
  DirectoryUpdate(SyncSession& session, DatasetStore& directory)
      : session_(session), directory_(directory), tables_(directory), view_(directory.database()) {}

  Status run();

 private:
  const SymmetricKey* key_of(const StreamName& stream) const;
  Result<const HeldNode*> root();
  // Null without a key: then the grant that brings it is still to come.
  Result<const HeldNode*> node(const StreamName& stream, const NodePin& pin,
                               const StreamName& key_stream);
  Result<HeldNode> fetch(const NodePin& pin, const SymmetricKey& key);
  Status walk(const WantedNodes& wanted);
  Result<const HeldNode*> child(const HeldNode& parent, const StreamName& stream,
                                const StreamName& key_stream);
  // Takes what `node` lists of `datasets` besides their own streams.
  Status enter(const HeldNode& node, const std::string& division,
               const std::set<std::string>& datasets);
  Status take_heads(const HeldNode& node, const std::string& division,
                    const std::set<std::string>& datasets);
  Status take_stream(const ListedStream& stream, const StreamName& key_stream);
  Status apply_path(const StreamPlan& plan, const SymmetricKey& key);
  Status take_definitions();
  Status commit();

  SyncSession& session_;
  DatasetStore& directory_;
  KeptTables tables_;
  DirectoryView view_;
  std::vector<PublicKey> signers_;
  std::string root_hash_;
  std::map<StreamName, HeldNode> nodes_;  // of the new version of the tree
  std::set<StreamName> fresh_;            // those that were fetched
  std::set<std::string> streams_;         // of the directory, by the partition they are held under
};

const SymmetricKey* DirectoryUpdate::key_of(const StreamName& stream) const {
  const StreamName name = key_stream_of(stream);
  const GrantFile* grant = session_.host.grant();
  const SymmetricKey* granted = grant == nullptr ? nullptr : find_key(grant->directory_keys, name);
  return granted != nullptr ? granted : find_key(*session_.identity.directory_keys, name);
}

Status DirectoryUpdate::run() {
  ROOTLET_TRY(signers_, session_.trust.directory_signers());
  const WantedNodes wanted = wanted_nodes(session_.identity.division, session_.host.grant());
  if (wanted.size() > limits::kNodesPerSync) {
    return fail(ErrorCode::kUntrusted, "directory: the grants name too many divisions");
  }
  ROOTLET_TRY(walk(wanted));
  ROOTLET_TRY(take_definitions());
  return commit();
}

Result<const HeldNode*> DirectoryUpdate::root() {
  const NodePin pin{.stream = node_stream("all")};
  ROOTLET_TRY(root_hash_, session_.trust.root_node_hash());
  ROOTLET_TRY(const std::string held_hash, directory_.fact(kRootHashFact));
  ROOTLET_TRY(std::optional<HeldNode> held, load_node(directory_.database(), pin.stream));
  if (held_hash == root_hash_ && held.has_value()) {
    return &nodes_.emplace(pin.stream, *std::move(held)).first->second;
  }
  const SymmetricKey* key = key_of(pin.stream);
  if (key == nullptr) return fail(ErrorCode::kNotPermitted, "directory: no key for its root node");
  ROOTLET_TRY(const Bytes pack, session_.trust.fetch_root_node());
  ROOTLET_TRY(HeldNode fetched, read_node(pack, pin, *key, signers_));
  fresh_.insert(pin.stream);
  return &nodes_.emplace(pin.stream, std::move(fetched)).first->second;
}

Status DirectoryUpdate::walk(const WantedNodes& wanted) {
  ROOTLET_TRY(const HeldNode* top, root());
  ROOTLET_TRY(const std::optional<ListedStream> catalogue, listed_in(*top, catalogue_stream()));
  if (catalogue.has_value()) {
    ROOTLET_TRY(take_stream(*catalogue, catalogue_stream()));
  }
  std::vector<std::string> order;
  for (const auto& [division, datasets] : wanted) order.push_back(division);
  std::sort(order.begin(), order.end(), [](const std::string& a, const std::string& b) {
    return path_of(a).size() < path_of(b).size();
  });
  for (const std::string& division : order) {
    const HeldNode* one = top;
    if (division != "all") {
      const auto parent = nodes_.find(node_stream(parent_of(division)));
      if (parent == nodes_.end()) continue;
      const StreamName stream = node_stream(division);
      ROOTLET_TRY(one, child(parent->second, stream, stream));
    }
    if (one == nullptr) continue;
    ROOTLET_TRY(enter(*one, division, wanted.at(division)));
  }
  return ok();
}

Result<const HeldNode*> DirectoryUpdate::child(const HeldNode& parent, const StreamName& stream,
                                               const StreamName& key_stream) {
  const DirectoryRow* row = child_row(parent, stream);
  if (row == nullptr) return static_cast<const HeldNode*>(nullptr);
  ROOTLET_TRY(const NodePin pin, node_pin_of(*row, stream));
  return node(stream, pin, key_stream);
}

Result<const HeldNode*> DirectoryUpdate::node(const StreamName& stream, const NodePin& pin,
                                              const StreamName& key_stream) {
  const auto known = nodes_.find(stream);
  if (known != nodes_.end()) return &known->second;
  ROOTLET_TRY(std::optional<HeldNode> held, load_node(directory_.database(), stream));
  if (held.has_value() && held->is_at(pin)) {
    return &nodes_.emplace(stream, *std::move(held)).first->second;
  }
  const SymmetricKey* key = key_of(key_stream);
  if (key == nullptr) return static_cast<const HeldNode*>(nullptr);
  // The metadata is newer than what is held, so the realm itself has two histories.
  if (held.has_value() && held->version >= pin.version) session_.note_fork(stream, pin.version);
  ROOTLET_TRY(HeldNode fetched, fetch(pin, *key));
  fresh_.insert(stream);
  return &nodes_.emplace(stream, std::move(fetched)).first->second;
}

Result<HeldNode> DirectoryUpdate::fetch(const NodePin& pin, const SymmetricKey& key) {
  const Bytes* brought = session_.trust.from_news(pin.stream);
  if (brought != nullptr) {
    Result<HeldNode> found = read_node(*brought, pin, key, signers_);
    if (found.has_value()) return found;
  }
  ROOTLET_TRY(const Bytes pack, fetch_node(session_.source, pin));
  return read_node(pack, pin, key, signers_);
}

Status DirectoryUpdate::enter(const HeldNode& one, const std::string& division,
                              const std::set<std::string>& datasets) {
  if (division == session_.identity.division) {
    const StreamName offices = offices_stream(division);
    ROOTLET_TRY(child(one, offices, offices));
  }
  ROOTLET_TRY(take_heads(one, division, datasets));
  for (const std::string& dataset : datasets) {
    // A slice has the name and key of its first dataset, which has the same readers as the others.
    const StreamName heads = heads_stream(dataset, division);
    const SymmetricKey* key = key_of(heads);
    if (key == nullptr) continue;
    ROOTLET_TRY(const HeldNode* slice, child(one, slice_stream(slice_name(*key), division), heads));
    if (slice == nullptr) continue;
    ROOTLET_TRY(take_heads(*slice, division, datasets));
  }
  return ok();
}

Status DirectoryUpdate::take_heads(const HeldNode& one, const std::string& division,
                                   const std::set<std::string>& datasets) {
  for (const std::string& dataset : datasets) {
    const StreamName heads = heads_stream(dataset, division);
    ROOTLET_TRY(const std::optional<ListedStream> below, listed_in(one, heads));
    if (!below.has_value()) continue;
    ROOTLET_TRY(take_stream(*below, heads));
  }
  return ok();
}

// Follows its plan as a data stream does; one that is damaged here starts again from nothing.
Status DirectoryUpdate::take_stream(const ListedStream& stream, const StreamName& key_stream) {
  const SymmetricKey* key = key_of(key_stream);
  if (key == nullptr) return ok();
  const std::string held_as = stream.head.stream.text();
  streams_.insert(held_as);
  Status done = ok();
  for (int round = 0; round < kPlans; ++round) {
    StreamFacts facts{
        .head = stream.head, .held = {}, .packs = stream.packs, .refused = {}, .may_go_back = true};
    ROOTLET_TRY(facts.held, directory_.stream(held_as));
    ROOTLET_TRY(facts.refused, directory_.refused_packs());
    facts.has_current_layout = facts.held.has_value() && directory_.has_current_layout(*facts.held);
    const StreamPlan plan = plan_stream(facts);
    if (plan.is_fork && round == 0) session_.note_fork(stream.head.stream, stream.head.version);
    if (plan.trouble.has_value()) return *plan.trouble;
    if (!plan.has_work()) return ok();
    done = apply_path(plan, *key);
    ROOTLET_TRY(directory_.clean(session_.should_stop));
    if (done.has_value() || done.error().code != ErrorCode::kUntrusted) return done;
  }
  return done;
}

Status DirectoryUpdate::apply_path(const StreamPlan& plan, const SymmetricKey& key) {
  for (const PackEntry& entry : plan.packs) {
    const PackRequest request{.entry = entry,
                              .grades = {1},
                              .publishers = signers_,
                              .head = plan.head,
                              .partition = plan.head.stream.text()};
    ROOTLET_TRY(const StagedPack pack, fetch_pack(session_.source, session_.staging, request,
                                                  {.should_stop = session_.should_stop}));
    ApplyContext context;
    context.content_keys.push_back(key.clone());
    context.as_of = plan.head.published;
    context.received = session_.clock.wall();
    context.should_stop = session_.should_stop;
    ROOTLET_TRY(const AppliedPack applied, apply_pack(tables_, pack, context));
    session_.report.packs += 1;
    session_.report.rows += applied.inserted + applied.updated + applied.removed;
    ROOTLET_TRY(remove_file(pack.file));
  }
  return ok();
}

Status DirectoryUpdate::take_definitions() {
  const GrantFile* grant = session_.host.grant();
  if (grant == nullptr) return ok();
  for (const Grant& one : grant->grants) {
    ROOTLET_TRY(const std::optional<DatasetListing> listing, view_.listing(one.dataset));
    if (!listing.has_value()) continue;
    const StreamName stream = definition_stream(one.dataset);
    ROOTLET_TRY(node(stream, listing->definition, stream));
  }
  return ok();
}

Status DirectoryUpdate::commit() {
  Database& database = directory_.database();
  ROOTLET_TRY(Transaction transaction, Transaction::begin(database));
  for (const StreamName& stream : fresh_) {
    ROOTLET_TRY(save_node(database, nodes_.at(stream)));
  }
  ROOTLET_TRY(const std::vector<StreamName> held, held_node_streams(database));
  for (const StreamName& stream : held) {
    if (nodes_.contains(stream)) continue;
    ROOTLET_TRY(remove_node(database, stream));
  }
  ROOTLET_TRY(directory_.save_fact(kRootHashFact, root_hash_));
  ROOTLET_TRY(transaction.commit());
  session_.report.nodes += fresh_.size();
  ROOTLET_TRY(const std::vector<HeldStream> streams, directory_.streams());
  for (const HeldStream& stream : streams) {
    if (streams_.contains(stream.partition)) continue;
    ROOTLET_TRY(directory_.drop_stream(stream.partition));
  }
  ROOTLET_TRY(directory_.clean(session_.should_stop));
  return ok();
}

}  // namespace

Status update_directory(SyncSession& session, DatasetStore& directory) {
  return DirectoryUpdate(session, directory).run();
}

}  // namespace rootlet
