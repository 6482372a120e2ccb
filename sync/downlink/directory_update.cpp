// The directory is an ordinary stream whose packs the metadata pins.
#include "sync/downlink/directory_update.hpp"

#include <algorithm>

#include "sync/pack/plan.hpp"

namespace rootlet {
namespace {

constexpr int kPlans = 3;  // the first, one after a damaged stream, one in reserve

// A damaged directory starts again from version 0.
Version base_of(const std::optional<HeldStream>& held) {
  return held.has_value() && held->state == StreamState::kGood ? held->version : 0;
}

Status apply_one(SyncSession& session, DatasetStore& directory,
                 const DirectoryPackRequest& request) {
  const TransferContext transfer{.should_stop = session.should_stop};
  ROOTLET_TRY(const StagedPack pack,
              fetch_directory_pack(session.source, session.staging, request, transfer));
  ApplyContext context;
  context.content_keys.push_back(session.identity.directory_key->clone());
  context.as_of = session.clock.wall();
  context.received = context.as_of;
  context.should_stop = session.should_stop;
  ROOTLET_TRY(const AppliedPack applied, apply_pack(directory, pack, context));
  session.report.packs += 1;
  session.report.rows += applied.inserted + applied.updated + applied.removed;
  return remove_file(pack.file);
}

Status apply_all(SyncSession& session, DatasetStore& directory,
                 const std::vector<DirectoryPackRequest>& path) {
  for (const DirectoryPackRequest& request : path) {
    ROOTLET_TRY(apply_one(session, directory, request));
  }
  return ok();
}

}  // namespace

Result<std::vector<DirectoryPackRequest>> plan_directory(
    const std::vector<DirectoryPackRequest>& packs, const std::optional<HeldStream>& held) {
  std::vector<PackEdge> edges;
  Version head = 0;
  for (const DirectoryPackRequest& request : packs) {
    edges.push_back({request.from, request.to, request.target.length});
    head = std::max(head, request.to);
  }
  // Follows metadata to a lower version: it was signed on purpose, after a repair of the realm.
  const Version base = std::min(base_of(held), head);
  const bool is_at_head = held.has_value() && held->version == base && base == head;
  if (is_at_head) return std::vector<DirectoryPackRequest>();
  ROOTLET_TRY(const PackPlan plan, plan_packs(edges, base == head ? 0 : base, head));
  std::vector<DirectoryPackRequest> path;
  for (const std::size_t edge : plan.edges) path.push_back(packs[edge]);
  return path;
}

Status update_directory(SyncSession& session, DatasetStore& directory) {
  ROOTLET_TRY(const std::vector<DirectoryPackRequest> packs, session.trust.directory_packs());
  Status done = ok();
  for (int plan = 0; plan < kPlans; ++plan) {
    ROOTLET_TRY(const std::optional<HeldStream> held, directory.stream(kDirectoryStream.partition));
    ROOTLET_TRY(const std::vector<DirectoryPackRequest> path, plan_directory(packs, held));
    done = apply_all(session, directory, path);
    ROOTLET_TRY(directory.clean(session.should_stop));
    ROOTLET_TRY(const std::optional<HeldStream> after,
                directory.stream(kDirectoryStream.partition));
    const bool is_damaged = after.has_value() && after->state == StreamState::kDamaged;
    if (done.has_value() || !is_damaged) return done;
  }
  return done;
}

}  // namespace rootlet
