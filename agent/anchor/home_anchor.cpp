// Asks the TPM, and keeps in keys.db what its answer is held against.
#include "agent/anchor/home_anchor.hpp"

#include "agent/anchor/anchor_rules.hpp"
#include "agent/anchor/tpm.hpp"
#include "agent/office/loss.hpp"
#include "core/log.hpp"

namespace rootlet::agent {
namespace {

constexpr std::string_view kFact = "anchor";
constexpr std::uint8_t kFormat = 1;
// The mark of a home without orders is saved anew when its clock has moved by so much.
constexpr Awake kAheadStep = std::chrono::minutes(1);

struct HomeAnchor {
  TpmCounter counter;
  AnchorMark mark;
};

Status save(KeyStore& keys, const HomeAnchor& anchor) {
  ByteWriter writer;
  writer.u8(kFormat);
  writer.u32(anchor.counter.index);
  writer.raw(anchor.counter.secret.expose());
  writer.varint(anchor.mark.count);
  writer.raw(anchor.mark.orders);
  writer.zigzag(anchor.mark.ahead.count());
  return keys.save_fact(kFact, writer.take());
}

Result<HomeAnchor> parse(ByteView bytes) {
  ByteReader reader(bytes, "keys.db: anchor");
  ROOTLET_TRY(const std::uint8_t format, reader.u8());
  if (format != kFormat) return reader.error("of an unknown format");
  HomeAnchor anchor;
  ROOTLET_TRY(anchor.counter.index, reader.u32());
  ROOTLET_TRY(const ByteView secret, reader.take(anchor.counter.secret.expose().size()));
  ROOTLET_TRY(anchor.counter.secret, SymmetricKey::from(secret));
  ROOTLET_TRY(anchor.mark.count, reader.varint());
  ROOTLET_TRY(const ByteView orders, reader.take(anchor.mark.orders.size()));
  std::copy(orders.begin(), orders.end(), anchor.mark.orders.begin());
  ROOTLET_TRY(const std::int64_t ahead, reader.zigzag());
  anchor.mark.ahead = Awake(ahead);
  ROOTLET_TRY(reader.expect_end());
  return anchor;
}

Result<std::optional<HomeAnchor>> load(KeyStore& keys) {
  ROOTLET_TRY(const std::optional<Bytes> bytes, keys.fact(kFact));
  if (!bytes) return std::optional<HomeAnchor>();
  Result<HomeAnchor> anchor = parse(*bytes);
  if (anchor.has_error()) return fail(ErrorCode::kStorageDamaged, anchor.error().message);
  return std::optional<HomeAnchor>(std::move(anchor.value()));
}

// Of everything that must not be undone by an older copy.
Result<Hash256> orders_in(KeyStore& keys) {
  ByteWriter writer;
  for (const std::string_view name : {"grant", "loss"}) {
    ROOTLET_TRY(const std::optional<Bytes> fact, keys.fact(name));
    writer.sized(fact.value_or(Bytes()));
  }
  ROOTLET_TRY(const std::vector<Erasure> erasures, keys.erasures());
  writer.varint(erasures.size());
  return blake2b(writer.take());
}

bool is_wanted(const AgentContext& context) {
  return !context.settings.anchor.empty();
}

BootReading boot_of(const AgentContext& context) {
  return {
      .since_boot = context.clock->since_boot(), .boot = context.boot, .machine = context.machine};
}

// The home as it is now is the newest from here on.
Status begin(const AgentContext& context, KeyStore& keys, Tpm& tpm, TpmCounter counter) {
  HomeAnchor anchor{.counter = std::move(counter), .mark = {}};
  ROOTLET_TRY(const std::optional<std::uint64_t> count, tpm.read(anchor.counter));
  ROOTLET_TRY(const Awake clock, tpm.clock());
  ROOTLET_TRY(const AwakeMark awake, keys.awake_mark());
  ROOTLET_TRY(anchor.mark.orders, orders_in(keys));
  anchor.mark.count = count.value_or(0);
  anchor.mark.ahead = count_awake(awake, boot_of(context)) - clock;
  return save(keys, anchor);
}

Status make(const AgentContext& context, KeyStore& keys) {
  ROOTLET_TRY(Tpm tpm, Tpm::open(context.settings.anchor));
  ROOTLET_TRY(TpmCounter counter, tpm.make_counter());
  return begin(context, keys, tpm, std::move(counter));
}

// Whatever the copy says, the machine was on for as long as the clock shows.
Status count_time(const AgentContext& context, KeyStore& keys, HomeAnchor& anchor, Awake clock) {
  ROOTLET_TRY(const AwakeMark saved, keys.awake_mark());
  const BootReading now = boot_of(context);
  const Awake counted = count_awake(saved, now);
  const Awake awake = awake_by_anchor(anchor.mark, counted, clock);
  if (awake > counted) {
    ROOTLET_TRY(keys.save_awake_mark({.total = awake,
                                      .since_boot = now.since_boot,
                                      .boot = context.boot,
                                      .machine = context.machine}));
  }
  if (awake - clock < anchor.mark.ahead + kAheadStep) return ok();
  anchor.mark.ahead = awake - clock;
  return save(keys, anchor);
}

// What the TPM says; a TPM that does not answer is an error.
Result<CopyVerdict> ask(const AgentContext& context, KeyStore& keys, HomeAnchor& anchor) {
  ROOTLET_TRY(Tpm tpm, Tpm::open(context.settings.anchor));
  ROOTLET_TRY(const std::optional<std::uint64_t> count, tpm.read(anchor.counter));
  const CopyVerdict verdict = judge_copy(anchor.mark, count);
  if (verdict == CopyVerdict::kInterrupted) {
    ROOTLET_TRY(tpm.increment(anchor.counter));
  }
  if (verdict == CopyVerdict::kOther) return verdict;
  ROOTLET_TRY(const Awake clock, tpm.clock());
  ROOTLET_TRY(count_time(context, keys, anchor, clock));
  return verdict;
}

std::string why_locked(const AgentContext& context, KeyStore& keys, HomeAnchor& anchor) {
  if (!is_wanted(context)) return "the setting `anchor` was taken away";
  const Result<CopyVerdict> verdict = ask(context, keys, anchor);
  if (verdict.has_error()) return verdict.error().message;
  switch (verdict.value()) {
    case CopyVerdict::kCurrent:
    case CopyVerdict::kInterrupted:
      return "";
    case CopyVerdict::kOlder:
      return "it is older than the counter of this machine's TPM";
    case CopyVerdict::kOther:
      break;
  }
  return "this machine's TPM does not have its counter";
}

// After a contact the home has the platform's newest orders. Its counter is kept if the TPM has it.
Status renew(const AgentContext& context, KeyStore& keys, std::optional<HomeAnchor> old) {
  if (old && is_wanted(context)) {
    ROOTLET_TRY(Tpm tpm, Tpm::open(context.settings.anchor));
    ROOTLET_TRY(const std::optional<std::uint64_t> count, tpm.read(old->counter));
    if (count.has_value()) return begin(context, keys, tpm, std::move(old->counter));
  }
  ROOTLET_TRY(keys.forget_fact(kFact));
  return is_wanted(context) ? make(context, keys) : ok();
}

Status count_orders(Office& office, HomeAnchor anchor) {
  ROOTLET_TRY(const Hash256 orders, orders_in(office.keys()));
  if (orders == anchor.mark.orders) return ok();
  ROOTLET_TRY(Tpm tpm, Tpm::open(office.context().settings.anchor));
  ROOTLET_TRY(const std::optional<std::uint64_t> count, tpm.read(anchor.counter));
  if (!count.has_value()) return ok();  // hold_anchor() will say so
  anchor.mark.count = *count + 1;
  anchor.mark.orders = orders;
  ROOTLET_TRY(save(office.keys(), anchor));
  return tpm.increment(anchor.counter);
}

// What the setting asks for cannot be done.
template <class T>
Status usable(const Result<T>& done) {
  if (done.has_value()) return ok();
  return Error(ErrorCode::kUsage, "anchor: " + done.error().message, "anchor", done.error().hint);
}

}  // namespace

Status hold_anchor(const AgentContext& context) {
  std::error_code unknown;
  std::optional<KeyStore> keys;
  if (fs::exists(context.home.keys(), unknown)) {
    Result<std::optional<KeyStore>> opened = open_keys(context.home);
    if (opened.has_error()) return ok();  // nothing can be read; each command says so
    keys = std::move(opened.value());
  }
  if (!keys) return is_wanted(context) ? usable(Tpm::open(context.settings.anchor)) : ok();
  ROOTLET_TRY(std::optional<HomeAnchor> anchor, load(*keys));
  if (!anchor) return is_wanted(context) ? usable(make(context, *keys)) : ok();
  ROOTLET_TRY(const CopyLock before, load_copy_lock(*keys));
  const std::string why = why_locked(context, *keys, *anchor);
  if (why.empty() || before.is_set()) return ok();
  log_warning("the data of this home is locked until the platform has been heard: " + why);
  return save_copy_lock(*keys, {.since = context.clock->wall(), .why = why});
}

Status keep_anchor(Office& office, bool is_heard) {
  KeyStore& keys = office.keys();
  ROOTLET_TRY(const CopyLock lock, load_copy_lock(keys));
  ROOTLET_TRY(std::optional<HomeAnchor> anchor, load(keys));
  if (!lock.is_set()) {
    if (anchor) return count_orders(office, std::move(*anchor));
    return is_wanted(office.context()) ? make(office.context(), keys) : ok();
  }
  if (!is_heard) return ok();
  const Status renewed = renew(office.context(), keys, std::move(anchor));
  if (renewed.has_error()) {
    ROOTLET_TRY(keys.forget_fact(kFact));
    log_warning("the home has no anchor any more: " + renewed.error().message);
  }
  log_info("the platform was heard: the data of this home is open again");
  return save_copy_lock(keys, {});
}

}  // namespace rootlet::agent
