#include "agent/api/door/refusals.hpp"

#include "core/log.hpp"

namespace rootlet::agent {
namespace {

Use use_of(ReadingSession& session, const Peer& peer, std::string command, std::string outcome) {
  return {.at = session.office().time().now,
          .uid = peer.uid,
          .user = peer.user,
          .command = std::move(command),
          .dataset = "",
          .purpose = "",
          .outcome = std::move(outcome),
          .subject = ""};
}

}  // namespace

void Refusals::note(const Peer& peer, std::string_view kind) {
  ++count_;
  const std::string command = "refused-" + std::string(kind);
  const Status noted = [&]() -> Status {
    ROOTLET_TRY(const ReadingPool::Taken session, pool_->take());
    return pool_->recorder().record_in_group(
        use_of(*session, peer, command, std::string(name_of(ErrorCode::kNoAccess))));
  }();
  if (noted.has_value()) return;
  log_warning("api: " + command + " of '" + peer.user +
              "' is not in the ledger: " + noted.error().message);
}

Status Refusals::note_act(const Peer& peer, std::string_view command) {
  ROOTLET_TRY(const ReadingPool::Taken session, pool_->take());
  ROOTLET_TRY(pool_->recorder().record(use_of(*session, peer, std::string(command), "done")));
  return ok();
}

}  // namespace rootlet::agent
