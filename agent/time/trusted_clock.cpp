// Reads the clocks, and keeps what was heard as bytes.
#include "agent/time/trusted_clock.hpp"

#include <algorithm>

namespace rootlet::agent {
namespace {

using std::chrono::seconds;

constexpr Awake kMarkAge = std::chrono::minutes(1);
constexpr std::uint8_t kHeardFormat = 1;

void put_time(ByteWriter& writer, UnixTime time) {
  writer.zigzag(time.time_since_epoch().count());
}

void put_anchor(ByteWriter& writer, const Anchor& anchor) {
  put_time(writer, anchor.time);
  writer.zigzag(anchor.awake.count());
}

Result<UnixTime> take_time(ByteReader& reader) {
  ROOTLET_TRY(const std::int64_t unix_s, reader.zigzag());
  return UnixTime(seconds(unix_s));
}

Result<Anchor> take_anchor(ByteReader& reader) {
  Anchor anchor;
  ROOTLET_TRY(anchor.time, take_time(reader));
  ROOTLET_TRY(const std::int64_t awake_ms, reader.zigzag());
  anchor.awake = Awake(awake_ms);
  return anchor;
}

Result<HeardTime> read_heard(ByteReader& reader) {
  HeardTime heard;
  ROOTLET_TRY(const std::uint8_t format, reader.u8());
  if (format != kHeardFormat) return reader.error("of an unknown format");
  SignedTime& newest = heard.evidence.newest;
  ROOTLET_TRY(newest.root_version, reader.zigzag());
  ROOTLET_TRY(newest.version, reader.zigzag());
  ROOTLET_TRY(const UnixTime issued, take_time(reader));
  if (issued != UnixTime{}) newest.issued = issued;
  ROOTLET_TRY(newest.expires, take_time(reader));
  ROOTLET_TRY(heard.evidence.said, take_anchor(reader));
  ROOTLET_TRY(heard.evidence.trial, take_anchor(reader));
  ROOTLET_TRY(heard.evidence.proven, take_anchor(reader));
  ROOTLET_TRY(const Anchor contact, take_anchor(reader));
  if (contact.is_set()) heard.contact = Contact{.at = contact.time, .awake = contact.awake};
  ROOTLET_TRY(heard.seen, take_time(reader));
  ROOTLET_TRY(reader.expect_end());
  return heard;
}

}  // namespace

Bytes encode_heard_time(const HeardTime& heard) {
  const TimeEvidence& evidence = heard.evidence;
  ByteWriter writer;
  writer.u8(kHeardFormat);
  writer.zigzag(evidence.newest.root_version);
  writer.zigzag(evidence.newest.version);
  put_time(writer, evidence.newest.issued.value_or(UnixTime{}));
  put_time(writer, evidence.newest.expires);
  put_anchor(writer, evidence.said);
  put_anchor(writer, evidence.trial);
  put_anchor(writer, evidence.proven);
  const Contact contact = heard.contact.value_or(Contact{});
  put_anchor(writer, {.time = contact.at, .awake = contact.awake});
  put_time(writer, heard.seen);
  return writer.take();
}

Result<HeardTime> parse_heard_time(ByteView bytes) {
  ByteReader reader(bytes, "keys.db: heard");
  Result<HeardTime> heard = read_heard(reader);
  if (heard.has_error()) return fail(ErrorCode::kStorageDamaged, heard.error().message);
  return heard;
}

TrustedClock::TrustedClock(const AwakeMark& saved, HeardTime heard, const Clock& clock,
                           BootIdentity boot)
    : clock_(&clock), boot_(std::move(boot)), saved_(saved), heard_(std::move(heard)) {
  const BootReading now{
      .since_boot = clock.since_boot(), .boot = boot_.boot, .machine = boot_.machine};
  base_ = {.total = count_awake(saved, now),
           .since_boot = now.since_boot,
           .boot = boot_.boot,
           .machine = boot_.machine};
}

Awake TrustedClock::awake() const {
  return base_.total + std::max(clock_->since_boot() - base_.since_boot, Awake(0));
}

UnixTime TrustedClock::time_of_update(const SignedTime* newest) const {
  return agent::time_of_update(heard_.evidence, readings(), newest);
}

bool TrustedClock::hear(const SignedTime& timestamp, UnixTime earliest_expiry) {
  const Awake now = awake();
  heard_.evidence = learn_time(heard_.evidence, timestamp, earliest_expiry, now);
  const std::optional<Contact> contact = decide_contact(heard_.evidence, now);
  if (!contact.has_value()) return false;
  heard_.contact = contact;
  heard_.seen = read().now;
  return true;
}

AwakeMark TrustedClock::mark() const {
  return {.total = awake(),
          .since_boot = clock_->since_boot(),
          .boot = boot_.boot,
          .machine = boot_.machine};
}

bool TrustedClock::mark_is_old() const {
  return saved_.boot != boot_.boot || saved_.machine != boot_.machine ||
         clock_->since_boot() < saved_.since_boot || awake() - saved_.total >= kMarkAge;
}

}  // namespace rootlet::agent
