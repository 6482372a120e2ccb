// Cloned machines, restored platforms, strangers, replays, forged answers, unreadable batches:
// nothing is lost, duplicated or wrongly trusted.
#include <algorithm>

#include "core/limits.hpp"
#include "tests/platform/intake/loopback.hpp"

namespace rootlet::platform {
namespace {

using namespace rootlet::test;

struct Scene {
  TempDir folder;
  World world{folder.path()};
  Intake intake = world.open_intake();
  DirectLink link{world, intake};

  std::string save(Outbox& outbox, const std::string& name, std::int64_t people = 3) {
    return must(outbox.save(loose_visit_form(), a_record(name, people), world.now));
  }
  void copy(const std::string& from, const std::string& to) {
    // All data is in the main file once every connection is closed.
    std::filesystem::copy_file(world.path(from), world.path(to),
                               std::filesystem::copy_options::overwrite_existing);
  }
  std::size_t records() { return must(intake.list({.limit = 10'000})).records.size(); }
  void expect_all_accepted(Outbox& outbox, std::size_t count) {
    const OutboxCounts counts = must(outbox.counts());
    CHECK(counts.of(RecordState::kAccepted) == static_cast<std::int64_t>(count));
    CHECK(must(outbox.list({.limit = 10'000})).size() == count);
  }
};

TEST_CASE("fork: a cloned machine gets its own batch chain, and no record is lost or duplicated") {
  Scene scene;
  {
    Outbox outbox = scene.world.open_outbox("a.db");
    scene.save(outbox, "before");
    exchange(scene.world, outbox, scene.intake, scene.link);
    scene.save(outbox, "saved before the cloning");
  }
  scene.copy("a.db", "b.db");
  Outbox a = scene.world.open_outbox("a.db"), b = scene.world.open_outbox("b.db");
  scene.save(a, "only a");
  scene.save(b, "only b");
  exchange(scene.world, a, scene.intake, scene.link);
  const PushReport forked = exchange(scene.world, b, scene.intake, scene.link);
  CHECK(forked.lines_quarantined == 1);
  exchange(scene.world, a, scene.intake, scene.link);
  scene.expect_all_accepted(a, 3);
  scene.expect_all_accepted(b, 3);
  CHECK(scene.records() == 4);  // before, shared, only a, only b
  CHECK(must(b.counts()).quarantined_chains == 1);
  const std::vector<ChainSummary> chains = must(b.chains());
  REQUIRE(chains.size() == 2);
  CHECK(std::count_if(chains.begin(), chains.end(), [](const ChainSummary& chain) {
          return chain.quarantined && chain.reason == "fork";
        }) == 1);
}

TEST_CASE("fork: a machine restored from an old copy continues and duplicates nothing") {
  Scene scene;
  {
    Outbox outbox = scene.world.open_outbox("a.db");
    scene.save(outbox, "one");
  }
  scene.copy("a.db", "old.db");
  {
    Outbox outbox = scene.world.open_outbox("a.db");
    scene.save(outbox, "two, which the restored copy never knew");
    exchange(scene.world, outbox, scene.intake, scene.link);
  }
  Outbox restored = scene.world.open_outbox("old.db");
  scene.save(restored, "three");
  exchange(scene.world, restored, scene.intake, scene.link);
  scene.expect_all_accepted(restored, 2);
  CHECK(scene.records() == 3);
}

TEST_CASE("fork: two clones that changed the same record both get a conflict") {
  Scene scene;
  std::string id;
  {
    Outbox outbox = scene.world.open_outbox("a.db");
    id = scene.save(outbox, "same");
  }
  scene.copy("a.db", "b.db");
  Outbox a = scene.world.open_outbox("a.db"), b = scene.world.open_outbox("b.db");
  Record changed = a_record("changed in b");
  changed.id = id;
  must(b.save(visit_form(), changed, scene.world.now));
  exchange(scene.world, a, scene.intake, scene.link);
  exchange(scene.world, b, scene.intake, scene.link);
  CHECK(must(a.show(id)).summary.state == RecordState::kAccepted);
  CHECK(must(b.show(id)).summary.state == RecordState::kReturned);
  CHECK(must(b.show(id)).summary.objections.at(0).reason == "conflict");
  CHECK(must(scene.intake.show(id)).record.values.at("name") == "same");
}

TEST_CASE("gap: a platform restored from an old copy gets the lost batches again") {
  Scene scene;
  Outbox outbox = scene.world.open_outbox();
  scene.save(outbox, "one");
  exchange(scene.world, outbox, scene.intake, scene.link);
  TempDir old_folder;
  World old_world(old_folder.path());
  {
    // The platform's state after the first batch.
    Intake old_intake = old_world.open_intake();
    REQUIRE(old_intake.accept_batch(scene.link.sent[0], old_world.offices, old_world.now).status ==
            200);
    must(old_intake.validate_pending(old_world.offices, old_world.forms, old_world.now));
  }
  scene.save(outbox, "two");
  exchange(scene.world, outbox, scene.intake, scene.link);
  scene.save(outbox, "three");
  exchange(scene.world, outbox, scene.intake, scene.link);
  scene.save(outbox, "four");

  Intake restored = old_world.open_intake();
  DirectLink link(old_world, restored);
  const PushReport report = exchange(old_world, outbox, restored, link);
  CHECK(report.batches_resent == 1);
  CHECK(report.lines_quarantined == 0);
  scene.expect_all_accepted(outbox, 4);
  CHECK(must(restored.list({})).records.size() == 4);
  // Its mail sequence went back too, so the office reads its mail again from the start.
  scene.save(outbox, "five");
  exchange(old_world, outbox, restored, link);
  scene.expect_all_accepted(outbox, 5);
}

TEST_CASE("gap: records whose sealed batch is gone are sent again on a new batch chain") {
  Scene scene;
  Outbox outbox = scene.world.open_outbox();
  scene.save(outbox, "one");
  exchange(scene.world, outbox, scene.intake, scene.link);
  // A hundred days after its judgement the office no longer has the sealed batch.
  must(outbox.erase_expired(scene.world.now + std::chrono::days(100)));
  scene.save(outbox, "two");
  TempDir folder;
  World empty_world(folder.path());
  Intake empty = empty_world.open_intake();
  DirectLink link(empty_world, empty);
  const PushReport report = exchange(empty_world, outbox, empty, link);
  CHECK(report.lines_quarantined == 1);
  scene.expect_all_accepted(outbox, 2);
  CHECK(must(empty.list({})).records.size() == 1);
}

TEST_CASE("gate: strangers, other realms, other types and damaged bytes are rejected") {
  Scene scene;
  Outbox outbox = scene.world.open_outbox();
  scene.save(outbox, "x");
  must(outbox.seal_batches(scene.world.identity(), scene.world.now));
  const PendingBatch batch = *must(outbox.next_pending());
  const auto status = [&](const Bytes& bytes) {
    return scene.intake.accept_batch(bytes, scene.world.offices, scene.world.now).status;
  };
  const auto sealed_as = [&](EnvelopeHeader header, const SigningKey& key) {
    return seal_envelope(header, as_bytes("x"), key, scene.world.ingest_key.public_key);
  };
  const EnvelopeHeader good = must(peek_envelope(batch.envelope));
  const SigningKey& own = scene.world.office_signing;

  CHECK(status({}) == 400);
  CHECK(status(to_bytes("not an envelope")) == 400);
  CHECK(status(Bytes(limits::kBatchBytes + 1)) == 413);
  EnvelopeHeader other = good;
  other.realm = "ffff";
  CHECK(status(sealed_as(other, own)) == 403);
  other = good;
  other.type = "mail";
  CHECK(status(sealed_as(other, own)) == 403);
  other = good;
  other.from = "nobody";
  CHECK(status(sealed_as(other, own)) == 403);
  CHECK(status(sealed_as(good, SigningKey::generate())) == 403);
  other = good;
  other.sequence = 0;
  CHECK(status(sealed_as(other, own)) == 403);
  other = good;
  other.previous.fill(1);
  CHECK(status(sealed_as(other, own)) == 400);
  Bytes bent = batch.envelope;
  bent[bent.size() / 2] ^= 1;
  CHECK(status(bent) == 403);
  CHECK(must(scene.intake.counts()).batches_waiting == 0);

  scene.world.offices.keys["xinfeng"].status = OfficeStatus::kRevoked;
  CHECK(status(batch.envelope) == 403);
  CHECK(status(batch.envelope) == 403);
  const std::vector<KeptBatches> kept = must(scene.intake.kept_batches());
  REQUIRE(kept.size() == 1);
  CHECK(kept[0].office == "xinfeng");
  CHECK(kept[0].batches == 1);  // the same bytes twice
  CHECK(must(scene.intake.counts()).batches_waiting == 0);
  scene.world.offices.keys["xinfeng"].status = OfficeStatus::kSuspended;
  CHECK(status(batch.envelope) == 200);
}

TEST_CASE("gate: sequences have no gaps, and another batch under a held number is a fork") {
  Scene scene;
  const auto post = [&](std::uint64_t sequence, const Hash256& previous, Bytes& kept) {
    const EnvelopeHeader header{.type = "batch",
                                .realm = std::string(kRealm),
                                .from = "xinfeng",
                                .to = "platform",
                                .chain = "l1",
                                .sequence = sequence,
                                .previous = previous};
    kept = seal_envelope(header, as_bytes("x"), scene.world.office_signing,
                         scene.world.ingest_key.public_key);
    return scene.intake.accept_batch(kept, scene.world.offices, scene.world.now);
  };
  const auto said = [&](const GatewayAnswer& answer) {
    return must(verify_answer(answer.body, std::vector{scene.world.statement_key.public_key}));
  };
  Bytes first, second, other;
  const GatewayAnswer early = post(2, {}, other);
  CHECK(early.status == 409);
  CHECK(said(early).type == AnswerType::kGap);
  CHECK(said(early).sequence == 1);
  CHECK(post(1, {}, first).status == 200);
  const GatewayAnswer astray = post(2, blake2b(as_bytes("astray")), other);
  CHECK(astray.status == 409);
  CHECK(said(astray).type == AnswerType::kFork);
  CHECK(said(astray).sequence == 1);
  CHECK(said(astray).batch == envelope_hash(first));
  CHECK(post(2, envelope_hash(first), second).status == 200);
  const GatewayAnswer again = post(2, envelope_hash(first), other);
  CHECK(again.status == 409);
  CHECK(said(again).type == AnswerType::kFork);
  CHECK(said(again).batch == envelope_hash(second));
}

TEST_CASE("receipt: a changed, forged or misplaced answer changes no state") {
  Scene scene;
  Outbox outbox = scene.world.open_outbox();
  const std::string id = scene.save(outbox, "x");
  must(outbox.seal_batches(scene.world.identity(), scene.world.now));
  const PendingBatch batch = *must(outbox.next_pending());
  const SigningKey& key = scene.world.statement_key;
  const BatchAnswer good{.type = AnswerType::kReceived,
                         .realm = std::string(kRealm),
                         .office = "xinfeng",
                         .chain = batch.chain,
                         .sequence = 1,
                         .batch = batch.hash,
                         .at = scene.world.now};
  const auto refused = [&](const std::string& text) {
    CHECK(code_of(outbox.apply_answer(scene.world.identity(), batch, text)) ==
          ErrorCode::kUntrusted);
    CHECK(must(outbox.show(id)).summary.state == RecordState::kSealed);
    CHECK(must(outbox.next_pending()).has_value());
  };
  refused("");
  refused("{}");
  refused(sign_answer(good, SigningKey::generate()));
  const auto changed = [&](auto change) {
    BatchAnswer answer = good;
    change(answer);
    return sign_answer(answer, key);
  };
  refused(changed([](BatchAnswer& answer) { answer.realm = "ffff"; }));
  refused(changed([](BatchAnswer& answer) { answer.office = "other"; }));
  refused(changed([](BatchAnswer& answer) { answer.chain = "other"; }));
  refused(changed([](BatchAnswer& answer) { answer.sequence = 2; }));
  refused(changed([](BatchAnswer& answer) { answer.batch.fill(0); }));
  refused(changed([](BatchAnswer& answer) { answer.type = AnswerType::kFork; }));
  refused(changed([](BatchAnswer& answer) {
    answer.type = AnswerType::kFork;
    answer.sequence = 9;
  }));
  refused(changed([](BatchAnswer& answer) { answer.type = AnswerType::kGap; }));
  std::string bent = sign_answer(good, key);
  bent[bent.find("received")] = 'R';
  refused(bent);
  const AnswerOutcome taken =
      must(outbox.apply_answer(scene.world.identity(), batch, sign_answer(good, key)));
  CHECK(taken == AnswerOutcome::kReceived);
  CHECK(must(outbox.show(id)).summary.state == RecordState::kReceived);
}

TEST_CASE("mail: forged, misdirected, skipped or reordered mail is rejected and changes no state") {
  Scene scene;
  Outbox outbox = scene.world.open_outbox();
  const std::string id = scene.save(outbox, "x");
  PushReport report;
  must(push_batches(outbox, scene.world.identity(), scene.link, scene.world.now, report));
  must(scene.intake.validate_pending(scene.world.offices, scene.world.forms, scene.world.now));
  const auto statement =
      sign_statement(json::object{{"type", "note"}}, "rootlet order v1", scene.world.statement_key);
  for (int i = 0; i < 3; ++i) {
    must(scene.intake.send_mail("xinfeng", statement, scene.world.offices, scene.world.now));
  }
  const std::string address = mailbox_address(scene.world.office_signing.public_key);
  const MailPage page = must(scene.intake.mailbox(address, 0));
  REQUIRE(page.mail.size() == 4);
  const auto apply = [&](const Mail& mail) {
    return outbox.apply_mail(scene.world.identity(), mail);
  };
  Mail bent = page.mail[0];
  bent.envelope[40] ^= 1;
  CHECK(code_of(apply(bent)) == ErrorCode::kUntrusted);
  Mail renumbered = page.mail[0];
  renumbered.sequence = 7;
  CHECK(code_of(apply(renumbered)) == ErrorCode::kUntrusted);

  const auto sealed_as = [&](auto change) {
    EnvelopeHeader header = must(peek_envelope(page.mail[0].envelope));
    change(header);
    return Mail{header.sequence, seal_envelope(header, as_bytes("x"), scene.world.statement_key,
                                               scene.world.office_sealing.public_key)};
  };
  CHECK(code_of(apply(sealed_as([](auto& h) { h.to = "other"; }))) == ErrorCode::kUntrusted);
  CHECK(code_of(apply(sealed_as([](auto& h) { h.realm = "ff"; }))) == ErrorCode::kUntrusted);
  CHECK(code_of(apply(sealed_as([](auto& h) { h.type = "grant"; }))) == ErrorCode::kUntrusted);
  CHECK(code_of(apply(sealed_as([](auto& h) { h.from = "office"; }))) == ErrorCode::kUntrusted);
  CHECK(must(outbox.mail_position()).sequence == 0);
  CHECK(must(outbox.show(id)).summary.state == RecordState::kReceived);

  CHECK(must(apply(page.mail[0])).accepted == 1);
  CHECK(code_of(apply(page.mail[2])) == ErrorCode::kUntrusted);
  CHECK(must(apply(page.mail[0])).kind == MailOutcome::Kind::kKnown);
  CHECK(must(apply(page.mail[1])).kind == MailOutcome::Kind::kOther);
  CHECK(must(outbox.mail_position()).sequence == 2);
  CHECK(must(outbox.show(id)).summary.state == RecordState::kAccepted);
}

TEST_CASE("mail: signed mail that this machine cannot open delays nothing") {
  Scene scene;
  Outbox outbox = scene.world.open_outbox();
  const std::string id = scene.save(outbox, "x");
  scene.world.offices.keys["xinfeng"].sealing_key = SealingKey::generate().public_key;
  must(scene.intake.send_mail("xinfeng", "x", scene.world.offices, scene.world.now));
  scene.world.offices.keys["xinfeng"].sealing_key = scene.world.office_sealing.public_key;
  exchange(scene.world, outbox, scene.intake, scene.link);
  CHECK(must(outbox.show(id)).summary.state == RecordState::kAccepted);
}

TEST_CASE("mail: a stranger's address is an empty mailbox") {
  Scene scene;
  CHECK(must(scene.intake.mailbox(std::string(32, 'a'), 0)).mail.empty());
  CHECK(must(scene.intake.mailbox("../etc", 0)).mail.empty());
}

// A batch that no honest office makes, as the next of batch chain "poison".
Bytes poison(World& world, std::uint64_t sequence, const Hash256& previous, ByteView payload,
             const SealingPublicKey& ingest_key) {
  const EnvelopeHeader header{.type = "batch",
                              .realm = std::string(kRealm),
                              .from = world.office,
                              .to = "platform",
                              .chain = "poison",
                              .sequence = sequence,
                              .previous = previous};
  return seal_envelope(header, payload, world.office_signing, ingest_key);
}

TEST_CASE("poison: unreadable batches are kept and answered, and delay no other") {
  Scene scene;
  World& world = scene.world;
  Hash256 previous{};
  std::uint64_t sequence = 0;
  const auto post = [&](ByteView payload, const SealingPublicKey& ingest_key) {
    const Bytes envelope = poison(world, ++sequence, previous, payload, ingest_key);
    previous = envelope_hash(envelope);
    CHECK(scene.intake.accept_batch(envelope, world.offices, world.now).status == 200);
  };
  const SealingPublicKey& right = world.ingest_key.public_key;
  BatchContent elsewhere{.office = "other", .chain = "poison", .sequence = 2, .records = {}};
  elsewhere.records.push_back(a_record("x"));
  elsewhere.records[0].id = new_record_id();
  elsewhere.records[0].form = "visit";
  post(as_bytes("not zstd"), right);
  post(encode_batch(elsewhere), right);
  post(encode_batch({.office = world.office, .chain = "poison", .sequence = 3, .records = {}}),
       right);
  post(as_bytes("sealed to nobody"), SealingKey::generate().public_key);

  Outbox outbox = world.open_outbox();
  const std::string id = scene.save(outbox, "x");
  exchange(world, outbox, scene.intake, scene.link);
  CHECK(must(outbox.show(id)).summary.state == RecordState::kAccepted);
  const IntakeCounts counts = must(scene.intake.counts());
  CHECK(counts.quarantined == 4);
  CHECK(counts.batches_waiting == 0);
  CHECK(counts.accepted == 1);
  // Each was answered: four quarantines and one judgement.
  const MailPage page =
      must(scene.intake.mailbox(mailbox_address(world.office_signing.public_key), 0));
  CHECK(page.mail.size() == 5);
}

TEST_CASE("poison: records of an unreadable batch are sent again alone, which finds the bad one") {
  Scene scene;
  World& world = scene.world;
  Outbox outbox = world.open_outbox();
  std::vector<std::string> ids;
  for (int i = 0; i < 3; ++i) ids.push_back(scene.save(outbox, std::to_string(i)));
  // The platform cannot open a batch that is sealed to another ingest key.
  UplinkIdentity astray = world.identity();
  astray.ingest_key = SealingKey::generate().public_key;
  must(outbox.seal_next_batch(astray, world.now));
  exchange(world, outbox, scene.intake, scene.link);
  for (const std::string& id : ids) {
    CHECK(must(outbox.show(id)).summary.state == RecordState::kSaved);
  }
  must(outbox.seal_next_batch(astray, world.now));  // the first record, alone, wrong key again
  exchange(world, outbox, scene.intake, scene.link);
  CHECK(must(outbox.show(ids[0])).summary.state == RecordState::kReturned);
  CHECK(must(outbox.show(ids[0])).summary.objections.at(0).reason == "quarantined");
  CHECK(must(outbox.show(ids[1])).summary.state == RecordState::kAccepted);
  CHECK(must(outbox.show(ids[2])).summary.state == RecordState::kAccepted);
  must(outbox.fix(visit_form(), ids[0], {{"name", "again"}}, {}, world.now));
  exchange(world, outbox, scene.intake, scene.link);
  CHECK(must(outbox.show(ids[0])).summary.state == RecordState::kAccepted);
}

TEST_CASE("validate: a second validation of the same files validates nothing twice") {
  Scene scene;
  Outbox outbox = scene.world.open_outbox();
  scene.save(outbox, "x");
  PushReport report;
  must(push_batches(outbox, scene.world.identity(), scene.link, scene.world.now, report));
  Intake other = scene.world.open_intake();
  CHECK(must(other.validate_pending(scene.world.offices, scene.world.forms, scene.world.now))
            .accepted == 1);
  CHECK(must(scene.intake.validate_pending(scene.world.offices, scene.world.forms, scene.world.now))
            .batches == 0);
  CHECK(scene.records() == 1);
}

TEST_CASE("push: false answers of the link are reported and change no state") {
  Scene scene;
  Outbox outbox = scene.world.open_outbox();
  const std::string id = scene.save(outbox, "x");
  scene.link.tamper = [](std::string body) {
    body[body.size() / 2] ^= 1;
    return body;
  };
  PushReport report;
  CHECK(code_of(push_batches(outbox, scene.world.identity(), scene.link, scene.world.now,
                             report)) == ErrorCode::kUntrusted);
  CHECK(must(outbox.show(id)).summary.state == RecordState::kSealed);
  scene.link.tamper = nullptr;
  exchange(scene.world, outbox, scene.intake, scene.link);
  CHECK(must(outbox.show(id)).summary.state == RecordState::kAccepted);
}

}  // namespace
}  // namespace rootlet::platform
