// Each rule of docs/time.md in one function.
#include "agent/time/time_rules.hpp"

#include <algorithm>

namespace rootlet::agent {

using std::chrono::floor;
using std::chrono::seconds;

namespace {

// How old a timestamp may be when it arrives: a served platform signs one daily.
constexpr std::chrono::days kTimestampAge{1};

UnixTime awake_time(const TimeEvidence& evidence, Awake awake) {
  return evidence.proven.is_set() ? evidence.proven.at(awake) : UnixTime{};
}

UnixTime signed_time(const TimeEvidence& evidence, Awake awake) {
  return evidence.said.is_set() ? evidence.said.at(awake) : UnixTime{};
}

bool takes_back(const TimeEvidence& evidence, UnixTime issued) {
  return evidence.said.is_set() && issued < evidence.said.time;
}

bool is_credible(const SignedTime& heard, UnixTime earliest_expiry) {
  return heard.issued.has_value() && *heard.issued > UnixTime{} &&
         *heard.issued <= std::min(earliest_expiry, heard.expires);
}

bool is_other_machine(std::string_view a, std::string_view b) {
  return !a.empty() && !b.empty() && a != b;
}

}  // namespace

UnixTime Anchor::at(Awake now) const {
  return time + floor<seconds>(std::max(now - awake, Awake(0)));
}

Awake count_awake(const AwakeMark& saved, const BootReading& now) {
  const Awake since_mark = std::max(now.since_boot - saved.since_boot, Awake(0));
  if (is_other_machine(saved.machine, now.machine)) return saved.total;
  if (saved.boot.empty() || now.boot.empty()) {
    // A shorter uptime shows a reboot.
    const bool rebooted = now.since_boot < saved.since_boot;
    return saved.total + (rebooted ? now.since_boot : since_mark);
  }
  // The mark of an earlier boot is older than this boot, so all of its time counts.
  return saved.total + (saved.boot == now.boot ? since_mark : now.since_boot);
}

bool is_newer(const SignedTime& offered, const SignedTime& held) {
  if (offered.root_version == held.root_version) return offered.version > held.version;
  // A new root may start the versions of the timestamp again (TUF 5.3.11).
  return offered.root_version > held.root_version &&
         (offered.version != held.version || offered.issued != held.issued);
}

TimeEvidence learn_time(TimeEvidence evidence, const SignedTime& heard, UnixTime earliest_expiry,
                        Awake awake) {
  if (!is_newer(heard, evidence.newest)) return evidence;
  evidence.newest = heard;
  if (!is_credible(heard, earliest_expiry)) {
    evidence.newest.issued.reset();
    return evidence;
  }
  const Anchor now{.time = *heard.issued, .awake = awake};
  const bool corrects = takes_back(evidence, now.time);
  // The signer's own correction. One who only repeats old timestamps cannot make it.
  if (corrects && awake_time(evidence, awake) > now.time + kTimestampAge) evidence.proven = {};
  const bool starts_again =
      corrects || !evidence.trial.is_set() || evidence.trial.at(awake) > heard.expires;
  evidence.said = now;
  if (starts_again) {
    evidence.trial = now;
  } else if (awake - evidence.trial.awake >= kBorneOut) {
    if (evidence.trial.at(awake) > awake_time(evidence, awake)) evidence.proven = evidence.trial;
    evidence.trial = now;
  }
  return evidence;
}

TrustedTime trusted_time(const TimeEvidence& evidence, const ClockReadings& clocks) {
  const UnixTime said = signed_time(evidence, clocks.awake);
  const UnixTime proven = awake_time(evidence, clocks.awake);
  const UnixTime floor = std::max(said, proven);
  return {.floor = floor,
          .now = std::max(floor, clocks.wall),
          .certain = std::min(said, proven),
          .awake = clocks.awake};
}

UnixTime time_of_update(const TimeEvidence& evidence, const ClockReadings& clocks,
                        const SignedTime* newest) {
  const UnixTime base = std::max(awake_time(evidence, clocks.awake), clocks.wall);
  if (newest == nullptr) return base;
  if (!is_newer(*newest, evidence.newest)) {
    return std::max(base, signed_time(evidence, clocks.awake));
  }
  const bool corrects = newest->issued.has_value() && takes_back(evidence, *newest->issued);
  return corrects ? clocks.wall : base;
}

std::optional<Contact> decide_contact(const TimeEvidence& evidence, Awake awake) {
  const SignedTime& newest = evidence.newest;
  const UnixTime at = std::max(signed_time(evidence, awake), awake_time(evidence, awake));
  if (newest.version == 0 || !newest.issued.has_value() || at >= newest.expires) {
    return std::nullopt;
  }
  return Contact{.at = at, .awake = awake};
}

LeaseDecision decide_time(const LeaseTerms& terms, const std::optional<Contact>& contact,
                          const TrustedTime& time) {
  if (!contact.has_value()) return {};
  const UnixTime lease_end = contact->at + terms.lease;
  LeaseDecision decision{.verdict = LeaseVerdict::kOpen,
                         .until = std::min(lease_end, terms.grant_until)};
  const bool awake_too_long = time.awake - contact->awake > terms.lease;
  if ((awake_too_long && time.floor > lease_end) || time.certain > terms.grant_until) {
    decision.verdict = LeaseVerdict::kErase;
  } else if (awake_too_long || time.now > decision.until) {
    decision.verdict = LeaseVerdict::kLocked;
  }
  return decision;
}

}  // namespace rootlet::agent
